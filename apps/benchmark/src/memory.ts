import type { Guarantees, ServerReport, Transport } from '@dsm/core';

/** What went out of one process, counted since it joined. */
export interface Traffic {
  /** Messages by the kind of operation that caused them. */
  readonly messages: { readonly read: number; readonly write: number };
  readonly bytes: number;
}

/** What a benchmark needs of one member of a system: a system that can do this can be measured. */
export interface Memory {
  readonly guarantees: Guarantees;
  read(key: string): Promise<unknown>;
  write(key: string, value: string): Promise<unknown>;
  delete(key: string): Promise<unknown>;
  /** Present where `guarantees.compareAndSwap`. */
  compareAndSwap?(
    key: string,
    expected: string | undefined,
    value: string,
  ): Promise<{ readonly ok: boolean; readonly version?: string | undefined }>;
  /**
   * The place of a change in the one order of all changes, by the version that it gave: larger is later, 0 is not
   * known. For systems that have such an order and whose histories cannot be judged without it.
   */
  placeOf?(version: unknown): number;
  /** `undefined` where the system's server counts it. */
  traffic?(): Traffic;
  /** What the system's server says of itself, where the member can ask. */
  server?(): ServerReport;
  close(): Promise<unknown>;
}

/** Where a member joins. */
export interface Seat {
  readonly id: string;
  /** Every member's name and address; the same at all of them. */
  readonly members: Readonly<Record<string, string>>;
  /** Address of the system's server, where it has one. */
  readonly server?: string | undefined;
  /** What a protocol is joined over, where it is not to choose itself. */
  readonly transport?: Transport | undefined;
}
