import type { Guarantees } from '@dsm/core';
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
