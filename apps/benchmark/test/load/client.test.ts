import { DsmError } from '@dsm/core';
import { describe, expect, it } from 'vitest';
import { Client } from '../../src/load/client.js';
import { kinds, type Row, rowAt } from '../../src/load/columns.js';
import { absent } from '../../src/load/values.js';
import type { Memory } from '../../src/memory.js';
import type { Action } from '../../src/workload/mix.js';
import { benchOver, fakeMemory, SetClock } from './bench.js';

/** Performs actions on key 1 over a memory, and gives the rows that were recorded. */
async function recorded(actions: readonly Action[], changes: Partial<Memory> = {}) {
  const clock = new SetClock();
  const bench = benchOver(
    fakeMemory(clock, () => 10, changes),
    clock,
  );
  const client = new Client(bench);
  const done: boolean[] = [];
  for (const action of actions) done.push(await client.perform({ action, key: 1, bytes: 20 }));
  const sample = bench.recorder?.sample(0);
  const rows: Row[] = Array.from({ length: sample?.length ?? 0 }, (_, row) => rowAt(sample as never, row));
  return { rows, done, bench, names: rows.map(({ kind }) => kinds[kind]) };
}

const refused = (): Promise<never> => Promise.reject(new DsmError('DSM_OVERLOADED', 'full'));
const lost = (): Promise<never> =>
  Promise.reject(new DsmError('DSM_TIMEOUT', 'late', { outcome: 'unknown' }));

describe('Client', () => {
  it('records what it read and wrote, with times', async () => {
    const { rows, names, bench } = await recorded(['read', 'write', 'read', 'delete', 'read']);
    expect(names).toEqual(['read', 'write', 'read', 'delete', 'read']);
    expect(rows.map(({ value }) => value)).toEqual([absent, 0, 0, absent, absent]);
    expect(rows.map(({ start, end }) => [start, end])).toEqual([
      [0, 10],
      [10, 20],
      [20, 30],
      [30, 40],
      [40, 50],
    ]);
    expect(bench.tally.reads.size).toBe(3);
    expect(bench.tally.writes.size).toBe(2);
    expect(bench.tally.lastEnd).toBe(50);
  });

  it('writes plainly where there is no compare-and-swap, and modifies by reading and writing', async () => {
    const { names } = await recorded(['create', 'exchange', 'modify']);
    expect(names).toEqual(['write', 'write', 'read', 'write']);
  });

  it('compares and swaps where it can', async () => {
    const asked: unknown[] = [];
    const compareAndSwap: Memory['compareAndSwap'] = async (_, expected) => {
      asked.push(expected?.length);
      return { ok: asked.length !== 2 };
    };
    const actions: Action[] = ['create', 'write', 'exchange', 'modify'];
    const { rows, names, bench } = await recorded(actions, { compareAndSwap });
    expect(names).toEqual(['cas', 'write', 'read', 'cas', 'read', 'cas']);
    expect(asked).toEqual([undefined, 20, 20]);
    expect(rows.filter(({ kind }) => kinds[kind] === 'cas')).toMatchObject([
      { expected: absent, outcome: 0 },
      { expected: rows[1]?.value, outcome: 1 },
      { expected: rows[1]?.value, outcome: 0 },
    ]);
    expect(bench.tally).toMatchObject({ swaps: 3, lostSwaps: 1 });
    bench.tally.begin();
    expect(bench.tally).toMatchObject({ swaps: 0, lostSwaps: 0 });
  });

  it('leaves out what surely did not happen', async () => {
    const { rows, done, bench } = await recorded(['write', 'read'], { write: refused });
    expect(done).toEqual([false, true]);
    expect(rows).toHaveLength(1);
    expect(rows[0]?.client).toBe(0);
    expect([...bench.tally.failures]).toEqual([['DSM_OVERLOADED', 1]]);
    expect(bench.tally.completed).toBe(1);
  });

  it('records what may have happened without an end, and goes on as another client', async () => {
    const { rows, bench } = await recorded(['write', 'read', 'delete', 'read'], {
      write: lost,
      delete: lost,
    });
    expect(rows.map(({ client }) => client)).toEqual([0, 1, 1, 2]);
    expect(rows.map(({ outcome }) => outcome)).toEqual([2, 0, 2, 0]);
    expect(rows[0]).toMatchObject({ end: Number.POSITIVE_INFINITY, measured: false });
    expect(bench.tally.completed).toBe(2);
  });

  it('takes an error of another kind for an unknown outcome', async () => {
    const { rows } = await recorded(['write'], { write: () => Promise.reject(new Error('socket closed')) });
    expect(rows[0]?.outcome).toBe(2);
  });

  it('does not record a read that failed', async () => {
    const { rows, bench } = await recorded(['read', 'modify'], { read: lost });
    expect(rows).toHaveLength(0);
    expect([...bench.tally.failures]).toEqual([['DSM_TIMEOUT', 2]]);
  });

  it('notices a value that nobody wrote', async () => {
    const { bench } = await recorded(['read'], { read: async () => 'half a val' });
    expect(bench.tally.mangled).toBe('user000001 held 10 characters that begin with "half a val"');
  });
});
