import { deep, firstSeed, runs, timeoutMs } from '@dsm/conformance/chance';
import { faultKinds, runSeeds } from '@dsm/simulator';
import { describe, expect, test } from 'vitest';
import { readReplication } from '../src/index.js';
import { inspection } from '../src/inspection.js';
import { ReadReplicationReplica } from '../src/replica.js';
import { mutants } from './fixtures/mutants.js';
import { subjectOf } from './fixtures/subject.js';
import { GivesUpAccess, WritesUnderAccess } from './fixtures/under-access.js';
import { WaitingTimes } from './fixtures/waiting-times.js';

/** No plan has more clients, each with one operation at a time. */
const clientsMax = 12;

describe('under faults of every kind that its links bear', () => {
  test('no property is broken, and everything happens that should', { timeout: timeoutMs }, () => {
    const times = new WaitingTimes();
    const subject = { protocol: readReplication(), inspection: times.beside(inspection) };
    const report = runSeeds(subject, { first: firstSeed(1_500), seeds: runs(1_500) });
    expect(report.failure?.text).toBe(undefined);
    expect(report.undecided).toEqual([]);
    const unseen = Object.entries(report.sometimes).filter(([, seen]) => seen < runs(100));
    const rare = ['the group was long in forming', 'a message came before the view'];
    expect(unseen.filter(([name]) => !rare.includes(name))).toEqual([]);
    for (const kind of faultKinds) {
      expect([kind, report.faults[kind] > 0]).toEqual([kind, kind !== 'crash']);
    }
    // A request waits for those that were there before it, and for no other.
    process.stdout.write(`the longest wait of a request: ${times.longest} others served before it\n`);
    expect(times.longest).toBeGreaterThan(2);
    expect(times.longest).toBeLessThan(clientsMax);
  });

  test.each([
    ['copies are renewed', ReadReplicationReplica, { policy: 'update' }],
    ['one member is the directory, alone', ReadReplicationReplica, { directory: 'b', replicas: 1 }],
    ['everybody is a backup', ReadReplicationReplica, { replicas: 31 }],
    ['writes are made under write access', WritesUnderAccess, {}],
    ['reads are served while others have access', WritesUnderAccess, { whileHeld: 'serve', replicas: 1 }],
    ['write access is given up', GivesUpAccess, {}],
    ['copies are renewed, under access', WritesUnderAccess, { policy: 'update', whileHeld: 'serve' }],
    ...(deep
      ? [
          [
            'write access is given up, and reads are served',
            GivesUpAccess,
            { whileHeld: 'serve', replicas: 1 },
          ] as const,
        ]
      : []),
  ] as const)('no property is broken where %s', { timeout: timeoutMs }, (_, Replica, options) => {
    const report = runSeeds(subjectOf(Replica, options), { first: firstSeed(400), seeds: runs(400) });
    expect(report.failure?.text).toBe(undefined);
    expect(report.undecided).toEqual([]);
  });
});

// The explorer finds them all in each run; seeds do in the deep one.
describe.runIf(deep)('some seed shows that', () => {
  test.each(mutants)('$mistake', { timeout: timeoutMs }, ({ replica, options, breaks, alone, members }) => {
    const subject = subjectOf(replica, options);
    const { failure } = runSeeds(subject, { seeds: 3_000, shrinks: false, ...(members && { members }) });
    expect(failure?.property).toBeDefined();
    if (!alone) expect([...inspection.properties, 'linearizable']).toContain(failure?.property);
    expect(breaks).toBeDefined();
  });
});
