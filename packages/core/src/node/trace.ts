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

/** Calls a function of the user's, which must disturb nobody: that it threw, now or as a promise, is only reported. */
export function quietly<T>(listener: (argument: T) => unknown, argument: T, failed: () => void): void {
  try {
    const result = listener(argument);
    if (result instanceof Promise) result.catch(failed);
  } catch {
    failed();
  }
}
