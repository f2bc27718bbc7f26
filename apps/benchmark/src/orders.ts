import type { Guarantees, ServerReport } from '@dsm/core';
import type { Spread } from './load/arrivals.js';
import type { Columns } from './load/columns.js';
import type { Seat, Traffic } from './memory.js';
import type { TransportName } from './transports.js';
import type { WorkloadOrder } from './workload/catalogue.js';

/**
 * What the coordinator tells a member to do, in this order; each is answered when it is done. From `mark` to `totals`
 * is one measured phase, of which there may be several.
 */
export type Order =
  /** To be there, with all code loaded: what follows is then the system's doing. */
  | { readonly kind: 'appear'; readonly system: string; readonly module?: string | undefined }
  | {
      readonly kind: 'join';
      readonly system: string;
      /** A module with further systems. */
      readonly module?: string | undefined;
      readonly seat: Omit<Seat, 'transport'>;
      readonly transport?: TransportName | undefined;
      readonly member: number;
      readonly clients: number;
      /** So many members have clients. */
      readonly busy: number;
      readonly workload: WorkloadOrder;
      readonly seed: number;
      readonly verify: boolean;
      /** `process.hrtime.bigint()` at the beginning of the run. */
      readonly origin: bigint;
    }
  | { readonly kind: 'preload' }
  | { readonly kind: 'warm'; readonly seconds: number }
  /** From here messages count; `open` readies what only an open loop needs. */
  | { readonly kind: 'mark'; readonly open: boolean }
  | {
      readonly kind: 'measure';
      readonly beginNs: number;
      /** `undefined`: until the workload ends. */
      readonly seconds?: number | undefined;
      /** Arrivals per second of all members; `undefined` is a closed loop. */
      readonly rate?: number | undefined;
      readonly spread: Spread;
      /** Whether the checked sample is to have enough operations of it. */
      readonly sampled: boolean;
    }
  | { readonly kind: 'totals' }
  | { readonly kind: 'sample'; readonly level: number }
  /** What is read under these keys now. */
  | { readonly kind: 'contents'; readonly keys: Float64Array }
  /** Bytes that are alive in this process. */
  | { readonly kind: 'weigh' }
  /** Writes a share of the entries with these numbers, none of which was there before. */
  | { readonly kind: 'grow'; readonly from: number; readonly to: number }
  | { readonly kind: 'leave' };

/** What a member that has joined knows of its system. */
export interface Joined {
  readonly guarantees: Guarantees;
  /** Whether it has a compare-and-swap. */
  readonly swaps: boolean;
  readonly server?: ServerReport | undefined;
}

/** What the answer to each order holds. */
export interface Answers {
  appear: null;
  join: Joined;
  preload: null;
  warm: null;
  mark: null;
  measure: null;
  totals: Totals;
  sample: Columns;
  contents: Float64Array;
  weigh: number;
  grow: null;
  leave: null;
}

/** What one member did in a measured phase. */
export interface Totals {
  readonly reads: Uint32Array;
  readonly writes: Uint32Array;
  /** Compare-and-swaps among the writes, and those of them that wrote nothing. */
  readonly swaps: number;
  readonly lostSwaps: number;
  readonly lastEnd: number;
  /** About how many operations were due in an open loop and were never begun, for it took too long. */
  readonly unbegun: number;
  readonly failures: ReadonlyMap<string, number>;
  readonly mangled?: string | undefined;
  readonly cpuSeconds: number;
  /** Without what the recorder takes. */
  readonly residentBytes: number;
  readonly traffic?: Traffic | undefined;
  /** The recorder's level and how many measured operations each level has. */
  readonly level: number;
  readonly counts: readonly number[];
}

/** What a member says. */
export type Report =
  | { readonly kind: 'done'; readonly answer: unknown }
  | { readonly kind: 'failed'; readonly message: string; readonly code?: string | undefined }
  | { readonly kind: 'progress'; readonly performed: number };
