import type { Story } from '../story.js';
import type { Script } from './script.js';

/** A world small enough to try everything that can happen in it. */
export interface Scenario {
  readonly script: Script;
  /** How many members there are, with and without clients; 3 unless said otherwise. */
  readonly members?: number | undefined;
  /** What they are called, by slot: m0, m1, … unless said otherwise. For protocols whose options name members. */
  readonly names?: readonly string[] | undefined;
  /** How many messages may arrive and stay in flight. For `unordered` protocols. */
  readonly duplicates?: number | undefined;
  /** How many messages may be lost. For `unordered` protocols. */
  readonly drops?: number | undefined;
  /** How many members may stop for ever; what is in flight to one is lost. */
  readonly crashes?: number | undefined;
  /** Looks for violations of these only. An inspector names one at a time, so it can hide another one behind it. */
  readonly properties?: readonly string[] | undefined;
  /** Leaves in flight what a correct replica would ignore (`Inspection.matters`): for replicas that do not. */
  readonly keepLate?: boolean | undefined;
  /** Gives up after so many states; ten million unless said otherwise. */
  readonly statesMax?: number | undefined;
}

export function namesOf({ members = 3, names }: Pick<Scenario, 'members' | 'names'>): readonly string[] {
  return names ?? Array.from({ length: members }, (_, slot) => `m${slot}`);
}

/** What was found by trying. */
export interface Exploration {
  /** How many different ones were reached, the first one included. */
  readonly states: number;
  /** Whether all that can be reached were; never with a violation, at which the search ends. */
  readonly complete: boolean;
  readonly violation?: Violation | undefined;
}

/** A property that does not hold, and the shortest way there is to see it. */
export interface Violation {
  readonly property: string;
  readonly detail: string;
  readonly story: Story;
  /** What happened, an event each. */
  readonly schedule: readonly string[];
}

/** The properties that are looked for in every protocol, besides its consistency and those of its inspection. */
export const builtIn = {
  throws: 'a handler never throws',
  chance: 'a handler does the same again',
  shared: 'members share nothing that changes',
  changed: 'what is sent is not changed',
  twice: 'an operation ends once',
  otherwise: 'an operation ends as what it is',
  hangs: 'every operation ends',
} as const;
