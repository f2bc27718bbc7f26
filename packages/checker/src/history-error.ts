/** A history that cannot be read: what is wrong, and on which line. */
export class HistoryError extends Error {
  override readonly name = 'HistoryError';
  /** What is wrong, without the line. */
  readonly reason: string;
  /** Counted from 1. Undefined when the operation did not come from text. */
  readonly line: number | undefined;

  constructor(reason: string, line?: number) {
    super(line === undefined ? reason : `line ${line}: ${reason}`);
    this.reason = reason;
    this.line = line;
  }
}
