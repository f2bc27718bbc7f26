import { timeoutMs } from '@dsm/conformance/chance';
import { explore, exploreEvery, parseScript, type Scenario } from '@dsm/simulator';
import { describe, expect, test } from 'vitest';
import type { ReadReplicationOptions } from '../src/index.js';
import { ReadReplicationReplica } from '../src/replica.js';
import type { Mutant } from './fixtures/mutant.js';
import { mutants } from './fixtures/mutants.js';
import { subjectOf } from './fixtures/subject.js';
import { GivesUpAccess, WritesUnderAccess } from './fixtures/under-access.js';

interface World {
  readonly script: string;
  /** Where this changes, the protocol has changed, and the commit says why. */
  readonly states: number;
  readonly members?: number;
  readonly options?: ReadReplicationOptions;
  /** Whose writes are made under write access, or when it was given up. */
  readonly replica?: typeof WritesUnderAccess;
}

const update: ReadReplicationOptions = { policy: 'update' };
const serve: ReadReplicationOptions = { whileHeld: 'serve' };
/** One home that no client is at, and no backup: copies only. */
const bare: ReadReplicationOptions = { directory: 'm2', replicas: 1 };

const worlds: readonly World[] = [
  { script: 'w | r r', states: 130 },
  { script: 'w | r r', states: 156, options: update },
  { script: 'w | r r', states: 77, options: bare },
  { script: 'w | r r', states: 224, replica: WritesUnderAccess },
  { script: 'w | r r', states: 272, options: serve, replica: WritesUnderAccess },
  { script: 'w w | w', states: 111, members: 2 },
  { script: 'w r | w r', states: 311 },
  { script: 'w r | w r', states: 224, options: bare },
  { script: 'w r | w r', states: 320, options: { ...bare, policy: 'update' } },
  { script: 'w r | w r', states: 762, options: { ...bare, whileHeld: 'serve' }, replica: WritesUnderAccess },
  { script: 'wx ry | wy rx', states: 483 },
  { script: 'r & w | w', states: 423, options: bare },
  { script: 'r w | w', states: 181, options: { ...bare, policy: 'update' } },
  { script: 'w | r r', states: 323, options: { directory: 'm2', replicas: 3 }, replica: WritesUnderAccess },
  { script: 'r w | c', states: 232, options: bare, replica: WritesUnderAccess },
  { script: 'w | w r', states: 570, replica: GivesUpAccess },
  { script: 'w w | r w', states: 3_499, options: { ...bare, whileHeld: 'serve' }, replica: GivesUpAccess },
  { script: 'w | r & r & r', states: 10_358, options: { ...bare, ...serve }, replica: WritesUnderAccess },
  { script: 'c | c | c', states: 384 },
  { script: 'w & r r | r r', states: 2_199 },
  { script: 'w | w | w r', states: 4_051 },
];

const largeWorlds: readonly World[] = [
  { script: 'w r | w r | r', states: 4_798 },
  { script: 'w r | w r | r', states: 5_909, options: update },
  { script: 'w r | c r | r', states: 1_422, options: bare },
  {
    script: 'w r | w r | r r',
    states: 40_377,
    options: { ...bare, whileHeld: 'serve' },
    replica: WritesUnderAccess,
  },
  { script: 'w & w | w & r | r', states: 186_257 },
  { script: 'r w d | r r | w', states: 68_645, options: { replicas: 3 } },
  { script: 'w | r | r | r | r', states: 309_179, members: 5 },
];

describe('every order of the messages of', () => {
  const chosen = process.env.DSM_DEEP ? [...worlds, ...largeWorlds] : worlds;
  test.each(chosen.map((world) => [titleOf(world), world] as const))(
    '%s keeps every property',
    { timeout: timeoutMs },
    (_, { options, script, members, states, replica = ReadReplicationReplica }) => {
      const subject = subjectOf(replica, options);
      expect(explore(subject, { script: parseScript(script), members })).toEqual({ states, complete: true });
    },
  );
});

/** The deep run has time for those of three, too. */
const operationsMax = process.env.DSM_DEEP ? 3 : 2;

describe(`every script of up to ${operationsMax} operations`, () => {
  const settings: readonly (readonly [
    string,
    number,
    ReadReplicationOptions,
    typeof ReadReplicationReplica,
  ])[] = [
    ['as usual', process.env.DSM_DEEP ? 113_189 : 3_567, {}, ReadReplicationReplica],
    ['with copies that are renewed', 121_053, { policy: 'update' }, ReadReplicationReplica],
    ['with writes under access', 160_886, {}, WritesUnderAccess],
    ['with reads that are served while others write under access', 164_188, serve, WritesUnderAccess],
    ['with write access that is given up', 214_343, {}, GivesUpAccess],
  ];
  const chosen = process.env.DSM_DEEP ? settings : settings.slice(0, 1);
  test.each(chosen)('%s keeps every property', { timeout: timeoutMs }, (_, states, options, replica) => {
    const subject = subjectOf(replica, options);
    let explored = 0;
    for (const members of [2, 3]) {
      for (let operations = 1; operations <= operationsMax; operations += 1) {
        const found = exploreEvery(subject, members, operations, ['r', 'w', 'c', 'd']);
        expect(found).toEqual({ states: found.states, complete: true });
        explored += found.states;
      }
    }
    expect(explored).toBe(states);
  });
});

describe('some order of messages shows that', () => {
  test.each(mutants)('$mistake, which breaks: $breaks', { timeout: timeoutMs }, (mutant) => {
    expect(exploreMutant(mutant).violation?.property).toBe(mutant.breaks);
  });
});

function titleOf({ script, members = 3, options, replica }: World): string {
  const how = replica === undefined ? '' : ` by ${replica.name}`;
  return `'${script}' at ${members} members, ${JSON.stringify(options ?? {})},${how}`;
}

function exploreMutant({ replica, script, members, options, breaks, alone }: Mutant) {
  const scenario: Scenario = { script: parseScript(script), members };
  return explore(subjectOf(replica, options), alone ? { ...scenario, properties: [breaks] } : scenario);
}
