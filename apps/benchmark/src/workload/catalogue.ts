import { pure, pureNames } from './pure.js';
import { type Trace, traceWorkload } from './trace-feed.js';
import { twitter, twitterNames } from './twitter.js';
import type { Workload, WorkloadSize } from './workload.js';
import { ycsb, ycsbNames } from './ycsb.js';

/** Every name of a workload; besides there is `trace:FILE`. */
export const workloadNames: readonly string[] = [...ycsbNames, ...pureNames, ...twitterNames];

/** A workload as data, to be told to another process. */
export interface WorkloadOrder {
  readonly name: string;
  readonly size: WorkloadSize;
  /** Where the workload is a trace. */
  readonly trace?: Trace | undefined;
}

/** The file of `trace:FILE`. */
export function traceFileOf(name: string): string | undefined {
  return name.startsWith('trace:') ? name.slice('trace:'.length) : undefined;
}

export function workloadOf({ name, size, trace }: WorkloadOrder): Workload {
  const workload =
    trace === undefined
      ? (ycsb(name, size) ?? pure(name, size) ?? twitter(name, size))
      : traceWorkload(name, trace);
  if (workload === undefined) throw new RangeError(`There is no workload ${name}.`);
  return workload;
}
