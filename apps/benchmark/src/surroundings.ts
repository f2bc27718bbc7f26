import type { Children } from './children.js';
import type { Histogram } from './load/histogram.js';
import type { Progress } from './progress.js';
import type { Workload } from './workload/workload.js';

/** What a measurement needs besides its settings. */
export interface Surroundings {
  readonly children: Children;
  readonly progress: Progress;
  readonly workload: Workload;
  /** Collects the round trips of the floor, before and after. */
  readonly floor: Histogram;
}
