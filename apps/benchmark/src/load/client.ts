import { setImmediate } from 'node:timers/promises';
import { DsmError } from '@dsm/core';
import type { Memory } from '../memory.js';
import type { KeySpace } from '../workload/key-space.js';
import type { Step } from '../workload/workload.js';
import type { Clock } from './clock.js';
import { kindCode, outcomeCode } from './columns.js';
import type { Recorder } from './recorder.js';
import type { Tally } from './tally.js';
import { absent, mangled, type ValueId, type Values } from './values.js';

/** What the clients of one member share. */
export interface Bench {
  readonly memory: Memory;
  readonly keys: KeySpace;
  readonly values: Values;
  /** When operations end, or later. */
  readonly clock: Clock;
  /** When they begin, or earlier. */
  readonly startClock: Clock;
  readonly tally: Tally;
  /** `undefined` when nothing is to be checked. */
  readonly recorder: Recorder | undefined;
  /** Whether operations are timed. */
  measuring: boolean;
  /** Whether the checked sample is to have enough of the operations that end now. */
  sampling: boolean;
  /** What the clock said when an operation ended last. */
  latest: number;
  /** The name of the next client in the history. */
  nextClient: number;
}

/** What was found under a key. */
interface Found {
  readonly id: ValueId;
  readonly value: string | undefined;
}

/** Performs steps one after the other, and times and records each operation. */
export class Client {
  private readonly bench: Bench;
  private name: number;
  /** Since when the running operation is timed: its intended start in an open loop. */
  private since: number | undefined;
  /** What was begun and has not ended. */
  private kind: number = kindCode.read;
  private key = 0;
  private id: ValueId = absent;
  private start = 0;

  constructor(bench: Bench) {
    this.bench = bench;
    this.name = bench.nextClient++;
  }

  /** Whether it did what it was told; where it is timed from an intended start, that is its first operation's. */
  perform(step: Step, since?: number): Promise<boolean> {
    this.since = since;
    const { memory, keys } = this.bench;
    const swaps = memory.compareAndSwap !== undefined;
    switch (step.action) {
      case 'delete':
        return this.delete(step.key, keys.nameOf(step.key));
      case 'create':
        if (!swaps) return this.plainly(step);
        return this.swap(step, { id: absent, value: undefined });
      case 'exchange':
        return swaps ? this.readAndReplace(step) : this.plainly(step);
      case 'modify':
        return this.readAndReplace(step);
      default:
        return this.plainly(step);
    }
  }

  /**
   * Begins a step that is a read or a write and nothing else, and gives what the memory promises; then it is told how
   * that ended: `end` or `fail`. In two parts, so that a loop awaits the memory itself and no promise around it, which
   * beside a local read is much.
   */
  begin(step: Step, since?: number): Promise<unknown> {
    this.since = since;
    const { memory, keys, startClock, values } = this.bench;
    const name = keys.nameOf(step.key);
    this.key = step.key;
    if (step.action === 'read') {
      this.kind = kindCode.read;
      this.start = startClock();
      return memory.read(name);
    }
    const { id, value } = values.make(step.bytes);
    this.kind = kindCode.write;
    this.id = id;
    this.start = startClock();
    return memory.write(name, value);
  }

  /** What was begun has ended with this result. */
  end(result: unknown): void {
    const { key, id, start } = this;
    if (this.kind === kindCode.read) {
      this.found(key, result, start);
      return;
    }
    const { memory, clock, tally } = this.bench;
    const end = clock();
    this.record(kindCode.write, outcomeCode.ok, key, id, absent, start, end, memory.placeOf?.(result));
    this.time(tally.writes, start, end);
  }

  /** What was begun has failed. */
  fail(error: unknown): Promise<false> {
    if (this.kind === kindCode.read) return this.failToRead(error);
    return this.failToChange(error, kindCode.write, this.key, this.id, absent, this.start);
  }

  private async plainly(step: Step): Promise<boolean> {
    let result: unknown;
    try {
      result = await this.begin(step, this.since);
    } catch (error) {
      return this.fail(error);
    }
    this.end(result);
    return true;
  }

  private async readAndReplace(step: Step): Promise<boolean> {
    const found = await this.read(step.key, this.bench.keys.nameOf(step.key));
    this.since = undefined;
    if (found === undefined) return false;
    return this.bench.memory.compareAndSwap === undefined ? this.plainly(step) : this.swap(step, found);
  }

  private async read(key: number, name: string): Promise<Found | undefined> {
    const { memory, startClock } = this.bench;
    const start = startClock();
    let value: unknown;
    try {
      value = await memory.read(name);
    } catch (error) {
      await this.failToRead(error);
      return undefined;
    }
    return { id: this.found(key, value, start), value: value as string | undefined };
  }

  /** A read that failed told nothing, so there is nothing to check. */
  private async failToRead(error: unknown): Promise<false> {
    this.count(error);
    await setImmediate();
    return false;
  }

  /** Times and records a read. Where nothing is checked values are not looked at: that would cost more than to read. */
  private found(key: number, value: unknown, start: number): ValueId {
    const { clock, keys, values, tally, recorder } = this.bench;
    const end = clock();
    let id = absent;
    if (recorder !== undefined) {
      id = values.identify(value);
      if (id === mangled) tally.mangled ??= `${keys.nameOf(key)} held ${excerpt(value)}`;
      else this.record(kindCode.read, outcomeCode.ok, key, id, absent, start, end);
    }
    this.time(tally.reads, start, end);
    return id;
  }

  private async delete(key: number, name: string): Promise<boolean> {
    const { memory, clock, startClock, tally } = this.bench;
    const start = startClock();
    try {
      await memory.delete(name);
    } catch (error) {
      return this.failToChange(error, kindCode.delete, key, absent, absent, start);
    }
    const end = clock();
    this.record(kindCode.delete, outcomeCode.ok, key, absent, absent, start, end);
    this.time(tally.writes, start, end);
    return true;
  }

  private async swap({ key, bytes }: Step, expected: Found): Promise<boolean> {
    const { memory, keys, clock, startClock, values, tally } = this.bench;
    const { id, value } = values.make(bytes);
    const start = startClock();
    let swapped: Awaited<ReturnType<NonNullable<Memory['compareAndSwap']>>> | undefined;
    try {
      swapped = await memory.compareAndSwap?.(keys.nameOf(key), expected.value, value);
    } catch (error) {
      return this.failToChange(error, kindCode.cas, key, id, expected.id, start);
    }
    const end = clock();
    const outcome = swapped?.ok === true ? outcomeCode.ok : outcomeCode.unequal;
    if (this.bench.measuring) tally.swapped(swapped?.ok === true);
    const place = swapped?.ok === true ? memory.placeOf?.(swapped.version) : 0;
    this.record(kindCode.cas, outcome, key, id, expected.id, start, end, place);
    this.time(tally.writes, start, end);
    return true;
  }

  private record(
    kind: number,
    outcome: number,
    key: number,
    value: number,
    expected: number,
    start: number,
    end: number,
    place = 0,
  ): void {
    const { recorder, sampling } = this.bench;
    const measured = sampling && outcome !== outcomeCode.unknown;
    recorder?.add(kind, outcome, measured, this.name, key, value, expected, start, end, place);
  }

  private time(latencies: Tally['reads'], start: number, end: number): void {
    const { measuring, tally } = this.bench;
    this.bench.latest = end;
    tally.performed += 1;
    if (!measuring) return;
    latencies.record(end - (this.since ?? start));
    if (end > tally.lastEnd) tally.lastEnd = end;
  }

  /** A change that failed: it is left out of the history if it surely did not happen. */
  private async failToChange(
    error: unknown,
    kind: number,
    key: number,
    value: number,
    expected: number,
    start: number,
  ): Promise<false> {
    this.count(error);
    if (!(DsmError.is(error) && error.outcome === 'not-applied')) {
      this.record(kind, outcomeCode.unknown, key, value, expected, start, Number.POSITIVE_INFINITY);
      // Its operation may still be under way: whoever goes on is somebody else.
      this.name = this.bench.nextClient++;
    }
    // A memory that refuses at once must not keep this process from hearing that it works again.
    await setImmediate();
    return false;
  }

  private count(error: unknown): void {
    const { tally, clock } = this.bench;
    this.bench.latest = clock();
    tally.performed += 1;
    tally.fail(DsmError.is(error) ? error.code : String(error));
  }
}

function excerpt(value: unknown): string {
  if (typeof value !== 'string') return `a value of type ${typeof value}`;
  return `${value.length} characters that begin with ${JSON.stringify(value.slice(0, 24))}`;
}
