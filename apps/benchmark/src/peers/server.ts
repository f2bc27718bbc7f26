import type { ServerReport } from '@dsm/core';

/** What a server has used since it started. */
export interface Usage {
  readonly cpuSeconds: number;
  readonly residentBytes: number;
  /** Bytes in and out of it; NaN where nobody counts them. */
  readonly bytes: number;
}

/** A server that a system's members are clients of. */
export interface Server {
  readonly address: string;
  /** What is known from how it was started; it weighs more than what members hear from the server. */
  readonly report: Partial<ServerReport>;
  usage(): Promise<Usage>;
  /** Bytes in use, without what could be freed if the server can tell: what entries make grow. */
  held(): Promise<number>;
  stop(): Promise<void>;
}

/** A program that a system needs is not installed. */
export class MissingProgram extends Error {
  constructor(program: string, system: string) {
    super(`${system} cannot be measured: there is no ${program} on PATH. Install it, or leave it out.`);
    this.name = 'MissingProgram';
  }
}
