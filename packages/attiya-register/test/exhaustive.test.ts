import { inspection } from '@dsm/attiya-register/inspection';
import { timeoutMs } from '@dsm/conformance/chance';
import { explore, parseScript, type Scenario, type Subject } from '@dsm/simulator';
import { describe, expect, test } from 'vitest';
import { attiyaRegister } from '../src/index.js';
import { rebuilt } from './fixtures/interior.js';
import type { Mutant } from './fixtures/mutant.js';
import { mutants } from './fixtures/mutants.js';

type World = readonly [script: string, states: number, world: Omit<Scenario, 'script'>];

const register: Subject = { protocol: attiyaRegister(), inspection };
/** Its members are busy whatever they do. */
const busy: Subject = { protocol: attiyaRegister({ busyRounds: 0 }), inspection };
/** And they neither ask others, when an answer is late, nor for stores that they lack. */
const Calm = rebuilt({}, true);
const calmFrom = (busyRounds: number): Subject => ({
  protocol: { ...attiyaRegister({ busyRounds }), replica: (self) => new Calm(self, false, busyRounds) },
  inspection,
});
const calm = calmFrom(0);
/** The same, of members that are busy with a second round: they do some things by key and share others. */
const mixed = calmFrom(1);
const readsAll: Subject = { protocol: attiyaRegister({ reads: 'all' }), inspection };

/** Worlds with the number of their states: where one changes, the protocol has changed, and the commit says why. */
const worlds: readonly World[] = [
  ['w | r r', 1_509, {}],
  ['w | w', 412, {}],
  ['w | r | r', 17_249, {}],
  ['w | w', 1_584, { crashes: 1 }],
  ['w | w', 3_726, { drops: 2 }],
  ['w | w', 2_397, { duplicates: 1 }],
  ['w | r r', 6_097, { drops: 1 }],
  ['w | r & r', 5_840, {}],
  ['w | r', 18_657, { duplicates: 1, drops: 1, crashes: 1 }],
  ['w', 108, { members: 5 }],
];

const largeWorlds: readonly World[] = [
  ['w r | w r', 130_896, {}],
  ['w | w | r', 28_680, {}],
  ['w | r r', 341_205, { keepLate: true }],
  ['w | r r', 9_726, { duplicates: 1 }],
  ['w | w r', 5_915, {}],
  ['w w | r', 13_836, {}],
  ['w & w | r', 53_944, {}],
  ['w | r', 34_666, { members: 5 }],
];

const worldsOfAll: readonly World[] = [
  ['w | r w', 1_845, {}],
  ['r w r | | w', 10_186, {}],
];

const worldsOfBusy: readonly World[] = [
  ['w', 4, { members: 1 }],
  ['w', 35_930, {}],
  ['w | r', 6_415, { members: 2 }],
];

const largeWorldsOfBusy: readonly World[] = [
  ['w', 132_271, { crashes: 1 }],
  ['w', 159_442, { drops: 1 }],
];

const worldsOfCalm: readonly World[] = [
  ['w', 258, {}],
  ['w | r', 9_152, {}],
  ['w', 1_320, { duplicates: 1 }],
  ['w', 2_470, { members: 4 }],
];

const largeWorldsOfCalm: readonly World[] = [
  ['w | w', 250_048, {}],
  ['w | r r', 38_834, {}],
  ['w r | r', 38_004, {}],
  ['w w', 11_194, {}],
  ['w wy', 17_106, {}],
  ['w w', 89_274, { duplicates: 1 }],
  ['w', 25_466, { members: 5 }],
];

const worldsOfMixed: readonly World[] = [['w & r | w', 9_650, { members: 2 }]];

const largeWorldsOfMixed: readonly World[] = [
  ['w & ry | w', 106_335, {}],
  ['w & ry | r', 92_706, {}],
  ['w & wy', 48_307, {}],
  ['w & wy | r', 20_409, { members: 2 }],
  ['w & wy | w', 28_063, { members: 2 }],
];

describe('every order of the messages of', () => {
  const chosen = process.env.DSM_DEEP ? [...worlds, ...largeWorlds] : worlds;
  test.each(chosen)(
    '%s, in %i states, keeps every property',
    { timeout: timeoutMs },
    (script, states, world) => {
      expect(explore(register, { script: parseScript(script), ...world })).toEqual({
        states,
        complete: true,
      });
    },
  );

  const chosenOfBusy = process.env.DSM_DEEP ? [...worldsOfBusy, ...largeWorldsOfBusy] : worldsOfBusy;
  test.each(chosenOfBusy)(
    '%s, in %i states, keeps every property where members are busy',
    { timeout: timeoutMs },
    (script, states, world) => {
      expect(explore(busy, { script: parseScript(script), ...world })).toEqual({ states, complete: true });
    },
  );

  const chosenOfCalm = process.env.DSM_DEEP ? [...worldsOfCalm, ...largeWorldsOfCalm] : worldsOfCalm;
  test.each(chosenOfCalm)(
    '%s, in %i states, keeps every property where members are busy and never lose their patience',
    { timeout: timeoutMs },
    (script, states, world) => {
      expect(explore(calm, { script: parseScript(script), ...world })).toEqual({ states, complete: true });
    },
  );

  const chosenOfMixed = process.env.DSM_DEEP ? [...worldsOfMixed, ...largeWorldsOfMixed] : worldsOfMixed;
  test.each(chosenOfMixed)(
    '%s, in %i states, keeps every property where members become busy, and never lose their patience',
    { timeout: timeoutMs },
    (script, states, world) => {
      expect(explore(mixed, { script: parseScript(script), ...world })).toEqual({ states, complete: true });
    },
  );

  test.each(worldsOfAll)(
    "%s, in %i states, with reads 'all'",
    { timeout: timeoutMs },
    (script, states, world) => {
      expect(explore(readsAll, { script: parseScript(script), ...world })).toEqual({
        states,
        complete: true,
      });
    },
  );
});

/** The register with a mistake. */
function subjectOf({ replica, reads, busy }: Mutant): Subject {
  const { protocol } = reads === 'all' ? readsAll : register;
  return {
    protocol: { ...protocol, replica: (self) => new replica(self, reads === 'all', busy ? 0 : undefined) },
    inspection,
  };
}

describe('some order of messages shows that', () => {
  const chosen = mutants.filter(({ large }) => large === undefined || process.env.DSM_DEEP);
  test.each(chosen)('$mistake, which breaks: $breaks', { timeout: timeoutMs }, (mutant) => {
    const scenario = { script: parseScript(mutant.script), ...mutant.world };
    expect(explore(subjectOf(mutant), scenario).violation?.property).toBe(mutant.breaks);
  });

  test.each(mutants.slice(0, 2))('$mistake, in the eyes of a user', { timeout: timeoutMs }, (mutant) => {
    const scenario = { script: parseScript(mutant.script), properties: ['linearizable'] };
    expect(explore(subjectOf(mutant), scenario).violation?.property).toBe('linearizable');
  });
});
