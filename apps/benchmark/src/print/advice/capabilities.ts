import type { Guarantees } from '@dsm/core';
import type { Run } from '../../run.js';
import { listed } from '../numbers.js';
import { beside } from './pace.js';

interface Capability {
  readonly has: (guarantees: Guarantees) => boolean;
  /** What is said of the choice that has it. */
  readonly present: string;
  /** What a program needs that cannot do without. */
  readonly needed: string;
}

const capabilitiesKnown: readonly Capability[] = [
  {
    has: ({ compareAndSwap }) => compareAndSwap,
    present: 'has compare-and-swap',
    needed: 'compare-and-swap is needed',
  },
  {
    has: ({ survives }) => survives !== 'none',
    present: 'loses nothing that was acknowledged when a minority crashes',
    needed: 'a crash must lose nothing that was acknowledged',
  },
];

/** For each capability: that the choice has it, or what the choice narrows to where it is needed. */
export function capabilities(best: Run, own: readonly Run[]): string[] {
  return capabilitiesKnown.map(({ has, present, needed }) => {
    if (has(best.guarantees)) return `${best.system} ${survivalOf(best, present)}.`;
    const others = own.filter(({ guarantees }) => has(guarantees));
    return `Where ${needed}, ${narrowed(best, others)}.`;
  });
}

/** Some promise to survive any number of crashes, or a certain one. */
function survivalOf({ guarantees: { survives } }: Run, present: string): string {
  return present.replace('a minority crashes', crashesOf(survives));
}

function crashesOf(survives: Run['guarantees']['survives']): string {
  if (survives === 'any') return 'any number of members crash';
  if (typeof survives !== 'object') return 'a minority crashes';
  return survives.crashes === 1 ? '1 member crashes' : `${survives.crashes} members crash`;
}

function narrowed(best: Run, others: readonly Run[]): string {
  const [fastest, ...rest] = others;
  if (fastest === undefined)
    return `${best.system} will not do, nor will anything else that this run found legal without a server`;
  const named = (run: Run): string =>
    run.guarantees.consistency === best.guarantees.consistency
      ? run.system
      : `${run.system} (${run.guarantees.consistency})`;
  const choice = `take ${named(fastest)}, which ${beside(fastest, best)}`;
  return rest.length === 0
    ? `only one is left: ${choice}`
    : `${choice}; ${listed(rest.map(named))} ${rest.length === 1 ? 'has' : 'have'} it too`;
}
