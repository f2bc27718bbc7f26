import type { Action } from './mix.js';
import { SyntheticFeed } from './synthetic.js';
import type { Workload, WorkloadSize } from './workload.js';

interface Core {
  readonly shares: readonly (readonly [Action, number])[];
  readonly popular: 'scattered' | 'latest';
}

/**
 * The core workloads as published (B. F. Cooper et al.: "Benchmarking cloud serving systems with YCSB", SoCC 2010,
 * table 2), without E, which scans. Popularity is Zipfian with the exponent 0.99.
 */
const cores: Readonly<Record<string, Core>> = {
  a: {
    shares: [
      ['read', 0.5],
      ['write', 0.5],
    ],
    popular: 'scattered',
  },
  b: {
    shares: [
      ['read', 0.95],
      ['write', 0.05],
    ],
    popular: 'scattered',
  },
  c: { shares: [['read', 1]], popular: 'scattered' },
  d: {
    shares: [
      ['read', 0.95],
      ['insert', 0.05],
    ],
    popular: 'latest',
  },
  f: {
    shares: [
      ['read', 0.5],
      ['modify', 0.5],
    ],
    popular: 'scattered',
  },
};

const zipfian = 0.99;
/** "user" and nineteen digits. */
const keyBytes = 23;

export const ycsbNames: readonly string[] = Object.keys(cores).map((letter) => `ycsb-${letter}`);

/** The YCSB core workload of a name such as `ycsb-b`. */
export function ycsb(name: string, size: WorkloadSize): Workload | undefined {
  const core = name.startsWith('ycsb-') ? cores[name.slice('ycsb-'.length)] : undefined;
  if (core === undefined) return undefined;
  const { keys = 10_000, valueBytes = 1_000 } = size;
  const recipe = { mix: new Map(core.shares), keys, valueBytes, exponent: zipfian, popular: core.popular };
  return {
    name,
    keys,
    keyBytes,
    valueBytes,
    notes: [],
    swaps: recipe.mix.has('modify') ? ['the writes of read-modify-writes'] : [],
    feed: (place) => new SyntheticFeed(recipe, place),
  };
}
