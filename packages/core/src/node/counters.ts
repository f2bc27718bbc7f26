/** What a node counts. Only ever rises. */
export class Counters {
  readonly messagesOut = { read: 0, write: 0 };
  messagesIn = 0;
  framesOut = 0;
  framesIn = 0;
  bytesOut = 0;
  bytesIn = 0;
  viewChanges = 0;
  /** Calls of the user's `trace` that threw. */
  traceErrors = 0;
  /** Frames and messages dropped, by reason. */
  readonly dropped = new Map<Reason, number>();

  drop(reason: Reason): undefined {
    this.dropped.set(reason, (this.dropped.get(reason) ?? 0) + 1);
  }
}

/** Why something was dropped. */
export type Reason =
  | 'malformed'
  | 'other-version'
  | 'other-group'
  | 'other-birth'
  | 'unknown-member'
  | 'false-name'
  | 'old-epoch'
  | 'epoch-not-entered'
  | 'duplicate'
  | 'link-full'
  | 'suspected'
  | 'duplicate-member'
  | 'mismatch'
  | 'removed-member';
