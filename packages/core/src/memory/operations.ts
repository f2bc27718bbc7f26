import type { World } from '../node/world.js';
import type { OperationId, Result } from '../protocol.js';
import { DsmError, type DsmErrorCode } from './error.js';
import { Histogram } from './histogram.js';
import { delay } from './options.js';
import type { OperationCounts, OperationKind, OperationOptions } from './shared-memory.js';

/** An operation that has not ended. */
interface Operation {
  readonly kind: OperationKind;
  readonly startedMs: number;
  readonly deadlineMs: number;
  readonly resolve: (value: never) => void;
  readonly reject: (reason: unknown) => void;
  /** Makes what the user gets of what the replica says. */
  readonly finish: (result: Result) => unknown;
  /** Hands the operation to the replica; kept while it waits for room. */
  start: (() => void) | undefined;
  readonly unlisten: (() => void) | undefined;
}

/** Counts of one kind. */
class Tally {
  ok = 0;
  failed = 0;
  unknown = 0;
  readonly histogram = new Histogram();

  counts(): OperationCounts {
    const { ok, failed, unknown } = this;
    return { ok, failed, unknown, latency: this.histogram.latencies() };
  }
}

export interface OperationsOptions {
  readonly world: World;
  readonly timeoutMs: number;
  readonly operationsPendingMax: number;
  /** Whether operations may be handed to the replica now. */
  readonly admits: () => boolean;
  /** The code of an operation whose time ran out: it depends on whether the member is suspended. */
  readonly timeoutCode: () => DsmErrorCode;
}

/**
 * The operations of a member that have not ended, each with its promise, its time limit and its place in the count. Every
 * one ends: by the replica, by time, by abort or by closing.
 */
export class Operations {
  private readonly options: OperationsOptions;
  private readonly pending = new Map<OperationId, Operation>();
  /** Ended for the user, but not at the replica, which may hold them until a quorum is back: they count as pending. */
  private readonly abandoned = new Set<OperationId>();
  /** Those that wait for room on the links, in order. */
  private readonly waiting = new Set<OperationId>();
  private readonly tallies = { read: new Tally(), write: new Tally(), swap: new Tally() };
  private lastId = 0;
  private wakeMs = Number.POSITIVE_INFINITY;
  private cancelWake: (() => void) | undefined;

  constructor(options: OperationsOptions) {
    this.options = options;
  }

  get size(): number {
    return this.pending.size + this.abandoned.size;
  }

  /** Begins an operation; `start` hands it to the replica under its id. */
  begin<T>(
    kind: OperationKind,
    options: OperationOptions | undefined,
    finish: (result: Result) => T,
    start: (operation: OperationId) => void,
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.size >= this.options.operationsPendingMax) {
        this.tallies[kind].failed += 1;
        return reject(new DsmError('DSM_OVERLOADED', `${this.size} operations are pending already`));
      }
      if (options?.signal?.aborted) return reject(options.signal.reason);
      const timeoutMs = delay('timeout', options?.timeout, this.options.timeoutMs);
      const startedMs = this.options.world.now();
      const id = ++this.lastId;
      const operation: Operation = {
        kind,
        startedMs,
        deadlineMs: startedMs + timeoutMs,
        resolve,
        reject,
        finish,
        start: undefined,
        unlisten: this.listen(id, options?.signal),
      };
      this.pending.set(id, operation);
      this.wakeBy(operation.deadlineMs);
      if (this.waiting.size === 0 && this.options.admits()) return start(id);
      operation.start = () => start(id);
      this.waiting.add(id);
    });
  }

  /** The replica has ended an operation. */
  complete(id: OperationId, result: Result): void {
    const operation = this.pending.get(id);
    if (operation === undefined) {
      this.abandoned.delete(id);
      return;
    }
    this.pending.delete(id);
    operation.unlisten?.();
    const tally = this.tallies[operation.kind];
    tally.ok += 1;
    tally.histogram.record((this.options.world.now() - operation.startedMs) * 1000);
    try {
      operation.resolve(operation.finish(result) as never);
    } catch (error) {
      operation.reject(error);
    }
  }

  /** Room may have been made on the links. */
  admit(): void {
    for (const id of this.waiting) {
      if (!this.options.admits()) return;
      this.waiting.delete(id);
      const operation = this.pending.get(id);
      const start = operation?.start;
      if (operation !== undefined) operation.start = undefined;
      start?.();
    }
  }

  /** Ends everything: the member is closed or removed. */
  failAll(code: DsmErrorCode, text: string): void {
    for (const id of [...this.pending.keys()])
      this.fail(id, (outcome) => new DsmError(code, text, { outcome }));
    this.abandoned.clear();
    this.cancelWake?.();
    this.cancelWake = undefined;
  }

  counts(): Record<OperationKind, OperationCounts> {
    const { read, write, swap } = this.tallies;
    return { read: read.counts(), write: write.counts(), swap: swap.counts() };
  }

  private fail(id: OperationId, reason: (outcome: 'not-applied' | 'unknown') => unknown): void {
    const operation = this.pending.get(id);
    if (operation === undefined) return;
    this.pending.delete(id);
    operation.unlisten?.();
    const begun = !this.waiting.delete(id);
    if (begun) this.abandoned.add(id);
    const outcome = begun && operation.kind !== 'read' ? 'unknown' : 'not-applied';
    this.tallies[operation.kind][outcome === 'unknown' ? 'unknown' : 'failed'] += 1;
    operation.reject(reason(outcome));
  }

  private listen(id: OperationId, signal: AbortSignal | undefined): (() => void) | undefined {
    if (signal === undefined) return undefined;
    const onAbort = () => this.fail(id, () => signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    return () => signal.removeEventListener('abort', onAbort);
  }

  /** One timer for all: it is set for the earliest time limit, and looks at everything when it fires. */
  private wakeBy(deadlineMs: number): void {
    if (this.wakeMs <= deadlineMs) return;
    this.cancelWake?.();
    this.wakeMs = deadlineMs;
    const delayMs = Math.max(0, deadlineMs - this.options.world.now());
    this.cancelWake = this.options.world.after(delayMs, () => this.expire());
  }

  private expire(): void {
    const nowMs = this.options.world.now();
    let nextMs = Number.POSITIVE_INFINITY;
    for (const [id, operation] of [...this.pending]) {
      if (operation.deadlineMs > nowMs) nextMs = Math.min(nextMs, operation.deadlineMs);
      else this.fail(id, (outcome) => this.tooLate(operation, outcome));
    }
    this.wakeMs = Number.POSITIVE_INFINITY;
    this.cancelWake = undefined;
    // Not more often than it is worth: a limit is kept to within ten milliseconds.
    if (nextMs !== Number.POSITIVE_INFINITY) this.wakeBy(Math.max(nextMs, nowMs + 10));
  }

  private tooLate(operation: Operation, outcome: 'not-applied' | 'unknown'): DsmError {
    const limitMs = Math.round(operation.deadlineMs - operation.startedMs);
    const text = `the ${operation.kind} did not complete within ${limitMs} ms`;
    return new DsmError(this.options.timeoutCode(), text, { outcome });
  }
}
