import type { Guarantees } from '@dsm/core';
import type { Percentiles } from './load/histogram.js';

/** `unchecked`: nobody asked, or nothing is promised. */
export type RunVerdict = 'legal' | 'illegal' | 'unknown' | 'unchecked';

/** The figures of one system under one workload, as the JSON output has them. Absent figures are null there. */
export interface Run {
  readonly system: string;
  readonly guarantees: Guarantees;
  readonly workload: string;
  readonly members: number;
  readonly clients: number;
  /** Operations completed in the measured phase. */
  readonly operations: number;
  /** Operations that failed, in whatever phase. */
  readonly failedOperations: number;
  /** From the beginning of the measured phase to the end of its last operation. */
  readonly seconds: number;
  /** Operations per second. */
  readonly throughput: number;
  /** Operations per second of processor time, of all members and the server if there is one. */
  readonly operationsPerCpuSecond: number;
  readonly latencyUs: { readonly read: Percentiles; readonly write: Percentiles };
  readonly messagesPerOperation: { readonly read: number; readonly write: number };
  readonly bytesPerOperation: number;
  /** Of all members and the server if there is one. */
  readonly residentBytes: number;
  readonly verdict: RunVerdict;
  /** Measured operations among those that were checked. */
  readonly checkedOperations: number;
  /** Keys of which all members were seen to hold the same at the end; 0 where they were not compared. */
  readonly convergedKeys: number;
}

/** A run, and what is said about it beside the table. */
export interface Measured {
  readonly run: Run;
  /** What a reader of the figures must know. */
  readonly notes: readonly string[];
  /** Why the verdict is not `legal`. */
  readonly reason?: string | undefined;
}

/** Everything that one call of the benchmark measured; what the JSON output is. */
export interface Outcome {
  readonly machine: string;
  readonly node: string;
  readonly commit: string;
  readonly floorUs: { readonly p50: number; readonly p99: number };
  readonly runs: readonly Run[];
}
