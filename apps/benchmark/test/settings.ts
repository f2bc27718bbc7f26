import type { Settings } from '../src/settings.js';

/** What a small run of one system is asked for. */
export const settings: Settings = {
  systems: ['x'],
  workload: { name: 'ycsb-b', size: { keys: 7 } },
  members: 3,
  clients: 64,
  spread: 'poisson',
  seconds: 2,
  warmSeconds: 1,
  rounds: 1,
  seed: 1,
  verify: true,
  floor: true,
};
