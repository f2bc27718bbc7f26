import type { Bench } from './client.js';
import { mangled, type ValueId } from './values.js';

/** A key could not be read, or held what nobody wrote. */
export const unreadable: ValueId = -3;

const readers = 32;

/** The names of the values that a member reads under these keys now, in the same order. */
export async function contentsAt(bench: Bench, keys: Float64Array): Promise<Float64Array> {
  const { memory, values } = bench;
  const held = new Float64Array(keys.length);
  let next = 0;
  const readOn = async (): Promise<void> => {
    while (next < keys.length) {
      const place = next++;
      try {
        const id = values.identify(await memory.read(bench.keys.nameOf(keys[place] as number)));
        held[place] = id === mangled ? unreadable : id;
      } catch {
        held[place] = unreadable;
      }
      bench.tally.performed += 1;
    }
  };
  await Promise.all(Array.from({ length: readers }, readOn));
  return held;
}
