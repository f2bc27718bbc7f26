import { describe, expect, test } from 'vitest';
import { timeoutMs } from './fixtures/chance.js';
import { explore, type Scenario } from './fixtures/explorer.js';
import type { Property } from './fixtures/judge.js';
import { mutants } from './fixtures/mutants.js';

type World = readonly [title: string, states: number, scenario: Scenario];

const at = (member: number, ...does: ('read' | 'write')[]) => ({ at: member, does });
/** What such a read returns may be stored at a minority. */
const all: { reads: 'all'; properties: readonly Property[] } = {
  reads: 'all',
  properties: ['linearizable', 'a tag never falls', 'a tag names one value', 'every operation ends'],
};

/** Worlds with the number of their states: where one changes, the protocol has changed, and the commit says why. */
const worlds: readonly World[] = [
  ['write | read read', 1_780, { clients: [at(0, 'write'), at(1, 'read', 'read')] }],
  ['write | write', 627, { clients: [at(0, 'write'), at(1, 'write')] }],
  ['write | two reads at one member', 6_751, { clients: [at(0, 'write'), at(1, 'read'), at(1, 'read')] }],
  ['write | write, a crash', 2_121, { clients: [at(0, 'write'), at(1, 'write')], crashes: 1 }],
  ['write | write, two losses', 4_256, { clients: [at(0, 'write'), at(1, 'write')], drops: 2 }],
  ['write | write, a duplicate', 4_118, { clients: [at(0, 'write'), at(1, 'write')], duplicates: 1 }],
  ['write | read read, a loss', 5_551, { clients: [at(0, 'write'), at(1, 'read', 'read')], drops: 1 }],
  [
    'write | read, a duplicate, a loss and a crash',
    16_353,
    { clients: [at(0, 'write'), at(1, 'read')], duplicates: 1, drops: 1, crashes: 1 },
  ],
  ["write | read write, reads 'all'", 2_646, { clients: [at(0, 'write'), at(1, 'read', 'write')], ...all }],
  ['a write in a group of five', 130, { clients: [at(0, 'write')], size: 5 }],
];

const largeWorlds: readonly World[] = [
  // Without the reduction: what nobody waits for any more stays in flight, and changes nothing.
  ['write | read read', 194_883, { clients: [at(0, 'write'), at(1, 'read', 'read')], keepLate: true }],
  [
    'write | read read, a duplicate',
    12_401,
    { clients: [at(0, 'write'), at(1, 'read', 'read')], duplicates: 1 },
  ],
  ['write | read | read', 18_149, { clients: [at(0, 'write'), at(1, 'read'), at(2, 'read')] }],
  ['write | write | read', 44_193, { clients: [at(0, 'write'), at(1, 'write'), at(2, 'read')] }],
  ['write | write read', 13_916, { clients: [at(0, 'write'), at(1, 'write', 'read')] }],
  ['write write | read', 35_311, { clients: [at(0, 'write', 'write'), at(1, 'read')] }],
  ['two writes at one member | read', 137_202, { clients: [at(0, 'write'), at(0, 'write'), at(1, 'read')] }],
  [
    "write | read write read, reads 'all'",
    20_281,
    { clients: [at(2, 'write'), at(0, 'read', 'write', 'read')], ...all },
  ],
  ['write | read in a group of five', 42_041, { clients: [at(0, 'write'), at(1, 'read')], size: 5 }],
];

describe('every order of the messages of', () => {
  const chosen = process.env.DSM_DEEP ? [...worlds, ...largeWorlds] : worlds;
  test.each(chosen)(
    '%s, in %i states, keeps every property',
    { timeout: timeoutMs },
    (_, states, scenario) => {
      expect(explore(scenario)).toEqual({ states });
    },
  );
});

describe('some order of messages shows that', () => {
  test.each(mutants)(
    '$mistake, which breaks: $breaks',
    { timeout: timeoutMs },
    ({ replica, breaks, world }) => {
      expect(explore({ ...world, replica }).violation?.property).toBe(breaks);
    },
  );

  test.each(mutants.slice(0, 2))(
    '$mistake, in the eyes of a user',
    { timeout: timeoutMs },
    ({ replica, world }) => {
      const { violation } = explore({ ...world, replica, properties: ['linearizable'] });
      expect(violation?.property).toBe('linearizable');
    },
  );
});
