import { deep, firstSeed, runs, timeoutMs } from '@dsm/conformance/chance';
import { faultKinds, runSeeds } from '@dsm/simulator';
import { describe, expect, test } from 'vitest';
import { tokenCoherence } from '../src/index.js';
import { inspection, migrateInspection } from '../src/inspection.js';
import { mutants } from './fixtures/mutants.js';

const modes = [
  ['update', { protocol: tokenCoherence(), inspection }],
  ['migrate', { protocol: tokenCoherence({ writes: 'migrate' }), inspection: migrateInspection }],
] as const;
const rare = [
  'the group was long in forming',
  'a message came before the view',
  'a token came for a read that had ended',
  'a member that came back was told DSM_REMOVED',
  'a member that came back was told DSM_DUPLICATE_MEMBER',
];

describe.each(modes)('with %s, under faults of every kind that its links bear', (writes, subject) => {
  test('no property is broken, and everything happens that should', { timeout: timeoutMs }, () => {
    const report = runSeeds(subject, { first: firstSeed(1_100), seeds: runs(1_100) });
    expect(report.failure?.text).toBe(undefined);
    expect(report.undecided).toEqual([]);
    const unseen = Object.entries(report.sometimes).filter(([, times]) => times < runs(50));
    expect(unseen.filter(([name]) => !rare.includes(name))).toEqual([]);
    for (const kind of faultKinds) {
      expect([kind, report.faults[kind] > 0]).toEqual([kind, kind !== 'crash' || writes === 'update']);
    }
  });
});

// The explorer finds them all in each run; seeds do in the deep one.
describe.runIf(deep)('some seed shows that', () => {
  test.each(mutants)('$mistake', { timeout: timeoutMs }, ({ replica, breaks, writes = 'update', alone }) => {
    const settings = { writes, initial: new Map() };
    const protocol = {
      ...tokenCoherence({ writes }),
      replica: (self: number) => new replica(self, settings),
    };
    const { failure } = runSeeds({ protocol, inspection }, { seeds: 3_000, shrinks: false });
    expect(failure?.property).toBeDefined();
    if (!alone) expect(inspection.properties.concat('linearizable', breaks)).toContain(failure?.property);
  });
});
