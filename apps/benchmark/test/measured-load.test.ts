import { describe, expect, it } from 'vitest';
import { loadIn } from '../src/measured-load.js';
import { settings as small } from './settings.js';

const settings = { ...small, workload: { name: 'ycsb-b', size: { keys: 50 } }, seed: 7 };

describe('loadIn', () => {
  it('is what was asked for, and what the workload decides where nothing was', () => {
    const load = { valueBytes: 1_000, keys: 50, seconds: 2, warmUpSeconds: 1, seed: 7, verified: true };
    expect(loadIn(settings)).toEqual({ ...load, rate: null, arrivals: null });
    const open = { ...settings, rate: 500, spread: 'fixed', verify: false } as const;
    expect(loadIn(open)).toEqual({ ...load, rate: 500, arrivals: 'fixed', verified: false });
  });

  it('is of a trace its mean size, and ends with it', () => {
    const trace = { file: 'f', operations: 9, meanBytes: 512 };
    const load = loadIn({ ...settings, workload: { name: 'trace:f', size: {}, trace } });
    expect(load).toMatchObject({ valueBytes: 512, keys: 0, seconds: null, warmUpSeconds: 0 });
  });
});
