import { type Benchmarked, benchmark } from '../benchmark.js';
import type { Children } from '../children.js';
import type { Progress } from '../progress.js';
import type { Settings } from '../settings.js';

/** What was promised, and what was measured of it. */
export interface Finding {
  readonly name: string;
  readonly measured: number;
  readonly target: number;
  /** Whether the target is the least or the most that is right. */
  readonly bound: 'least' | 'most';
  /** `×` where it is left out. */
  readonly unit?: string | undefined;
  /** The figures behind it. */
  readonly from: string;
}

export interface TrialSurroundings {
  readonly children: Children;
  readonly progress: Progress;
  readonly rounds: number;
  readonly seconds: number;
}

/** Something to be measured that answers one promise or two. */
export interface Trial {
  readonly name: string;
  perform(surroundings: TrialSurroundings): Promise<Finding[]>;
}

/** What most trials are about. */
export const register = 'attiya-register';
/** The register as published, with rounds for each key. What others promise beside it counts its messages. */
export const registerByKey = 'attiya-register by key';

export function holds({ measured, target, bound }: Finding): boolean {
  return bound === 'least' ? measured >= target : measured <= target;
}

/** A workload of values of 100 bytes, as all targets are meant. */
export function named(workload: string, keys?: number): Settings['workload'] {
  return { name: workload, size: { valueBytes: 100, keys } };
}

/** Measures the register, or what else is said, without recording. */
export async function run(around: TrialSurroundings, changes: Partial<Settings>): Promise<Benchmarked> {
  const settings: Settings = {
    systems: [register],
    workload: named('ycsb-b'),
    members: 3,
    clients: 192,
    spread: 'poisson',
    seconds: around.seconds,
    // What is promised holds once the code is compiled: on a slow machine, with processes that share its cores, that
    // takes more than a second.
    warmSeconds: 3,
    rounds: around.rounds,
    seed: 1,
    verify: false,
    floor: false,
    ...changes,
  };
  const benchmarked = await benchmark(settings, around.children, around.progress);
  const [failed] = benchmarked.outcome.unmeasured;
  if (failed !== undefined) throw new Error(`${failed.system}: ${failed.reason}`);
  return benchmarked;
}
