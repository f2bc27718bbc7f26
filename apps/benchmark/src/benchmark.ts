import type { Children } from './children.js';
import { Histogram } from './load/histogram.js';
import { thisMachine } from './machine.js';
import { Measurement } from './measurement.js';
import { medianOf } from './median.js';
import type { Progress } from './progress.js';
import type { Measured, Outcome } from './run.js';
import type { Settings } from './settings.js';
import { assertInstalled } from './systems.js';
import { type Entrant, entrantsOf } from './transports.js';
import { workloadOf } from './workload/catalogue.js';

/** Everything measured, and what is said beside the figures. */
export interface Benchmarked {
  readonly outcome: Outcome;
  /** In the order of the outcome's runs. */
  readonly measured: readonly Measured[];
}

/** Measures every system as often as there are rounds, in turns, and gives the medians. */
export async function benchmark(
  settings: Settings,
  children: Children,
  progress: Progress,
): Promise<Benchmarked> {
  await assertInstalled(settings.systems, settings.module);
  const date = new Date().toISOString();
  const workload = workloadOf(settings.workload);
  const floor = new Histogram();
  const around = { children, progress, workload, floor };
  const entrants = entrantsOf(settings.systems, settings.transports);
  const rounds = new Map<Entrant, Measured[]>(entrants.map((entrant) => [entrant, []]));
  try {
    // In turns, so that a machine that grows slower is not held against the system that came last.
    for (let round = 0; round < settings.rounds; round++) {
      for (const [entrant, results] of rounds) {
        results.push(await new Measurement(settings, entrant, around).perform());
      }
    }
  } finally {
    progress.clear();
  }
  const measured = [...rounds.values()].map(medianOf);
  const { p50, p99 } = floor.percentilesUs();
  const outcome = {
    ...thisMachine(),
    date,
    rounds: settings.rounds,
    floorUs: { p50, p99 },
    runs: measured.map(({ run }) => run),
    curves: [],
    scaling: [],
  };
  return { outcome, measured };
}
