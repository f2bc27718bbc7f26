import { timeoutMs } from '@dsm/conformance/chance';
import { explore, exploreEvery, parseScript, type Scenario, type Subject } from '@dsm/simulator';
import { describe, expect, test } from 'vitest';
import { causal } from '../src/index.js';
import { inspection } from '../src/inspection.js';
import { mutants } from './fixtures/mutants.js';
import { subjectOf } from './fixtures/subject.js';

type World = readonly [script: string, states: number, world?: Omit<Scenario, 'script'>];

const memory: Subject = { protocol: causal(), inspection };
const held: Subject = { protocol: causal({ acknowledgements: 2 }), inspection };

/** Worlds with the number of their states: where one changes, the protocol has changed, and the commit says why. */
const worlds: readonly World[] = [
  ['w | r r', 41],
  ['w | w', 113],
  ['w | w | r r', 1_769],
  ['w | r w | r r', 4_430],
  ['wx | rx wy | ry rx', 4_303],
  ['w | d | r r', 1_684],
  ['w | r r', 67, { duplicates: 1 }],
  ['w | r r', 1_884, { drops: 1 }],
  ['w | w', 12_650, { crashes: 1 }],
  ['w & w', 2_053, { members: 4 }],
  // Several in one turn; the third says its key by a number.
  ['w w | r', 531],
  ['w w | r', 19_738, { drops: 1 }],
  ['w w w', 1_736, { members: 2, drops: 1 }],
  ['w d w', 1_754, { members: 2, drops: 1 }],
];

const largeWorlds: readonly World[] = [
  ['w | w', 58_777, { drops: 1, duplicates: 1 }],
  ['w | r w | r', 224_327, { drops: 1 }],
  ['w | r w | r r', 9_475, { duplicates: 1 }],
  ['w r | w r | w r', 470_123],
  ['w w w | r', 161_671],
];

const heldWorlds: readonly World[] = [
  ['w', 11],
  ['w | w', 489],
  ['w w | r', 106],
  ['w | r r', 1_152, { drops: 1 }],
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

/** On one key. The last takes two minutes: `npm run simulate:full` tries it. */
const { DSM_DEEP: deep, DSM_FULL: full } = process.env;
const sizes = [
  { members: 2, operations: 2, states: 405 },
  { members: 3, operations: 2, states: 3_096 },
  ...(deep ? [{ members: 2, operations: 3, states: 14_256 }] : []),
  ...(full ? [{ members: 3, operations: 3, states: 1_534_122 }] : []),
];

test.each(sizes)(
  'all scripts of $members members with $operations operations keep every property, in $states states',
  { timeout: timeoutMs },
  ({ members, operations, states }) => {
    const found = exploreEvery(memory, members, operations, ['r', 'w', 'd']);
    expect(found).toEqual({ states, complete: true });
  },
);

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
