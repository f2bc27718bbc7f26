import type { Children } from './children.js';
import { ratesUpTo } from './curve.js';
import { Histogram } from './load/histogram.js';
import { thisMachine } from './machine.js';
import { loadIn } from './measured-load.js';
import { Measurement } from './measurement.js';
import { medianOf } from './median.js';
import { curvePoint, objectionTo, scalePoint } from './points.js';
import type { Progress } from './progress.js';
import type { Curve, Measured, Outcome, Scaling } from './run.js';
import { type ScaleOrder, settingsAt } from './scales.js';
import type { Settings } from './settings.js';
import type { Surroundings } from './surroundings.js';
import { assertInstalled } from './systems.js';
import { type Entrant, entrantsOf } from './transports.js';
import { workloadOf } from './workload/catalogue.js';

/** Everything measured, and what is said beside the figures. */
export interface Benchmarked {
  readonly outcome: Outcome;
  /** In the order of the outcome's runs. */
  readonly measured: readonly Measured[];
  /** Why points of scaling are not legal. */
  readonly objections: readonly string[];
}

type Around = Omit<Surroundings, 'workload'>;

/** Measures every system as often as there are rounds, in turns, and gives the medians. */
export async function benchmark(
  settings: Settings,
  children: Children,
  progress: Progress,
): Promise<Benchmarked> {
  await assertInstalled(settings.systems, settings.module);
  const date = new Date().toISOString();
  const floor = new Histogram();
  const around = { children, progress, floor };
  try {
    const { measured, curves } = await runs(settings, around);
    const scaled: Scaled[] = [];
    for (const order of settings.scales ?? []) scaled.push(await scale(settings, around, order));
    const { p50, p99 } = floor.percentilesUs();
    const outcome: Outcome = {
      ...thisMachine(),
      date,
      rounds: settings.rounds,
      command: settings.command,
      load: loadIn(settings),
      floorUs: { p50, p99 },
      runs: measured.map(({ run }) => run),
      curves,
      scaling: scaled.flatMap(({ scaling }) => scaling),
    };
    return { outcome, measured, objections: scaled.flatMap(({ objections }) => objections) };
  } finally {
    progress.clear();
  }
}

/** What the rounds of one system gave so far. */
class Rounds {
  readonly entrant: Entrant;
  readonly measured: Measured[] = [];
  /** At each rate, what the rounds gave. */
  private readonly offered = new Map<number, Measured[]>();

  constructor(entrant: Entrant) {
    this.entrant = entrant;
  }

  async add(settings: Settings, around: Around, entries: number | undefined): Promise<void> {
    const surroundings = { ...around, workload: workloadOf(settings.workload) };
    const { curve = 0 } = settings;
    // The first round decides which rates are offered, so that the others offer the same.
    const rates = (throughput: number) =>
      this.offered.size > 0 ? [...this.offered.keys()] : ratesUpTo(throughput, curve);
    const results = await new Measurement(settings, this.entrant, surroundings).perform({ rates, entries });
    this.measured.push(results.measured);
    for (const { rate, measured } of results.offered) {
      this.offered.set(rate, [...(this.offered.get(rate) ?? []), measured]);
    }
  }

  get curve(): Curve {
    const points = [...this.offered].map(([rate, rounds]) => curvePoint(rate, rounds));
    return { system: this.entrant.label, points };
  }
}

async function runs(
  settings: Settings,
  around: Around,
): Promise<{ readonly measured: Measured[]; readonly curves: Curve[] }> {
  const all = entrantsOf(settings.systems, settings.transports).map((entrant) => new Rounds(entrant));
  for (let round = 1; round <= settings.rounds; round++) {
    // One weighing is enough: what an entry takes is no matter of chance.
    const entries = round === settings.rounds ? settings.entries : undefined;
    // In turns, so that a machine that grows slower is not held against the system that came last.
    for (const rounds of all) await rounds.add(settings, around, entries);
  }
  return {
    measured: all.map(({ measured }) => medianOf(measured)),
    curves: settings.curve === undefined ? [] : all.map(({ curve }) => curve),
  };
}

interface Scaled {
  readonly scaling: readonly Scaling[];
  readonly objections: readonly string[];
}

/** Lets one thing grow; each size is measured of all systems before the next one, and all that in every round. */
async function scale(settings: Settings, around: Around, { of, at }: ScaleOrder): Promise<Scaled> {
  const entrants = entrantsOf(settings.systems, settings.transports);
  const all = entrants.map(({ label }) => ({
    label,
    sizes: new Map(at.map((size) => [size, [] as Measured[]])),
  }));
  for (let round = 1; round <= settings.rounds; round++) {
    for (const size of at) {
      const grown = settingsAt(settings, of, size);
      const surroundings = { ...around, workload: workloadOf(grown.workload) };
      for (const [place, entrant] of entrants.entries()) {
        const { measured } = await new Measurement(grown, entrant, surroundings).perform();
        all[place]?.sizes.get(size)?.push(measured);
      }
    }
  }
  return {
    scaling: all.map(({ label, sizes }) => ({
      of,
      system: label,
      points: [...sizes].map(([size, rounds]) => scalePoint(size, rounds)),
    })),
    objections: all.flatMap(({ sizes }) =>
      [...sizes].flatMap(([size, rounds]) => objectionTo(of, size, rounds)),
    ),
  };
}
