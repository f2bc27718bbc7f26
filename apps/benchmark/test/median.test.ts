import { describe, expect, it } from 'vitest';
import { median, medianOf } from '../src/median.js';
import { holds } from '../src/trials/trial.js';
import { trials } from '../src/trials.js';
import { sampleOutcome } from './print/sample-outcome.js';

describe('medianOf', () => {
  const [first] = sampleOutcome.measured;
  if (first === undefined) throw new Error('The sample outcome is empty.');
  const { run } = first;

  it('takes the middle of every figure, the worst verdict and its reason', () => {
    const middle = medianOf([
      { run: { ...run, throughput: 3 }, notes: ['a', 'b'] },
      {
        run: { ...run, throughput: 9, verdict: 'illegal' },
        notes: ['b'],
        reason: 'stale',
      },
      { run: { ...run, throughput: 4, verdict: 'unknown' }, notes: [], reason: 'late' },
    ]);
    expect(middle.run).toMatchObject({ throughput: 4, verdict: 'illegal' });
    expect(middle.notes).toEqual(['a', 'b']);
    expect(middle.reason).toBe('stale');
  });

  it('spans the rounds, and shows the distribution of the one in the middle', () => {
    const round = (throughput: number, residentBytesPer100kEntries: number | null) => {
      const spread = { ...run.spread, throughput: [throughput, throughput] as const };
      const cdf = { read: [[throughput, 1] as const], write: [] };
      return { run: { ...run, throughput, spread, cdf, residentBytesPer100kEntries }, notes: [] };
    };
    const middle = medianOf([round(5, null), round(9, null), round(7, 3)]).run;
    expect(middle.spread.throughput).toEqual([5, 9]);
    expect(middle.cdf.read).toEqual([[7, 1]]);
    expect(middle.residentBytesPer100kEntries).toBe(3);
  });

  it('puts what was checked beside the operations of the same round', () => {
    const round = (operations: number, checkedOperations: number) => ({
      run: { ...run, operations, checkedOperations, checkedOf: operations },
      notes: [],
    });
    const whole = medianOf([round(701, 701), round(1_015, 1_015), round(1_200, 1_200)]).run;
    expect(whole.operations).toBe(1_015);
    expect(whole.checkedOperations).toBe(whole.checkedOf);
    const sampled = medianOf([round(1_000, 1_000), round(9_000, 3_000), round(8_000, 4_000)]).run;
    expect(sampled).toMatchObject({ operations: 8_000, checkedOperations: 3_000, checkedOf: 9_000 });
    expect(medianOf([round(0, 0)]).run).toMatchObject({ checkedOperations: 0, checkedOf: 0 });
  });

  it('adds up the swaps of all rounds', () => {
    const round = (swaps: number, lostSwaps: number) => ({ run: { ...run, swaps, lostSwaps }, notes: [] });
    expect(medianOf([round(10, 4), round(20, 0), round(30, 5)]).run).toMatchObject({
      swaps: 60,
      lostSwaps: 9,
    });
  });

  it('has no percentile that a round was too short for, and says how few operations it had', () => {
    const round = (writes: number, p99: number) => {
      const latencyUs = { ...run.latencyUs, write: { p50: 1, p99, p999: Number.NaN } };
      return { run: { ...run, writes, latencyUs }, notes: [] };
    };
    const middle = medianOf([round(120, 7), round(80, Number.NaN), round(130, 9)]).run;
    expect(middle).toMatchObject({ reads: run.reads, writes: 80 });
    expect(middle.latencyUs.write).toEqual({ p50: 1, p99: Number.NaN, p999: Number.NaN });
    expect(medianOf([round(120, 7), round(180, 8), round(130, 9)]).run.latencyUs.write.p99).toBe(8);
  });

  it('gives the only round as it was', () => {
    expect(medianOf([first]).run).toEqual(run);
  });

  it('takes neither the worse nor the better of two rounds, and shows the distribution of one of them', () => {
    const round = (throughput: number, p50: number) => {
      const latencyUs = { ...run.latencyUs, read: { p50, p99: p50, p999: p50 } };
      const cdf = { read: [[p50, 1] as const], write: [] };
      return { run: { ...run, operations: throughput, throughput, latencyUs, cdf }, notes: [] };
    };
    const middle = medianOf([round(1_000, 90), round(2_000.5, 50)]).run;
    expect(middle.throughput).toBe(1_500.25);
    expect(middle.operations).toBe(1_500);
    expect(middle.latencyUs.read.p50).toBe(70);
    expect(middle.cdf.read).toEqual([[90, 1]]);
  });

  it('is the mean of two in the middle, and unknown where one is', () => {
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(median([0.1, 0.2])).toBe(0.15);
    expect(median([3, 1, 2])).toBe(2);
    expect(median([3, Number.NaN, 2])).toBeNaN();
    expect(median([])).toBeNaN();
  });
});

describe('trials', () => {
  it('cover every target, and hold on the right side of it', () => {
    expect(trials).toHaveLength(27);
    expect(new Set(trials.map(({ name }) => name)).size).toBe(trials.length);
    const finding = { name: '', target: 1, from: '' };
    expect(holds({ ...finding, measured: 1.1, bound: 'least' })).toBe(true);
    expect(holds({ ...finding, measured: 0.9, bound: 'least' })).toBe(false);
    expect(holds({ ...finding, measured: 0.9, bound: 'most' })).toBe(true);
    expect(holds({ ...finding, measured: Number.NaN, bound: 'most' })).toBe(false);
  });
});
