import { timeoutMs } from '@dsm/conformance/chance';
import { explore, exploreEvery, parseScript, type Scenario } from '@dsm/simulator';
import { describe, expect, test } from 'vitest';
import { tokenCoherence } from '../src/index.js';
import { inspection, migrateInspection } from '../src/inspection.js';
import { type Mutant, mutants } from './fixtures/mutants.js';

/** The home of `x` is the first member, that of `v` the second, that of `w` the third. */
interface World {
  readonly script: string;
  /** With `update`, and with `migrate`. Where these change, the protocol has changed, and the commit says why. */
  readonly states: readonly [update: number, migrate: number];
  readonly members?: number;
  readonly crashes?: number;
}

const worlds: readonly World[] = [
  { script: 'w | w', members: 2, states: [54, 32] },
  { script: 'w r | c w', members: 2, states: [376, 349] },
  { script: 'w | w', states: [282, 159] },
  { script: ' | w | w', states: [517, 359] },
  { script: 'w | r', states: [297, 159] },
  { script: 'w | r r', states: [722, 659] },
  { script: 'r | r | w', states: [3_083, 7_763] },
  { script: 'w | w | w', states: [9_935, 14_997] },
  { script: 'w & w | w', states: [3_858, 1_343] },
  { script: 'c | c | c', states: [8_593, 13_651] },
  { script: 'w r | c r', states: [694, 2_181] },
  { script: 'wx rw | ww rx', states: [7_544, 16_041] },
  { script: ' | w r | d r', states: [1_138, 4_139] },
  { script: 'w | r', crashes: 1, states: [1_188, 636] },
  { script: ' | w | r', crashes: 1, states: [1_720, 1_748] },
];

const largeWorlds: readonly World[] = [
  { script: 'w & r | w & r', states: [26_441, 29_840] },
  { script: 'w r | w r | r', states: [37_578, 338_704] },
  { script: 'c c | c c', states: [4_952, 4_061] },
  { script: 'wx wv | wv wx', states: [24_732, 6_797] },
  { script: 'w | w', crashes: 1, states: [1_128, 636] },
  { script: 'w | r r', crashes: 1, states: [2_888, 2_636] },
  { script: 'w', members: 5, states: [97, 17] },
  { script: ' | w | r', members: 4, states: [3_016, 2_738] },
];

/** Takes minutes: `npm run simulate:full` tries it. */
const largestWorlds: readonly World[] = [{ script: 'w w | w | r r', states: [284_774, 1_510_389] }];

const { DSM_DEEP: deep, DSM_FULL: full } = process.env;
const chosen = [...worlds, ...(deep ? largeWorlds : []), ...(full ? largestWorlds : [])];

const modes = [
  ['update', 0, { protocol: tokenCoherence(), inspection }],
  ['migrate', 1, { protocol: tokenCoherence({ writes: 'migrate' }), inspection: migrateInspection }],
] as const;

describe.each(modes)('with %s, every order of the messages of', (_, mode, subject) => {
  test.each(chosen.map((world) => [titleOf(world), world] as const))(
    '%s keeps every property',
    { timeout: timeoutMs },
    (_title, { script, members, crashes, states }) => {
      const found = explore(subject, { script: parseScript(script), members, crashes });
      expect(found).toEqual({ states: states[mode], complete: true });
    },
  );

  test.each([
    [2, 2, [550, 372]],
    [3, 2, [8_869, 6_613]],
    ...(deep
      ? ([
          [2, 3, [7_124, 4_726]],
          [3, 3, [396_276, 487_414]],
        ] as const)
      : []),
  ] as const)(
    'all scripts of %d members with %d operations keep every property',
    { timeout: timeoutMs },
    (members, operations, states) => {
      const found = exploreEvery(subject, members, operations, ['r', 'w', 'c']);
      expect(found).toEqual({ states: states[mode], complete: true });
    },
  );
});

describe('some order of messages shows that', () => {
  test.each(mutants)('$mistake, which breaks: $breaks', { timeout: timeoutMs }, (mutant) => {
    expect(exploreMutant(mutant).violation?.property).toBe(mutant.breaks);
  });
});

test('every property is broken by some mistake', () => {
  const broken = new Set(mutants.map(({ breaks }) => breaks));
  expect(inspection.properties.filter((property) => !broken.has(property))).toEqual([]);
});

function titleOf({ script, members = 3, crashes = 0 }: World): string {
  return `'${script}' at ${members} members${crashes > 0 ? ' with one crash' : ''}`;
}

function exploreMutant({ replica, script, writes = 'update', breaks, alone }: Mutant) {
  const protocol = tokenCoherence({ writes });
  const settings = { writes, initial: new Map() };
  const subject = {
    protocol: { ...protocol, replica: (self: number) => new replica(self, settings) },
    inspection,
  };
  const scenario: Scenario = { script: parseScript(script) };
  return explore(subject, alone ? { ...scenario, properties: [breaks] } : scenario);
}
