import assert from 'node:assert/strict';
import { checkLinearizable, type Json, type Operation, renderHistory } from '@dsm/checker';
import { DsmError, type Guarantees, type Inspection } from '@dsm/core';
import { judgeHistory, UnjudgedError } from '@dsm/simulator';
import type { Face } from './stage.js';

type PlaceOf = NonNullable<Inspection['placeOf']>;

/** The history of a group: what was invoked and how it ended, by one count of events for all members. */
export class Recorder {
  readonly operations: Operation[] = [];
  private events = 0;
  private clients = 0;
  private written = 0;
  private readonly placeOf: PlaceOf | undefined;

  constructor(placeOf?: PlaceOf | undefined) {
    this.placeOf = placeOf;
  }

  /** A value that nobody else writes. */
  fresh(memory: Face): string {
    this.written += 1;
    return `${memory.id} ${this.written}`;
  }

  async read(memory: Face, key: string): Promise<unknown> {
    return this.record(memory, { op: 'read', key }, async () => ({ value: await memory.read(key) }));
  }

  async write(memory: Face, key: string, value: string = this.fresh(memory)): Promise<void> {
    await this.record(memory, { op: 'write', key, value }, async () => {
      return { value, version: await memory.write(key, value) };
    });
  }

  async delete(memory: Face, key: string): Promise<void> {
    await this.record(memory, { op: 'delete', key }, async () => {
      await memory.delete(key);
      return {};
    });
  }

  async swap(memory: Face, key: string, expected: unknown): Promise<unknown> {
    const value = this.fresh(memory);
    const attempt = { op: 'cas', key, value, expected: expected as Json | undefined } as const;
    return this.record(memory, attempt, async () => {
      const swap = await memory.compareAndSwap(key, expected, value);
      return swap.ok
        ? { ok: true, value, current: value, version: swap.version }
        : { ok: false, value, current: swap.current.value };
    });
  }

  /**
   * One step of a watch: what it yields is what a read could have returned meanwhile. When it was read, between what
   * else the member did meanwhile, nobody knows: a watch is a session of its own.
   */
  async step(
    memory: Face,
    watch: AsyncIterator<{ key: string; value: unknown }>,
    key: string,
  ): Promise<unknown> {
    return this.record(memory, { op: 'read', key, session: `watch of ${memory.id}` }, async () => {
      const { done, value: entry } = await watch.next();
      assert.notEqual(done, true, 'a watch ended that nobody had ended');
      return { value: entry?.value };
    });
  }

  /** Operations may overlap, so each has a client of its own; `session` says whose it was. */
  private async record(
    memory: Face,
    operation: Pick<Operation, 'op' | 'key' | 'value' | 'expected' | 'session'>,
    act: () => Promise<{ value?: unknown; ok?: boolean; current?: unknown; version?: string }>,
  ): Promise<unknown> {
    this.clients += 1;
    this.events += 1;
    const begun = { session: memory.id, ...operation, client: this.clients, start: this.events };
    try {
      const { value, ok, current, version } = await act();
      this.events += 1;
      const order = version === undefined ? undefined : this.placeOf?.(version);
      this.operations.push({ ...begun, value: value as Json | undefined, ok, order, end: this.events });
      return ok === undefined ? value : current;
    } catch (error) {
      if (!DsmError.is(error)) throw error;
      // What surely did not happen is no part of a history.
      if (error.outcome === 'unknown') this.operations.push({ ...begun, end: null });
      throw error;
    }
  }
}

/** Why histories of a consistency cannot be judged; undefined where they can. */
export function uncheckable({ consistency }: Guarantees): string | undefined {
  try {
    judgeHistory(consistency, []);
    return undefined;
  } catch (error) {
    if (error instanceof UnjudgedError) return `there is no checker of ${consistency} histories`;
    throw error;
  }
}

/** Why there is nothing to judge in a history; undefined where there is. */
export function unjudged(guarantees: Guarantees): string | undefined {
  if (guarantees.consistency === 'none') return 'without a promised consistency every history is legal';
  return uncheckable(guarantees);
}

/** Asserts that a history is one that the promised consistency allows. */
export function judge({ operations }: Recorder, { consistency }: Guarantees): void {
  const { verdict, reason } = judgeHistory(consistency, operations);
  if (verdict === 'legal') return;
  const shown = consistency === 'linearizable' ? checkLinearizable(operations).counterexample : undefined;
  const picture = shown === undefined ? '' : `\n${renderHistory(shown.operations)}`;
  assert.fail(`${verdict}, not ${consistency}: ${reason}${picture}`);
}
