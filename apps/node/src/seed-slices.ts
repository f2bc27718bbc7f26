import { Worker } from 'node:worker_threads';
import { type FaultKind, runSeeds, type SeedsReport, type Subject } from '@dsm/simulator';
import { subjectsOf } from './subjects.js';

/** Seeds that are run in one go, with what is the same for all of them. */
export interface Slice {
  readonly name: string;
  /** Where its name begins, if that is a path. */
  readonly folder: string;
  readonly first: number;
  readonly seeds: number;
  readonly members: number | undefined;
  readonly faults: readonly FaultKind[];
}

/** Every so many slices another variant of the protocol than the first has its turn. */
const variantEvery = 4;
const sliceSeeds = 120;

export async function runSlice({ name, folder, ...options }: Slice): Promise<SeedsReport> {
  return runSeeds(variantOf(await subjectsOf(name, folder), options.first), options);
}

/** The variant that a seed is run with: it follows from the seed, so that the seed alone replays it. */
export function variantOf([usual, ...others]: readonly [Subject, ...Subject[]], seed: number): Subject {
  const slice = Math.floor((seed - 1) / sliceSeeds);
  const other =
    slice % variantEvery === variantEvery - 1
      ? others[Math.floor(slice / variantEvery) % others.length]
      : usual;
  return other ?? usual;
}

/** Slices that end where the variant may change. */
export function slicesOf({ first, seeds, ...rest }: Slice): Slice[] {
  const slices: Slice[] = [];
  for (let next = first; next < first + seeds; ) {
    const boundary = (Math.floor((next - 1) / sliceSeeds) + 1) * sliceSeeds + 1;
    const end = Math.min(boundary, first + seeds);
    slices.push({ ...rest, first: next, seeds: end - next });
    next = end;
  }
  return slices;
}

/**
 * Runs slices on threads, and tells of each as it ends. Resolves when all have ended; once `told` wants no more, when
 * those have that are under way, which all that come before them are by then: the first failure is always told.
 */
export async function runOnThreads(
  slices: readonly Slice[],
  threads: number,
  told: (at: number, report: SeedsReport) => boolean,
): Promise<void> {
  let next = 0;
  const workers = Array.from({ length: Math.min(threads, slices.length) }, () => {
    return new Worker(new URL('./seed-worker.js', import.meta.url));
  });
  const work = (worker: Worker) =>
    new Promise<void>((resolve, reject) => {
      let at = -1;
      const give = () => {
        at = next;
        next += 1;
        if (at >= slices.length) resolve();
        else worker.postMessage(slices[at]);
      };
      worker.on('message', (report: SeedsReport) => {
        if (!told(at, report)) next = slices.length;
        give();
      });
      worker.on('error', reject);
      worker.on('exit', () => reject(new Error('a thread ended before its work was done')));
      give();
    });
  try {
    await Promise.all(workers.map(work));
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}
