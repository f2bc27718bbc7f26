import { describe, expect, it } from 'vitest';
import { curvePoint, objectionTo, scalePoint } from '../src/points.js';
import type { Measured, RunVerdict } from '../src/run.js';
import { sampleOutcome } from './print/sample-outcome.js';

function round(throughput: number, verdict: RunVerdict, reason?: string): Measured {
  const [first] = sampleOutcome.outcome.runs;
  if (first === undefined) throw new Error('The sample outcome is empty.');
  const spread = { ...first.spread, throughput: [throughput, throughput] as const };
  return { run: { ...first, throughput, spread, verdict }, notes: [], reason };
}

const rounds = [round(5, 'legal'), round(9, 'illegal', 'stale'), round(7, 'legal')];
const same = {
  reads: 486_728,
  writes: 25_617,
  throughput: 7,
  throughputSpread: [5, 9],
  verdict: 'illegal',
  readUs: { p50: 146.2 },
};

describe('points', () => {
  it('are medians with their spread and the worst verdict', () => {
    expect(curvePoint(8, rounds)).toMatchObject({ offered: 8, ...same });
    expect(scalePoint(3, rounds)).toMatchObject({
      at: 3,
      ...same,
      operationsPerCpuSecond: 51_214.3,
      residentBytes: 412_000_000,
    });
  });

  it('are objected to where they are not legal', () => {
    const text = 'attiya-register with clients 1,000: illegal: stale';
    expect(objectionTo('clients', 1_000, rounds)).toEqual([text]);
    expect(objectionTo('clients', 1, [round(5, 'legal'), round(5, 'unchecked')])).toEqual([]);
  });
});
