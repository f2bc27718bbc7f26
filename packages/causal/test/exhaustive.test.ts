import { explore, parseScript, type Scenario, type Subject } from '@dsm/simulator';
import { describe, expect, test } from 'vitest';
import { causal } from '../src/index.js';
import { inspection } from '../src/inspection.js';
import { timeoutMs } from './fixtures/chance.js';
import { mutants } from './fixtures/mutants.js';
import { subjectOf } from './fixtures/subject.js';

type World = readonly [script: string, states: number, world?: Omit<Scenario, 'script'>];

const memory: Subject = { protocol: causal(), inspection };
const held: Subject = { protocol: causal({ acknowledgements: 2 }), inspection };

/** Worlds with the number of their states: where one changes, the protocol has changed, and the commit says why. */
const worlds: readonly World[] = [
  ['w | r r', 35],
  ['w | w', 57],
  ['w | w | r r', 927],
  ['w | r w | r r', 2_567],
  ['wx | rx wy | ry rx', 2_480],
  ['w | d | r r', 877],
  ['w | r r', 61, { duplicates: 1 }],
  ['w | r r', 1_878, { drops: 1 }],
  ['w | w', 10_485, { drops: 1, duplicates: 1 }],
  ['w | w', 228, { crashes: 1 }],
  ['w & w', 2_017, { members: 4 }],
];

const largeWorlds: readonly World[] = [
  ['w | r w | r r', 186_299, { drops: 1 }],
  ['w | r w | r r', 5_920, { duplicates: 1 }],
  ['w r | w r | w r', 95_245],
];

const heldWorlds: readonly World[] = [
  ['w', 10],
  ['w | w', 258],
  ['w | r r', 1_146, { drops: 1 }],
];

const named = (list: readonly World[]) => list.map(([script, states, world]) => ({ script, states, world }));

describe('every order of the messages of', () => {
  const chosen = process.env.DSM_DEEP ? [...worlds, ...largeWorlds] : worlds;
  test.each(named(chosen))(
    '$script, in $states states, keeps every property: $world',
    { timeout: timeoutMs },
    ({ script, states, world }) => {
      expect(explore(memory, { script: parseScript(script), ...world })).toEqual({ states, complete: true });
    },
  );

  test.each(named(heldWorlds))(
    '$script, in $states states, with acknowledgements: $world',
    { timeout: timeoutMs },
    ({ script, states, world }) => {
      expect(explore(held, { script: parseScript(script), ...world })).toEqual({ states, complete: true });
    },
  );
});

describe('some order of messages shows that', () => {
  test.each(mutants)('$mistake, which breaks: $breaks', { timeout: timeoutMs }, (mutant) => {
    const scenario = { script: parseScript(mutant.script), ...mutant.world };
    expect(explore(subjectOf(mutant), scenario).violation?.property).toBe(mutant.breaks);
  });

  test.each(mutants.filter(({ visible }) => visible))(
    '$mistake, in the eyes of a user',
    { timeout: timeoutMs },
    (mutant) => {
      const scenario = { script: parseScript(mutant.script), ...mutant.world, properties: ['causal'] };
      expect(explore(subjectOf(mutant), scenario).violation?.property).toBe('causal');
    },
  );
});
