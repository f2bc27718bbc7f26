import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Bench } from './client.js';

/** Bytes that a process holds. */
export interface Weight {
  /** What is alive on its heap and in its buffers. */
  readonly heapBytes: number;
  /** What the system gives it. */
  readonly residentBytes: number;
}

let collect: (() => void) | undefined;

/** What this process holds once everything that can be freed has been. */
export function weighed(): Weight {
  if (collect === undefined) {
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as () => void;
  }
  // What a first collection finds dead may keep other things alive until a second one.
  collect();
  collect();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { heapBytes: heapUsed + external, residentBytes: rss };
}

const writers = 32;
/** Numbers of keys beyond all that a workload has: their names are made anew each time and not kept. */
const firstKey = 2 ** 40;

/** Writes one member's share of entries that were not there; their writes are neither timed nor recorded. */
export async function writeMore(
  { memory, keys, values, tally }: Bench,
  entries: number,
  valueBytes: number,
  { member, members }: { readonly member: number; readonly members: number },
): Promise<void> {
  let next = member;
  const writeOn = async (): Promise<void> => {
    while (next < entries) {
      const name = keys.nameOf(firstKey + next);
      next += members;
      await memory.write(name, values.make(valueBytes).value);
      tally.performed += 1;
    }
  };
  await Promise.all(Array.from({ length: writers }, writeOn));
}
