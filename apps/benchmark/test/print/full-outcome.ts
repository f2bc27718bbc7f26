import type { Benchmarked } from '../../src/benchmark.js';
import type { CurvePoint, ScalePoint } from '../../src/run.js';
import { sampleOutcome } from './sample-outcome.js';

const percentiles = { p50: 120, p99: 900, p999: 2_000 };

function offered(rate: number, p99: number): CurvePoint {
  const latency = { ...percentiles, p99 };
  return {
    offered: rate,
    throughput: rate * 0.99,
    throughputSpread: [rate, rate],
    reads: 7_000,
    writes: 2_000,
    readUs: latency,
    writeUs: latency,
    verdict: 'legal',
  };
}

function grown(at: number, throughput: number): ScalePoint {
  return {
    at,
    throughput,
    throughputSpread: [throughput, throughput],
    operationsPerCpuSecond: throughput / 2,
    reads: 7_000,
    writes: 2_000,
    readUs: percentiles,
    writeUs: percentiles,
    residentBytes: 200_000_000 * at,
    verdict: 'legal',
  };
}

const { outcome, measured } = sampleOutcome;

/** An outcome of which everything was measured that can be. */
export const fullOutcome: Benchmarked = {
  outcome: {
    ...outcome,
    curves: [
      {
        system: 'attiya-register',
        points: [offered(30_000, 800), offered(60_000, 1_200), offered(120_000, 90_000)],
      },
      { system: 'broken <i>', points: [offered(30_000, 300), offered(60_000, 500)] },
    ],
    scaling: [
      {
        of: 'members',
        system: 'attiya-register',
        points: [grown(1, 900_000), grown(3, 100_000), grown(9, 20_000)],
      },
      {
        of: 'clients',
        system: 'attiya-register',
        points: [grown(1, 9_000), grown(64, 100_000), grown(512, 150_000)],
      },
    ],
  },
  measured,
  objections: ['broken <i> with members 9: illegal: </script> stale'],
};
