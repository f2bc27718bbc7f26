import type { Guarantees } from '@dsm/core';
import { adviceOn } from '../../src/print/advice/advice.js';
import type { Outcome, Run } from '../../src/run.js';
import { sampleOutcome } from './sample-outcome.js';

const [template] = sampleOutcome.outcome.runs as [Run];

type Changes = Partial<Omit<Run, 'guarantees'>> & { readonly guarantees?: Partial<Guarantees> };

/** A run that nobody measured: linearizable, legal, without a server, with 1,000 operations a second in all rounds. */
export function run(system: string, { guarantees, ...changes }: Changes = {}): Run {
  const { throughput = 1_000 } = changes;
  return {
    ...template,
    system,
    throughput,
    spread: { throughput: [throughput, throughput], operationsPerCpuSecond: [500, 500] },
    guarantees: { ...template.guarantees, ...guarantees },
    ...changes,
  };
}

export const absent = { p50: Number.NaN, p99: Number.NaN, p999: Number.NaN };

export function outcome(...runs: Run[]): Outcome {
  return { ...sampleOutcome.outcome, runs };
}

export const swapping = { compareAndSwap: true } as const;
export const sequential = { consistency: 'sequential', reads: 'local', writes: 'ordered' } as const;
export const causal = {
  consistency: 'causal',
  reads: 'local',
  writes: 'local',
  onPartition: 'all-continue',
} as const;
export const ofServer = { reads: 'server', writes: 'server', survives: 'none' } as const;
export const memory = { software: 'store 1.2.3', durability: 'none' };

export const advice = (...runs: Run[]) => adviceOn(outcome(...runs));
/** All that is said, as one text. */
export const text = (...runs: Run[]): string => {
  const { choice, otherwise } = advice(...runs);
  return [choice, ...otherwise].join('\n');
};
