import type { Subject } from '../subject.js';
import { exploreWith } from './explorer.js';
import { type Exploration, namesOf } from './scenario.js';
import { parseScript, scriptsOf } from './script.js';
import { Turns } from './turns.js';

/** What was found in all of these scripts together, or in the first that breaks something or is not complete. */
export interface Explorations extends Exploration {
  /** The script that was not explored to its end. */
  readonly script?: string | undefined;
}

/** Explores every script of `scriptsOf`. Throws as `explore` does. */
export function exploreEvery(
  subject: Subject,
  members: number,
  operations: number,
  deeds: readonly string[],
): Explorations {
  // Most of what members do in one script they do in others.
  const turns = new Turns(subject.protocol, namesOf({ members }));
  let states = 0;
  for (const script of scriptsOf(members, operations, deeds)) {
    const exploration = exploreWith(turns, subject, { script: parseScript(script), members });
    if (!exploration.complete) return { ...exploration, script };
    states += exploration.states;
  }
  return { states, complete: true };
}
