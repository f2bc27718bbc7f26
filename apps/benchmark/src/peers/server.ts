/** What a server has used since it started. */
export interface Usage {
  readonly cpuSeconds: number;
  readonly residentBytes: number;
  /** Bytes in and out of it. */
  readonly bytes: number;
}

/** A server that a system's members are clients of. */
export interface Server {
  readonly address: string;
  usage(): Promise<Usage>;
  stop(): Promise<void>;
}

/** What has to be installed for a system is not. */
export class MissingProgram extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'MissingProgram';
  }
}
