import { inspection } from '@dsm/attiya-register/inspection';
import { explore, parseScript, type Scenario, type Subject } from '@dsm/simulator';
import { describe, expect, test } from 'vitest';
import { attiyaRegister } from '../src/index.js';
import { timeoutMs } from './fixtures/chance.js';
import { type Mutant, mutants } from './fixtures/mutants.js';

type World = readonly [script: string, states: number, world: Omit<Scenario, 'script'>];

const register: Subject = { protocol: attiyaRegister(), inspection };
/** Its members are busy whatever they do. */
const busy: Subject = { protocol: attiyaRegister({ busyRounds: 0 }), inspection };
const readsAll: Subject = { protocol: attiyaRegister({ reads: 'all' }), inspection };

/** Worlds with the number of their states: where one changes, the protocol has changed, and the commit says why. */
const worlds: readonly World[] = [
  ['w | r r', 1_037, {}],
  ['w | w', 412, {}],
  ['w | r | r', 10_159, {}],
  ['w | w', 1_529, { crashes: 1 }],
  ['w | w', 3_253, { drops: 2 }],
  ['w | w', 2_322, { duplicates: 1 }],
  ['w | r r', 3_555, { drops: 1 }],
  ['w | r & r', 3_992, {}],
  ['w | r', 11_488, { duplicates: 1, drops: 1, crashes: 1 }],
  ['w', 108, { members: 5 }],
];

const largeWorlds: readonly World[] = [
  ['w r | w r', 78_675, {}],
  ['w | w | r', 22_778, {}],
  ['w | r r', 194_883, { keepLate: true }],
  ['w | r r', 5_847, { duplicates: 1 }],
  ['w | w r', 4_167, {}],
  ['w w | r', 8_803, {}],
  ['w & w | r', 34_224, {}],
  ['w | r', 23_958, { members: 5 }],
];

const worldsOfAll: readonly World[] = [
  ['w | r w', 1_845, {}],
  ['r w r | | w', 10_186, {}],
];

const worldsOfBusy: readonly World[] = [
  ['w', 43, {}],
  ['w | r', 2_646, {}],
  ['r | w', 9_524, { drops: 1 }],
  ['w', 172, { crashes: 1 }],
  ['w', 148, { duplicates: 1 }],
];

const largeWorldsOfBusy: readonly World[] = [
  ['w | r r', 18_226, {}],
  ['w | w', 5_915, {}],
  ['w | r', 9_654, { crashes: 1 }],
  ['w r', 398, { drops: 1 }],
  ['w | r | r', 367_633, {}],
  ['w r | w r', 561_122, {}],
  ['w | r', 257_330, { members: 5 }],
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
  test.each(mutants)('$mistake, which breaks: $breaks', { timeout: timeoutMs }, (mutant) => {
    const scenario = { script: parseScript(mutant.script), ...mutant.world };
    expect(explore(subjectOf(mutant), scenario).violation?.property).toBe(mutant.breaks);
  });

  test.each(mutants.slice(0, 2))('$mistake, in the eyes of a user', { timeout: timeoutMs }, (mutant) => {
    const scenario = { script: parseScript(mutant.script), properties: ['linearizable'] };
    expect(explore(subjectOf(mutant), scenario).violation?.property).toBe('linearizable');
  });
});
