import { describe, expect, it } from 'vitest';
import { comparisonOf, comparisonTableOf } from '../../src/print/comparison.js';
import { outcomeFrom, type StoredOutcome } from '../../src/print/stored.js';
import type { Outcome } from '../../src/run.js';
import { absent, outcome, run } from './made-up.js';

/** What a file holds of an outcome. */
function stored(written: Outcome): StoredOutcome {
  return outcomeFrom(JSON.parse(JSON.stringify(written)));
}

const before = outcome(
  run('faster', { throughput: 1_000 }),
  run('same', { throughput: 1_000, spread: { throughput: [900, 1_100], operationsPerCpuSecond: [1, 1] } }),
  run('gone'),
);

describe('comparisonTableOf', () => {
  it('prints figures now by figures then, and names what only one side has', () => {
    const { latencyUs } = run('any');
    const now = outcome(
      run('faster', {
        throughput: 1_500,
        latencyUs: { read: { ...latencyUs.read, p50: 73.1 }, write: absent },
      }),
      run('same', { throughput: 1_050, verdict: 'illegal' }),
      run('new'),
    );
    expect(comparisonTableOf(comparisonOf(now, stored(before)))).toBe(`
now, divided by the run of 2026-01-02 03:04 UTC (commit abc1234):

protocol   ops/s  ops per CPU s  read p50  read p99  write p50  write p99
faster    1.50 ×         1.00 ×    0.50 ×    1.00 ×          –          –
same      1.05 ×         1.00 ×    1.00 ×    1.00 ×     1.00 ×     1.00 ×

No change of throughput that the rounds could tell: same.
same was legal then and is illegal now.
Only in this run: new.
Only in the earlier run: gone.`);
  });

  it('says first that ratios say little where more than the code differs', () => {
    const elsewhere = {
      ...outcome(run('same', { workload: 'ycsb-a', members: 5, clients: 8 })),
      machine: 'another',
      node: 'v24.0.0',
      rounds: 1,
    };
    const { differences } = comparisonOf(elsewhere, stored(before));
    expect(differences).toEqual([
      'machine: 2 × Processor, 24 GB, linux x64 then, another now',
      'Node: v20.19.0 then, v24.0.0 now',
      'workload: ycsb-b then, ycsb-a now',
      'members: 3 then, 5 now',
      'clients: 64 then, 8 now',
      'rounds: 3 then, 1 now',
    ]);
    expect(comparisonTableOf(comparisonOf(elsewhere, stored(before)))).toContain(
      'The ratios say little, for more than',
    );
    expect(comparisonOf(before, stored(before)).differences).toEqual([]);
  });

  it('says what of the load differs, down to the seed', () => {
    const other: Outcome['load'] = {
      valueBytes: 100,
      keys: 1_000_000,
      rate: 0.5,
      arrivals: 'fixed',
      seconds: 1.5,
      warmUpSeconds: 0,
      seed: 2,
      verified: false,
    };
    expect(comparisonOf({ ...before, load: other }, stored(before)).differences).toEqual([
      'values: 1,000 bytes then, 100 bytes now',
      'keys: 10,000 then, 1,000,000 now',
      'loop: closed then, open at 0.5 arrivals per second (fixed) now',
      'measured phase: 5 s then, 1.5 s now',
      'warm-up: 1 s then, none now',
      'seed: 1 then, 2 now',
      'history: checked then, not recorded now',
    ]);
    const spread = { ...before, load: { ...other, arrivals: 'poisson' } as const };
    expect(comparisonOf({ ...before, load: other }, stored(spread)).differences).toHaveLength(1);
  });

  it('says that the load of an older file is not known', () => {
    const { load: _, ...older } = before;
    const comparison = comparisonOf(before, outcomeFrom(JSON.parse(JSON.stringify(older))));
    expect(comparison.differences).toEqual([]);
    expect(comparisonTableOf(comparison)).toContain(
      'The earlier file does not say how large its values were',
    );
    expect(comparisonTableOf(comparisonOf(before, stored(before)))).not.toContain('does not say');
  });

  it('finds a system again whose label has a transport in one of the two runs only', () => {
    const bare = run('causal', { transport: 'zeromq', throughput: 1_000 });
    const both = [
      run('causal over zeromq', { transport: 'zeromq', throughput: 2_000 }),
      run('causal over tcp', { transport: 'tcp', throughput: 4_000 }),
    ];
    const later = comparisonOf(outcome(...both), stored(outcome(bare)));
    expect(later.changes).toMatchObject([{ system: 'causal over zeromq', ratios: { 'ops/s': 2 } }]);
    expect(later).toMatchObject({ onlyNow: ['causal over tcp'], onlyThen: [] });
    const back = comparisonOf(outcome(bare), stored(outcome(...both)));
    expect(back.changes).toMatchObject([{ system: 'causal', ratios: { 'ops/s': 0.5 } }]);
    expect(back).toMatchObject({ onlyNow: [], onlyThen: ['causal over tcp'] });
    const older = stored(outcome(run('causal over zeromq'), run('store'), run('causal over tcp')));
    expect(comparisonOf(outcome(bare, run('store')), older).onlyNow).toEqual([]);
    const tcp = run('causal over tcp', { transport: 'tcp' });
    expect(comparisonOf(outcome(tcp), stored(outcome(run('causal')))).changes).toEqual([]);
  });

  it('has no table where no system is in both', () => {
    const printed = comparisonTableOf(comparisonOf(outcome(run('new')), stored(before)));
    expect(printed).toContain('No system is in both runs');
    expect(printed).not.toContain('ops/s');
  });

  it('takes files of before there were dates and spreads', () => {
    const { date: _, rounds: __, runs, ...old } = before;
    const older = JSON.parse(JSON.stringify({ ...old, runs: runs.map(({ spread: ___, ...each }) => each) }));
    const comparison = comparisonOf(before, outcomeFrom(older));
    expect(comparison.earlier).toBe('an earlier run (commit abc1234)');
    expect(comparison.differences).toEqual([]);
    expect(comparison.changes.map(({ overlap }) => overlap)).toEqual([false, false, false]);
  });
});
