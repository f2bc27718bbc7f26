import type { Children } from './children.js';
import { ratesUpTo } from './curve.js';
import { Histogram } from './load/histogram.js';
import { thisMachine } from './machine.js';
import { loadIn } from './measured-load.js';
import { Measurement } from './measurement.js';
import { medianOf } from './median.js';
import { messageOf } from './message-of.js';
import { curvePoint, objectionTo, scalePoint, sizeOf } from './points.js';
import type { Progress } from './progress.js';
import type { Curve, Measured, Outcome, Scaling, Unmeasured } from './run.js';
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
    const { measured, curves, unmeasured, sound } = await runs(settings, around);
    const scaled: Scaled[] = [];
    for (const order of settings.scales ?? []) scaled.push(await scale(settings, around, sound, order));
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
      unmeasured: [...unmeasured, ...scaled.flatMap((each) => each.unmeasured)],
    };
    return { outcome, measured, objections: scaled.flatMap(({ objections }) => objections) };
  } finally {
    progress.clear();
  }
}

/** What the rounds of one system gave so far; the first that fails is the last, and what is beside it is not lost. */
class Rounds {
  readonly entrant: Entrant;
  readonly measured: Measured[] = [];
  /** Why it could not be measured. */
  failure: string | undefined;
  /** At each rate, what the rounds gave. */
  private readonly offered = new Map<number, Measured[]>();

  constructor(entrant: Entrant) {
    this.entrant = entrant;
  }

  async add(settings: Settings, around: Around, entries: number | undefined): Promise<void> {
    if (this.failure !== undefined) return;
    try {
      await this.measure(settings, around, entries);
    } catch (error) {
      this.failure = messageOf(error);
    }
  }

  private async measure(settings: Settings, around: Around, entries: number | undefined): Promise<void> {
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

interface Rounded {
  readonly measured: readonly Measured[];
  readonly curves: readonly Curve[];
  readonly unmeasured: readonly Unmeasured[];
  /** Those that could be measured in every round. */
  readonly sound: readonly Entrant[];
}

async function runs(settings: Settings, around: Around): Promise<Rounded> {
  const all = entrantsOf(settings.systems, settings.transports).map((entrant) => new Rounds(entrant));
  for (let round = 1; round <= settings.rounds; round++) {
    // One weighing is enough: what an entry takes is no matter of chance.
    const entries = round === settings.rounds ? settings.entries : undefined;
    // In turns, so that a machine that grows slower is not held against the system that came last.
    for (const rounds of all) await rounds.add(settings, around, entries);
  }
  // Who failed once has no figures: they would recommend it by the rounds in which it did not.
  const sound = all.filter(({ failure }) => failure === undefined);
  return {
    measured: sound.map(({ measured }) => medianOf(measured)),
    curves: settings.curve === undefined ? [] : sound.map(({ curve }) => curve),
    unmeasured: all.flatMap(({ entrant: { label }, failure }) => failed(label, failure)),
    sound: sound.map(({ entrant }) => entrant),
  };
}

function failed(system: string, reason: string | undefined): Unmeasured[] {
  return reason === undefined ? [] : [{ system, reason }];
}

interface Scaled {
  readonly scaling: readonly Scaling[];
  readonly unmeasured: readonly Unmeasured[];
  readonly objections: readonly string[];
}

/** Lets one thing grow; each size is measured of all systems before the next one, and all that in every round. */
async function scale(
  settings: Settings,
  around: Around,
  entrants: readonly Entrant[],
  { of, at }: ScaleOrder,
): Promise<Scaled> {
  const sizes = at.map((size) => ({
    size,
    grown: { ...settingsAt(settings, of, size), curve: undefined },
    all: entrants.map((entrant) => new Rounds(entrant)),
  }));
  for (let round = 1; round <= settings.rounds; round++) {
    for (const { grown, all } of sizes) {
      for (const rounds of all) await rounds.add(grown, around, undefined);
    }
  }
  const each = entrants.map(({ label }, place) => ({
    label,
    points: sizes.map(({ size, all }) => ({ size, rounds: all[place] as Rounds })),
  }));
  const sound = each.map(({ label, points }) => ({
    label,
    points: points.filter(({ rounds }) => rounds.failure === undefined),
  }));
  return {
    scaling: sound.map(({ label, points }) => ({
      of,
      system: label,
      points: points.map(({ size, rounds }) => scalePoint(size, rounds.measured)),
    })),
    unmeasured: each.flatMap(({ label, points }) =>
      points.flatMap(({ size, rounds }) => failed(sizeOf(label, of, size), rounds.failure)),
    ),
    objections: sound.flatMap(({ points }) =>
      points.flatMap(({ size, rounds }) => objectionTo(of, size, rounds.measured)),
    ),
  };
}
