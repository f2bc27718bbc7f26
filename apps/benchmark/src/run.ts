import type { Guarantees, ServerReport } from '@dsm/core';
import type { Spread } from './load/arrivals.js';
import type { Cumulated, Percentiles } from './load/histogram.js';
import type { TransportName } from './transports.js';

/** `unchecked`: nobody asked, or nothing is promised. */
export type RunVerdict = 'legal' | 'illegal' | 'unknown' | 'unchecked';

/** The least and the most of something over the rounds. */
export type Range = readonly [least: number, most: number];

/** The figures of one system under one workload, as the JSON output has them. Absent figures are null there. */
export interface Run {
  /** Its label: with the transport where that was chosen. */
  readonly system: string;
  /** Absent for what is no protocol of this project. */
  readonly transport?: TransportName | undefined;
  readonly guarantees: Guarantees;
  readonly workload: string;
  readonly members: number;
  readonly clients: number;
  /** Arrivals per second of all clients together; absent in a closed loop. */
  readonly rate?: number | undefined;
  /** Operations completed in the measured phase. */
  readonly operations: number;
  /** Reads and writes among them, in the round that had fewest: what the latencies are of. */
  readonly reads: number;
  readonly writes: number;
  /** Operations that failed, in whatever phase. */
  readonly failedOperations: number;
  /** Compare-and-swaps among the operations of all rounds together. */
  readonly swaps: number;
  /** Those of them that found another value than they expected, and wrote nothing. */
  readonly lostSwaps: number;
  /** From the beginning of the measured phase to the end of its last operation. */
  readonly seconds: number;
  /** Operations per second. */
  readonly throughput: number;
  /** Operations per second of processor time, of all members and the server if there is one. */
  readonly operationsPerCpuSecond: number;
  /** Least and most over the rounds. */
  readonly spread: { readonly throughput: Range; readonly operationsPerCpuSecond: Range };
  /** A percentile of which a round measured too few operations is absent. */
  readonly latencyUs: { readonly read: Percentiles; readonly write: Percentiles };
  /** To other members. Absent for a server and its clients, where nobody counts them. */
  readonly messagesPerOperation: { readonly read: number; readonly write: number };
  readonly bytesPerOperation: number;
  /** From the order to join until every member had joined, and before it the start of the server if there is one. */
  readonly startUpMs: number;
  /**
   * Of all members and the server if there is one, at the end of the measured phase, without what was taken to record
   * the history.
   */
  readonly residentBytes: number;
  /**
   * What all members and the server hold more of with 100,000 more entries, not counting what could be freed; null
   * where that was not measured.
   */
  readonly residentBytesPer100kEntries: number | null;
  /** The same of one member: its heap and buffers, after a full collection. */
  readonly heapBytesPer100kEntries: number | null;
  /** Absent for systems without a server. */
  readonly server?: ServerReport | undefined;
  /** Of the round whose throughput is nearest the median. */
  readonly cdf: { readonly read: Cumulated; readonly write: Cumulated };
  readonly verdict: RunVerdict;
  /** Measured operations among those that were checked, in the round of which the smallest share was. */
  readonly checkedOperations: number;
  /** All operations that were measured in that round. */
  readonly checkedOf: number;
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

/** What one system does when operations arrive at a given rate. Absent figures are null in the JSON output. */
export interface CurvePoint {
  /** Arrivals per second of all clients together. */
  readonly offered: number;
  /** Operations completed per second. */
  readonly throughput: number;
  readonly throughputSpread: Range;
  /** Operations that the latencies are of, in the round that had fewest. */
  readonly reads: number;
  readonly writes: number;
  /** Counted from when an operation was due. */
  readonly readUs: Percentiles;
  readonly writeUs: Percentiles;
  readonly verdict: RunVerdict;
}

/** Latency against offered load. */
export interface Curve {
  readonly system: string;
  /** By rising offered load, to past what the closed loop reached in the first round. */
  readonly points: readonly CurvePoint[];
}

/** What can be made to grow. */
export type Scale = 'members' | 'clients' | 'keys' | 'value-bytes';

/** What one system does, in a closed loop, where something has grown to `at`. */
export interface ScalePoint {
  readonly at: number;
  readonly throughput: number;
  readonly throughputSpread: Range;
  readonly operationsPerCpuSecond: number;
  /** Operations that the latencies are of, in the round that had fewest. */
  readonly reads: number;
  readonly writes: number;
  readonly readUs: Percentiles;
  readonly writeUs: Percentiles;
  readonly residentBytes: number;
  readonly verdict: RunVerdict;
}

/** What becomes of one system when one thing grows and everything else stays. */
export interface Scaling {
  readonly of: Scale;
  readonly system: string;
  /** By rising `at`. */
  readonly points: readonly ScalePoint[];
}

/** What all systems had to do, beside workload, members and clients. */
export interface Load {
  /** Size of the values, or their mean where they differ. */
  readonly valueBytes: number;
  /** That exist before the load begins. */
  readonly keys: number;
  /** Arrivals per second; null in a closed loop. */
  readonly rate: number | null;
  /** How they are spread; null in a closed loop. */
  readonly arrivals: Spread | null;
  /** Of the measured phase in each round; null where a trace runs to its end. */
  readonly seconds: number | null;
  readonly warmUpSeconds: number;
  readonly seed: number;
  /** Whether histories were recorded and checked: that costs some throughput. */
  readonly verified: boolean;
}

/** A system, or a system at one size, that could not be measured: it is in no other figure. */
export interface Unmeasured {
  readonly system: string;
  /** What went wrong, in words. */
  readonly reason: string;
}

/** Everything that one call of the benchmark measured; what the JSON output is. */
export interface Outcome {
  readonly machine: string;
  readonly node: string;
  readonly commit: string;
  /** When it began, as ISO 8601 has it. */
  readonly date: string;
  readonly rounds: number;
  /** What measures this again; absent where no command asked for it. */
  readonly command?: string | undefined;
  readonly load: Load;
  readonly floorUs: { readonly p50: number; readonly p99: number };
  readonly runs: readonly Run[];
  /** Empty where none was asked for. */
  readonly curves: readonly Curve[];
  /** Empty where none was asked for. */
  readonly scaling: readonly Scaling[];
  readonly unmeasured: readonly Unmeasured[];
}
