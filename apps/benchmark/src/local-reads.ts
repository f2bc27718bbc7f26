import { memoryNetwork, types } from '@dsm/core';
import { join, totalOrder } from '@dsm/total-order';
import { median } from './median.js';

/** Two ways of doing one thing, in operations per second. */
export interface Pair {
  readonly ours: number;
  readonly theirs: number;
}

/** Does something so often. Returns what must not be optimised away. */
type Loop = (times: number) => number | Promise<number>;

const keys = Array.from({ length: 1_000 }, (_, key) => `key ${key}`);
const keyAt = (time: number) => keys[time % keys.length] as string;
const value = 'x'.repeat(100);
const schema = types<Record<string, string>>();
const timesPerTurn = 200_000;

/** `peek` beside a Map of decoded values, and `await read` beside `await` of a promise that is resolved already. */
export async function measureLocalReads(rounds: number): Promise<{ peek: Pair; read: Pair }> {
  const options = { id: 'a', members: { a: 'a' }, transport: memoryNetwork(), schema };
  await using memory = await join(totalOrder(), options);
  const map = new Map<string, string>();
  for (const key of keys) {
    await memory.write(key, value);
    map.set(key, value);
  }
  const resolved = Promise.resolve(value);
  const peek = await inTurns(rounds, {
    ours: (times) => sumOf(times, (time) => memory.peek(keyAt(time))?.length ?? 0),
    theirs: (times) => sumOf(times, (time) => map.get(keyAt(time))?.length ?? 0),
  });
  const read = await inTurns(rounds, {
    ours: async (times) => {
      let sum = 0;
      for (let time = 0; time < times; time += 1) sum += (await memory.read(keyAt(time)))?.length ?? 0;
      return sum;
    },
    theirs: async (times) => {
      let sum = 0;
      for (let time = 0; time < times; time += 1) sum += keyAt(time).length + (await resolved).length;
      return sum;
    },
  });
  return { peek, read };
}

function sumOf(times: number, of: (time: number) => number): number {
  let sum = 0;
  for (let time = 0; time < times; time += 1) sum += of(time);
  return sum;
}

/** Medians of turns that follow each other closely, so that a machine that grows slower is slower for both. */
async function inTurns(rounds: number, loops: { ours: Loop; theirs: Loop }): Promise<Pair> {
  const rates = { ours: [] as number[], theirs: [] as number[] };
  // The first turn warms up.
  for (let round = 0; round <= rounds * 5; round += 1) {
    for (const way of ['ours', 'theirs'] as const) {
      const began = performance.now();
      const sum = await loops[way](timesPerTurn);
      const seconds = (performance.now() - began) / 1000;
      if (sum === 0) throw new Error('nothing was read');
      if (round > 0) rates[way].push(timesPerTurn / seconds);
    }
  }
  return { ours: median(rates.ours), theirs: median(rates.theirs) };
}
