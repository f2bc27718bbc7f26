import { DsmError, type DsmErrorCode, type DsmOutcome } from '../error.js';
import { IdMap } from '../id-map.js';
import type { World } from '../node/world.js';
import type { Answer, OperationId, Result } from '../protocol.js';
import { onAbort } from './abort.js';
import { Histogram } from './histogram.js';
import { Operation, type Task } from './operation.js';
import { delay, delayMsMax, type Limits } from './options.js';
import type { OperationCounts, OperationKind } from './shared-memory.js';
import { Spell } from './spell.js';

/** What the replica has ended, and its user is still to be told. */
interface Ended {
  readonly operation: Operation;
  readonly result: Result | Answer;
}

/** An operation while it is handed to the replica, which may end it before it returns. */
interface Birth {
  readonly id: OperationId;
  readonly kind: OperationKind;
  result: Result | Answer | undefined;
  error: DsmError | undefined;
  /** Beginning one may begin another: what a watcher reads, for instance. */
  readonly outer: Birth | undefined;
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
  readonly limits: Pick<Limits, 'operationsPendingMax' | 'bytesInFlightMax'>;
  /** Whether operations may be handed to the replica now. */
  readonly admits: () => boolean;
  /** The code of an operation whose time ran out: it depends on whether the member is suspended. */
  readonly timeoutCode: () => DsmErrorCode;
  /** The user gave up an operation that the replica has. */
  readonly abandoned: (operation: OperationId, outcome: DsmOutcome) => void;
}

/**
 * The operations of a member that have not ended, each with its promise, time limit and place in the count. Every
 * one ends: by the replica, by time, by abort or by closing.
 */
export class Operations {
  private readonly options: OperationsOptions;
  private readonly pending = new IdMap<Operation>();
  /**
   * Ended for the user, but not at the replica, which may hold them until a quorum is back: they count as pending. With
   * the bytes they carry.
   */
  private readonly abandoned = new Map<OperationId, number>();
  /** What those carry that the replica has: others may have to hold it, or pass it on, until they end. */
  private bytes = 0;
  /** Those that wait for room, in order. */
  private readonly waiting = new Set<OperationId>();
  private readonly tallies = { read: new Tally(), write: new Tally(), swap: new Tally() };
  private lastId = 0;
  /** What is being begun in the handler that is running now. */
  private birth: Birth | undefined;
  /** Those that ended as they began, and have their users told in the next turn. */
  private flushed: Ended[] = [];
  private readonly spell: Spell;
  /** Whether the operation that was begun last ended as it began. */
  private isQuick = false;
  private wakeMs = Number.POSITIVE_INFINITY;
  private cancelWake: (() => void) | undefined;
  /** The error of every operation from now on. */
  private ended: ((outcome: DsmOutcome) => DsmError) | undefined;

  constructor(options: OperationsOptions) {
    this.options = options;
    this.spell = new Spell(options.world, () => this.settleFlushed());
  }

  get size(): number {
    return this.pending.size + this.abandoned.size;
  }

  begin<T>(task: Task<T>): Promise<T> {
    const { kind, prepare, options } = task;
    if (this.ended !== undefined) return Promise.reject(this.ended('not-applied'));
    if (options?.signal?.aborted) return Promise.reject(options.signal.reason);
    if (this.size >= this.options.limits.operationsPendingMax) {
      this.tallyOf(kind).failed += 1;
      return Promise.reject(new DsmError('DSM_OVERLOADED', `${this.size} operations are pending already`));
    }
    if (prepare === undefined && options === undefined && this.mayStart(task)) return this.beginNow(task);
    return new Promise((resolve, reject) => {
      const timeoutMs = delay('timeout', options?.timeout, this.options.timeoutMs);
      const id = ++this.lastId;
      const operation = new Operation(task, this.options.world.now(), timeoutMs, resolve, reject);
      operation.phase = 'preparing';
      operation.unlisten = this.listen(id, options?.signal);
      this.remember(id, operation);
      if (prepare === undefined) return this.hand(id, operation);
      prepare().then(
        () => this.hand(id, operation),
        (error: unknown) => this.fail(id, () => error),
      );
    });
  }

  /** Many operations end as they begin, such as local writes: for those nothing is kept in mind. */
  private beginNow<T>(task: Task<T>): Promise<T> {
    // To look at the clock takes as long as much of a local write: that is done only where the last one took longer.
    const startedMs = this.isQuick ? undefined : this.options.world.now();
    const id = ++this.lastId;
    const birth: Birth = { id, kind: task.kind, result: undefined, error: undefined, outer: this.birth };
    this.birth = birth;
    task.start(id);
    this.birth = birth.outer;
    const { result, error } = birth;
    this.isQuick = result !== undefined;
    if (error !== undefined) return Promise.reject(error);
    if (result !== undefined && this.mayEnd(task)) return this.answer(task, result);
    return new Promise((resolve, reject) => {
      const begunMs = startedMs ?? this.options.world.now();
      const operation = new Operation(task, begunMs, this.options.timeoutMs, resolve, reject);
      if (result !== undefined) this.flushed.push({ operation, result });
      else {
        this.bytes += task.bytes;
        this.remember(id, operation);
      }
    });
  }

  private answer<T>(task: Task<T>, result: Result | Answer): Promise<T> {
    const tally = this.tallyOf(task.kind);
    if (result.kind === 'refused') {
      const { code, text, outcome } = result;
      tally[outcome === 'unknown' ? 'unknown' : 'failed'] += 1;
      return Promise.reject(new DsmError(code, text, { outcome }));
    }
    tally.ok += 1;
    tally.histogram.record(0);
    try {
      return Promise.resolve(task.finish(result));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  private remember(id: OperationId, operation: Operation): void {
    this.pending.set(id, operation);
    this.wakeBy(operation.deadlineMs);
  }

  /** Whether somebody waits for an operation still. */
  awaits(id: OperationId): boolean {
    return this.pending.has(id) || this.birthOf(id) !== undefined;
  }

  /** The replica has ended an operation. False if the user had given it up. */
  complete(id: OperationId, result: Result | Answer): boolean {
    const operation = this.pending.get(id);
    if (operation === undefined) {
      const birth = this.birthOf(id);
      if (birth !== undefined) birth.result = result;
      else this.forget(id);
      return birth !== undefined;
    }
    this.pending.delete(id);
    this.free(operation.task.bytes);
    operation.unlisten?.();
    if (this.birth?.id === id && !this.mayEnd(operation.task)) this.flushed.push({ operation, result });
    else this.settle(operation, result, this.options.world.now());
    return true;
  }

  /** The replica has ended an operation, and this member may not show how: it has no lease. */
  withhold(id: OperationId): void {
    const text = 'the member has no lease: the others may have gone on without it';
    const lapsed = (outcome: DsmOutcome) => new DsmError('DSM_UNAVAILABLE', text, { outcome });
    const birth = this.birthOf(id);
    if (birth !== undefined) this.miscarry(birth, lapsed);
    this.fail(id, lapsed);
    this.forget(id);
  }

  /** A read was answered at once, without an operation of its own. */
  answered<T>(value: T, bytes: number): Promise<T> {
    const { read } = this.tallies;
    read.ok += 1;
    read.histogram.record(0);
    return this.told(value, bytes);
  }

  /** Something that is known at once: if much of that was told, not before the next turn. */
  told<T>(value: T, bytes: number): Promise<T> {
    if (this.spell.mayShow(bytes)) return Promise.resolve(value);
    return new Promise((resolve) => this.options.world.afterTurn(() => resolve(value)));
  }

  /** The number of an operation that ends without having been kept in mind. */
  nextId(): OperationId {
    this.lastId += 1;
    return this.lastId;
  }

  /** Room may have been made. */
  admit(): void {
    for (const id of this.waiting) {
      const operation = this.pending.get(id) as Operation;
      if (!this.hasRoom(operation.task)) return;
      this.waiting.delete(id);
      this.start(id, operation);
    }
  }

  /** Ends everything, and what is begun later: the member is closed or removed. */
  failAll(code: DsmErrorCode, text: string, cause?: DsmError): void {
    const ended = (outcome: DsmOutcome) => new DsmError(code, text, { outcome, cause });
    this.ended = ended;
    for (let birth = this.birth; birth !== undefined; birth = birth.outer) this.miscarry(birth, ended);
    for (const [id] of this.pending) this.fail(id, ended);
    this.abandoned.clear();
    this.cancelWake?.();
    this.cancelWake = undefined;
  }

  counts(): Record<OperationKind, OperationCounts> {
    const { read, write, swap } = this.tallies;
    return { read: read.counts(), write: write.counts(), swap: swap.counts() };
  }

  /** Not by the kind as a key: V8 finds one constant key at once, and looks for several each time. */
  private tallyOf(kind: OperationKind): Tally {
    const { read, write, swap } = this.tallies;
    return kind === 'read' ? read : kind === 'write' ? write : swap;
  }

  /** Gives an operation to the replica, or puts it behind those that wait for room. */
  private hand(id: OperationId, operation: Operation): void {
    if (!this.pending.has(id)) return; // It ended while it was being prepared.
    if (this.mayStart(operation.task)) return this.start(id, operation);
    operation.phase = 'waiting';
    this.waiting.add(id);
  }

  /** Whether there is room, and nobody else waits for it. */
  private mayStart(task: Task<unknown>): boolean {
    return this.waiting.size === 0 && this.hasRoom(task);
  }

  /** Whether the links have room, and no more is under way than may be. */
  private hasRoom({ bytes }: Task<unknown>): boolean {
    const fits =
      bytes === 0 || this.bytes === 0 || this.bytes + bytes <= this.options.limits.bytesInFlightMax;
    return fits && this.options.admits();
  }

  /** The replica has ended an operation that its user had given up. */
  private forget(id: OperationId): void {
    const bytes = this.abandoned.get(id);
    if (bytes === undefined) return;
    this.abandoned.delete(id);
    this.free(bytes);
  }

  /** What an operation carried is under way no more. */
  private free(bytes: number): void {
    this.bytes -= bytes;
    if (bytes > 0 && this.waiting.size > 0) this.admit();
  }

  private start(id: OperationId, operation: Operation): void {
    operation.phase = 'begun';
    const { kind, bytes } = operation.task;
    this.bytes += bytes;
    this.birth = { id, kind, result: undefined, error: undefined, outer: this.birth };
    operation.task.start(id);
    this.birth = this.birth.outer;
  }

  private birthOf(id: OperationId): Birth | undefined {
    let birth = this.birth;
    while (birth !== undefined && birth.id !== id) birth = birth.outer;
    return birth;
  }

  /** It was begun, and ends before there is anything to be remembered. */
  private miscarry(birth: Birth, reason: (outcome: DsmOutcome) => DsmError): void {
    if (birth.error !== undefined || birth.result !== undefined || this.pending.has(birth.id)) return;
    const outcome = birth.kind === 'read' ? 'not-applied' : 'unknown';
    this.tallyOf(birth.kind)[outcome === 'unknown' ? 'unknown' : 'failed'] += 1;
    birth.error = reason(outcome);
  }

  private settle(operation: Operation, result: Result | Answer, nowMs: number): void {
    const { task, startedMs, resolve, reject } = operation;
    const tally = this.tallyOf(task.kind);
    if (result.kind === 'refused') {
      const { code, text, outcome } = result;
      tally[outcome === 'unknown' ? 'unknown' : 'failed'] += 1;
      reject(new DsmError(code, text, { outcome }));
      return;
    }
    tally.ok += 1;
    tally.histogram.record((nowMs - startedMs) * 1000);
    try {
      resolve(task.finish(result) as never);
    } catch (error) {
      reject(error);
    }
  }

  /** Whether the user of what ended as it began may be told at once. */
  private mayEnd({ kind, bytes }: Task<unknown>): boolean {
    if (kind !== 'read') return this.spell.mayTell(bytes) && this.flushed.length === 0;
    if (this.spell.mayShow(0)) return true;
    this.spell.begin();
    return false;
  }

  private settleFlushed(): void {
    const { flushed } = this;
    this.flushed = [];
    const nowMs = this.options.world.now();
    for (const { operation, result } of flushed) this.settle(operation, result, nowMs);
  }

  private fail(id: OperationId, reason: (outcome: DsmOutcome) => unknown): void {
    const operation = this.pending.get(id);
    if (operation === undefined) return;
    this.pending.delete(id);
    this.waiting.delete(id);
    operation.unlisten?.();
    const begun = operation.phase === 'begun';
    const outcome = begun && operation.task.kind !== 'read' ? 'unknown' : 'not-applied';
    this.tallyOf(operation.task.kind)[outcome === 'unknown' ? 'unknown' : 'failed'] += 1;
    operation.reject(reason(outcome));
    if (!begun) return;
    this.abandoned.set(id, operation.task.bytes);
    this.options.abandoned(id, outcome);
  }

  private listen(id: OperationId, signal: AbortSignal | undefined): (() => void) | undefined {
    if (signal === undefined) return undefined;
    return onAbort(signal, () => {
      this.fail(id, () => signal.reason);
      // Those behind it may fit where it did not.
      this.admit();
    });
  }

  /** One timer for all: it is set for the earliest time limit, and looks at everything when it fires. */
  private wakeBy(deadlineMs: number): void {
    if (this.wakeMs <= deadlineMs) return;
    this.cancelWake?.();
    this.wakeMs = deadlineMs;
    // The difference of two sums may be rounded up, beyond what a timer can hold.
    const delayMs = Math.min(Math.max(0, deadlineMs - this.options.world.now()), delayMsMax);
    this.cancelWake = this.options.world.after(delayMs, () => this.expire());
  }

  private expire(): void {
    const nowMs = this.options.world.now();
    this.wakeMs = Number.POSITIVE_INFINITY;
    this.cancelWake = undefined;
    let nextMs = Number.POSITIVE_INFINITY;
    for (const [id, operation] of this.pending) {
      if (operation.deadlineMs > nowMs) nextMs = Math.min(nextMs, operation.deadlineMs);
      else this.fail(id, (outcome) => this.tooLate(operation, outcome));
    }
    this.admit();
    // Not more often than it is worth: a limit is kept to within ten milliseconds.
    if (nextMs !== Number.POSITIVE_INFINITY) this.wakeBy(Math.max(nextMs, nowMs + 10));
  }

  private tooLate({ task, phase, timeoutMs }: Operation, outcome: DsmOutcome): DsmError {
    const text = `the ${task.kind} did not complete within ${Math.round(timeoutMs)} ms${because[phase]}`;
    return new DsmError(this.options.timeoutCode(), text, { outcome });
  }
}

/** What an operation was waiting for when its time ran out. */
const because = {
  preparing: ': its schema or function had not answered',
  waiting: ': there was no room for it',
  begun: '',
};
