import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Bench } from './client.js';

let collect: (() => void) | undefined;

/** Bytes that are alive on the heap and in the buffers of this process, once all that can be freed has been. */
export function weighed(): number {
  if (collect === undefined) {
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as () => void;
  }
  // What a first collection finds dead may keep other things alive until a second one.
  collect();
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

const writers = 32;
/** Numbers of keys beyond all that a workload has: their names are made anew each time and not kept. */
const firstKey = 2 ** 40;

/** Writes one member's share of entries that were not there, by their numbers; they are neither timed nor recorded. */
export async function writeMore(
  { memory, keys, values, tally }: Bench,
  { from, to }: { readonly from: number; readonly to: number },
  valueBytes: number,
  { member, members }: { readonly member: number; readonly members: number },
): Promise<void> {
  let next = from + member;
  const writeOn = async (): Promise<void> => {
    while (next < to) {
      const name = keys.nameOf(firstKey + next);
      next += members;
      await memory.write(name, values.make(valueBytes).value);
      tally.performed += 1;
    }
  };
  await Promise.all(Array.from({ length: writers }, writeOn));
}
