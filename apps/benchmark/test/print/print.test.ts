import { describe, expect, it } from 'vitest';
import { duration, figure, listed, times } from '../../src/print/numbers.js';
import { tableOf } from '../../src/print/table.js';
import { outcome, run } from './made-up.js';
import { sampleOutcome } from './sample-outcome.js';

describe('tableOf', () => {
  it('prints two rows for each run, what was checked and what to know', () => {
    const load =
      'values: 1,000 bytes; keys: 10,000; loop: closed; measured phase: 5 s; warm-up: 1 s; seed: 1; ' +
      'history: checked';
    const part = '256,000 of 512,345 checked in the round of which least was';
    expect(`\n${tableOf(sampleOutcome)}\n`).toBe(`
ycsb-b, 3 members, 64 clients
${load}; medians of 3 rounds
again: npm run bench -- --rounds 3
2 × Processor, 24 GB, linux x64; Node v20.19.0; commit abc1234
floor (bare ZeroMQ to as many as a quorum needs): p50 140 µs, p99 300 µs

protocol         guarantee        ops/s          p50 µs    p99  p99.9  p50/floor  messages/op  verdict
attiya-register  linearizable   102,428  reads      146    813  2,345     1.04 ×         3.81  legal
                 quorum/quorum           writes     301  1,510  4,100     2.15 ×         7.99
broken <i>       linearizable   102,428  reads     5.25    9.5     12     0.04 ×            0  illegal
                 quorum/quorum           writes       –      –      –          –            –
skipped          linearizable   102,428  reads      146    813  2,345     1.04 ×         3.81  unchecked
                 quorum/quorum           writes     301  1,510  4,100     2.15 ×         7.99

attiya-register: 512,345 operations in 5 s, ${part}, all those on a sample of the keys: legal
  at the end all members held the same in 10,000 keys
  without compare-and-swap, add are plain writes
broken <i>: 1,000 operations in 5 s, all of them checked in every round: illegal
  key "k": stale
  a │ [read 1]
skipped: 512,345 operations in 5 s, the history was not checked
`);
  });

  it('says what the load of a trace was, and of an open loop', () => {
    const { outcome: whole } = sampleOutcome;
    const told = (load: Partial<typeof whole.load>): string =>
      tableOf({
        ...sampleOutcome,
        outcome: { ...whole, command: undefined, load: { ...whole.load, ...load } },
      });
    const trace = told({ valueBytes: 512, keys: 0, seconds: null, warmUpSeconds: 0, verified: false });
    expect(trace).toContain(
      'values: 512 bytes on average; keys: none beforehand; loop: closed; measured phase: to the end of the trace; ' +
        'warm-up: none; seed: 1; history: not recorded; medians of 3 rounds',
    );
    expect(trace).not.toContain('again:');
    expect(told({ rate: 1_500.5, arrivals: 'fixed' })).toContain(
      'loop: open at 1,500.5 arrivals per second (fixed);',
    );
  });

  it('says how many swaps were lost, if any was', () => {
    const told = (rounds: number, lostSwaps: number): string => {
      const measured = [{ run: run('etcd', { swaps: 1_500, lostSwaps }), notes: [] }];
      return tableOf({ ...sampleOutcome, outcome: { ...outcome(), rounds }, measured });
    };
    const and = 'they found another value and wrote nothing, and count as writes';
    expect(told(1, 12)).toContain(`\n  12 of 1,500 swaps lost: ${and}`);
    expect(told(3, 12)).toContain(`\n  12 of 1,500 swaps lost in all rounds together: ${and}`);
    expect(told(3, 0)).not.toContain('swaps');
  });

  it('says for which percentiles there were too few operations', () => {
    const few = { p50: 300, p99: Number.NaN, p999: Number.NaN };
    const latencyUs = { ...run('etcd').latencyUs, write: few };
    const told = (rounds: number, writes: number): string => {
      const measured = [{ run: run('etcd', { writes, latencyUs }), notes: [] }];
      return tableOf({ ...sampleOutcome, outcome: { ...outcome(), rounds }, measured });
    };
    expect(told(1, 50)).toContain('\n  50 writes tell too little for p99 and p99.9');
    expect(told(3, 50)).toContain('\n  a round of 50 writes tells too little for p99 and p99.9');
    expect(told(3, 0)).not.toContain('too little');
  });

  it('prints no unit where the floor has no p99', () => {
    const { outcome: whole } = sampleOutcome;
    const printed = tableOf({
      ...sampleOutcome,
      outcome: { ...whole, floorUs: { p50: 140, p99: Number.NaN } },
    });
    expect(printed).toContain('p50 140 µs, p99 –\n');
  });

  it('says of one round what was checked of it, and of several that of each of them all was', () => {
    const told = (rounds: number, checkedOperations: number, checkedOf: number): string | undefined => {
      const measured = [{ run: run('etcd', { operations: 1_015, checkedOperations, checkedOf }), notes: [] }];
      const printed = tableOf({ ...sampleOutcome, outcome: { ...outcome(), rounds }, measured });
      return /^etcd: .*/m.exec(printed)?.[0];
    };
    expect(told(3, 701, 701)).toBe(
      'etcd: 1,015 operations in 5 s, all of them checked in every round: legal',
    );
    expect(told(1, 1_015, 1_015)).toBe('etcd: 1,015 operations in 5 s, all of them checked: legal');
    expect(told(1, 701, 1_015)).toContain('701 of them checked, all those on a sample of the keys: legal');
  });
});

describe('figures', () => {
  it('have no more digits than they are worth', () => {
    const printed = [0, 0.046, 5.254, 45.67, 145.5, 123_456.7, Number.NaN, Number.POSITIVE_INFINITY].map(
      figure,
    );
    expect(printed).toEqual(['0', '0.05', '5.25', '45.7', '146', '123,457', '–', '–']);
    expect([1.267, 9.996, 14.44, 1_307.7, Number.NaN].map(times)).toEqual([
      '1.27 ×',
      '10 ×',
      '14.4 ×',
      '1,308 ×',
      '–',
    ]);
    expect([0.5, 146.2, 2_345, 1_200_000, Number.NaN].map(duration)).toEqual([
      '0.5 µs',
      '146 µs',
      '2.35 ms',
      '1.2 s',
      '–',
    ]);
    expect([listed([]), listed(['a']), listed(['a', 'b', 'c']), listed(['a', 'b'], 'or')]).toEqual([
      '',
      'a',
      'a, b and c',
      'a or b',
    ]);
  });
});
