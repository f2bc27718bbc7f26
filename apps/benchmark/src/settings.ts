import type { Spread } from './load/arrivals.js';
import type { StoredOutcome } from './print/stored.js';
import type { ScaleOrder } from './scales.js';
import type { TransportName } from './transports.js';
import type { WorkloadOrder } from './workload/catalogue.js';

/** What one call of the benchmark is to measure, with every default filled in. */
export interface Settings {
  readonly systems: readonly string[];
  /** A module with further systems. */
  readonly module?: string | undefined;
  /** What the members of our protocols are joined over, one row each; ZeroMQ where it is left out. */
  readonly transports?: readonly TransportName[] | undefined;
  readonly workload: WorkloadOrder;
  readonly members: number;
  /** Of all members together. */
  readonly clients: number;
  /** So many members have clients; all of them where it is left out. */
  readonly busy?: number | undefined;
  /** Arrivals per second; `undefined` is a closed loop. */
  readonly rate?: number | undefined;
  readonly spread: Spread;
  readonly seconds: number;
  readonly warmSeconds: number;
  /** How often each system is measured; the figures are medians. */
  readonly rounds: number;
  readonly seed: number;
  readonly verify: boolean;
  /** Whether the floor is measured before and after each measured phase. */
  readonly floor: boolean;
  /** At so many rates, up to past what the first closed loop reached, latency is measured in an open loop. */
  readonly curve?: number | undefined;
  /** What is to grow while everything else stays. */
  readonly scales?: readonly ScaleOrder[] | undefined;
  /** So many entries are written in the end, to see what memory they take. */
  readonly entries?: number | undefined;
  /** The command that asked for all this. */
  readonly command?: string | undefined;
  /** Files to be written. */
  readonly json?: string | undefined;
  readonly report?: string | undefined;
  /** What the outcome is to be compared with. */
  readonly earlier?: StoredOutcome | undefined;
}
