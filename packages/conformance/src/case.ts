import type { Guarantees, Protocol } from '@dsm/core';

/** Where cases run. The laws of a replica need no world; `transport` is there where one is given. */
export const worlds = ['in-process', 'zeromq', 'transport', 'simulator', 'explorer'] as const;
export type World = (typeof worlds)[number];

/** A protocol whatever its messages are. */
export type AnyProtocol = Protocol<Guarantees, unknown>;

/** One thing that a protocol must do, in one world with one number of members. */
export interface Case {
  /** What must hold. The same in all worlds and for all protocols, and does not change: `leaveOut` names it. */
  readonly name: string;
  /** The name with the place, and for one that does not run the reason. */
  readonly title: string;
  /** Why it does not apply to this protocol, or was left out. */
  readonly skipped?: string | undefined;
  /** Rejects where it does not hold. */
  run(): Promise<void>;
}

/** A case to be, before it is known whether it is left out. */
export interface Draft {
  readonly name: string;
  readonly where: string;
  readonly skipped?: string | undefined;
  run(): Promise<void> | void;
}

/** Whether a completed write is seen by whatever begins later, anywhere. */
export function isPrompt({ guarantees }: AnyProtocol): boolean {
  return guarantees.consistency === 'linearizable';
}

/** Whether a member sees at once what it wrote itself. */
export function seesOwnWrites({ guarantees }: AnyProtocol): boolean {
  return guarantees.consistency !== 'none';
}
