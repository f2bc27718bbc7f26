import type { Load } from './run.js';
import type { Settings } from './settings.js';
import { workloadOf } from './workload/catalogue.js';

/** The load that the settings ask for, with what the workload itself decides. */
export function loadIn({ workload, rate, spread, seconds, warmSeconds, seed, verify }: Settings): Load {
  const { valueBytes, keys, operations } = workloadOf(workload);
  // A trace runs from its first operation to its last.
  const endless = operations === undefined;
  return {
    valueBytes,
    keys,
    rate: rate ?? null,
    arrivals: rate === undefined ? null : spread,
    seconds: endless ? seconds : null,
    warmUpSeconds: endless ? warmSeconds : 0,
    seed,
    verified: verify,
  };
}
