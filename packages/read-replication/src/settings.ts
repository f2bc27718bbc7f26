/** How a home treats its holders. */
export interface HomeSettings {
  readonly policy: 'invalidate' | 'update';
  readonly whileHeld: 'wait' | 'serve';
}

/** The options of the protocol, complete. */
export interface Settings extends HomeSettings {
  readonly directory: string | undefined;
  /** How many members hold each value whatever happens; a majority where it is left out. */
  readonly replicas: number | undefined;
}
