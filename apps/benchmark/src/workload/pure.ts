import type { Action } from './mix.js';
import { SyntheticFeed } from './synthetic.js';
import type { Workload, WorkloadSize } from './workload.js';

/** Loads of one kind of operation, for comparing what it costs; keys are as popular as in YCSB. */
const kinds: Readonly<Record<string, Action>> = { reads: 'read', writes: 'write' };

const zipfian = 0.99;
const keyBytes = 23;

export const pureNames: readonly string[] = Object.keys(kinds);

/** The workload named `reads` or `writes`. */
export function pure(
  name: string,
  { keys = 10_000, valueBytes = 1_000 }: WorkloadSize,
): Workload | undefined {
  const action = Object.hasOwn(kinds, name) ? kinds[name] : undefined;
  if (action === undefined) return undefined;
  const mix = new Map([[action, 1]]);
  const recipe = { mix, keys, valueBytes, exponent: zipfian, popular: 'scattered' } as const;
  const feed: Workload['feed'] = (place) => new SyntheticFeed(recipe, place);
  return { name, keys, keyBytes, valueBytes, notes: [], swaps: [], feed };
}
