import { timeoutMs } from '@dsm/conformance/chance';
import { explore, exploreEvery, parseScript, type Scenario } from '@dsm/simulator';
import { describe, expect, test } from 'vitest';
import { type TotalOrderOptions, totalOrder } from '../src/index.js';
import { inspection } from '../src/inspection.js';
import { type Mutant, mutants } from './fixtures/mutants.js';

interface World {
  readonly script: string;
  /** Where this changes, the protocol has changed, and the commit says why. */
  readonly states: number;
  readonly members?: number;
  readonly options?: TotalOrderOptions;
}

/** Three variables, each of another two of three members. */
const ring: TotalOrderOptions = { subscriptions: { x: ['m0', 'm1'], y: ['m1', 'm2'], z: ['m2', 'm0'] } };
/** The variables of the seed: one of a and b, one of b and c, one of all. */
const seed: TotalOrderOptions = { subscriptions: { x: ['m0', 'm1'], y: ['m1', 'm2'] } };

const worlds: readonly World[] = [
  { script: 'w | r r', states: 151 },
  { script: 'w | w', states: 1_170 },
  { script: 'w | r | r', states: 289 },
  { script: 'c | c', states: 1_170 },
  { script: 'w r | w r', states: 4_454 },
  { script: 'wx ry | wy rx', states: 4_454 },
  { script: 'w w | w', states: 9_434 },
  { script: 'wx | wy | wz', options: ring, states: 1_654 },
  { script: 'wx & wz', options: ring, states: 53 },
  { script: 'wx | wz | wy', options: seed, states: 3_250 },
  { script: 'w | r', options: { reads: 'ordered' }, states: 1_170 },
  { script: 'w', members: 5, states: 35_425 },
  { script: 'w', members: 5, options: { delivery: 'fast' }, states: 1_153 },
];

const largeWorlds: readonly World[] = [
  { script: 'w & w | w', states: 35_451 },
  { script: 'w | c | c', states: 157_272 },
  { script: 'w | w | w', states: 157_272 },
  { script: 'w r | c r', states: 4_148 },
  { script: 'w | r r', options: { reads: 'ordered' }, states: 8_046 },
  { script: 'w | r | r', options: { reads: 'ordered' }, states: 157_272 },
  { script: 'wx wz | wy', options: ring, states: 317 },
  { script: 'wx & wz | wx wy', options: ring, states: 8_655 },
];

describe('every order of the messages of', () => {
  const chosen = process.env.DSM_DEEP ? [...worlds, ...largeWorlds] : worlds;
  test.each(chosen.map((world) => [titleOf(world), world] as const))(
    '%s keeps every property',
    { timeout: timeoutMs },
    (_, { options, script, members, states }) => {
      const subject = { protocol: totalOrder(options), inspection };
      expect(explore(subject, { script: parseScript(script), members })).toEqual({ states, complete: true });
    },
  );
});

/** On one key. The last takes two minutes: `npm run simulate:full` tries it. */
const { DSM_DEEP: deep, DSM_FULL: full } = process.env;
const sizes = [
  { members: 2, operations: 2, states: 391 },
  { members: 3, operations: 2, states: 15_614 },
  ...(deep ? [{ members: 2, operations: 3, states: 4_952 }] : []),
  ...(full ? [{ members: 3, operations: 3, states: 1_868_600 }] : []),
];

test.each(sizes)(
  'all scripts of $members members with $operations operations keep every property, in $states states',
  { timeout: timeoutMs },
  ({ members, operations, states }) => {
    const subject = { protocol: totalOrder(), inspection };
    const found = exploreEvery(subject, members, operations, ['r', 'w', 'c']);
    expect(found).toEqual({ states, complete: true });
  },
);

describe('some order of messages shows that', () => {
  test.each(mutants)('$mistake, which breaks: $breaks', { timeout: timeoutMs }, (mutant) => {
    expect(exploreMutant(mutant).violation?.property).toBe(mutant.breaks);
  });
});

function titleOf({ script, members = 3, options }: World): string {
  return `'${script}' at ${members} members, ${JSON.stringify(options ?? {})},`;
}

function exploreMutant({ replica, script, members, options, breaks, alone }: Mutant) {
  const protocol = totalOrder(options);
  const { reads = 'local', delivery = 'uniform', subscriptions = {} } = options ?? {};
  const settings = { reads, delivery, subscriptions };
  const subject = {
    protocol: { ...protocol, replica: (self: number) => new replica(self, settings) },
    inspection,
  };
  const scenario: Scenario = { script: parseScript(script), members };
  return explore(subject, alone ? { ...scenario, properties: [breaks] } : scenario);
}
