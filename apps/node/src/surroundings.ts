/** Where text goes. */
export interface Output {
  write(text: string): unknown;
}

/** What a command sees of the world. */
export interface Surroundings {
  /** Where relative paths begin. */
  readonly folder: string;
  /** What `-` stands for. */
  readonly input: AsyncIterable<string> | Iterable<string>;
  /** Where the report goes. */
  readonly output: Output;
  /** Where it says what is wrong with its arguments. */
  readonly complaints: Output;
}
