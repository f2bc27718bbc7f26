/** Something that happened at a member, as `trace` is told of it. */
export interface TraceEvent {
  readonly kind: 'invoke' | 'return' | 'send' | 'receive' | 'apply' | 'view' | 'state';
  readonly member: string;
  /** Milliseconds of the member's own clock, which never runs backwards. */
  readonly atMs: number;
  readonly operation?: number | undefined;
  readonly key?: string | undefined;
  readonly peer?: string | undefined;
  /** The message, the outcome, the view or the new state. */
  readonly detail?: unknown;
}

export type Trace = (event: TraceEvent) => void;
