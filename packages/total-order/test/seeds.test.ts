import { deep, firstSeed, runs, timeoutMs } from '@dsm/conformance/chance';
import { faultKinds, runSeeds, type Subject } from '@dsm/simulator';
import { describe, expect, test } from 'vitest';
import { totalOrder } from '../src/index.js';
import { inspection } from '../src/inspection.js';
import { mutants } from './fixtures/mutants.js';
import { OverlappingWorld } from './fixtures/overlapping-world.js';

const subscriptions = { x: ['a', 'b'], y: ['b', 'c', 'e'], z: ['c', 'a', 'd'] };
// Without the places of the writes the checker cannot order every long history. The invariants, which are looked for
// after every event, and five members with overlapping subscriptions, whose writes have places, leave nothing open.
const subject: Subject = { protocol: totalOrder(), inspection };

describe('under faults of every kind that its links bear', () => {
  test('no property is broken, and everything happens that should', { timeout: timeoutMs }, () => {
    const report = runSeeds(subject, { first: firstSeed(1_100), seeds: runs(1_100) });
    expect(report.failure?.text).toBe(undefined);
    expect(report.undecided).toEqual([]);
    const unseen = Object.entries(report.sometimes).filter(([, times]) => times < runs(100));
    const rare = ['the group was long in forming', 'a message came before the view'];
    expect(unseen.filter(([name]) => !rare.includes(name))).toEqual([]);
    for (const kind of faultKinds) {
      expect([kind, report.faults[kind] > 0]).toEqual([kind, kind !== 'crash']);
    }
  });

  test.each([
    ['reads are ordered', totalOrder({ reads: 'ordered' })],
    ['delivery is fast', totalOrder({ delivery: 'fast' })],
    ['subscriptions overlap', totalOrder({ subscriptions })],
  ])('no property is broken where %s', { timeout: timeoutMs }, (_, protocol) => {
    const report = runSeeds({ protocol, inspection }, { first: firstSeed(300), seeds: runs(300) });
    expect(report.failure?.text).toBe(undefined);
    expect(report.undecided).toEqual([]);
  });
});

describe('five members with overlapping subscriptions', () => {
  test('keep every property', { timeout: timeoutMs }, () => {
    let crossings = 0;
    let operations = 0;
    for (let seed = firstSeed(600); seed < firstSeed(600) + runs(600); seed += 1) {
      const world = new OverlappingWorld(seed);
      expect([seed, world.run()]).toEqual([seed, undefined]);
      crossings += world.crossings;
      operations += world.operations;
    }
    expect(crossings).toBeGreaterThan(runs(100));
    expect(operations).toBeGreaterThan(runs(4_000));
  });

  test('show that the order of each variable alone is not enough', { timeout: timeoutMs }, () => {
    const lone = mutants.find(({ mistake }) => mistake === 'each variable has a queue of its own');
    const found = Array.from({ length: 50 }, (_, seed) =>
      new OverlappingWorld(seed + 1, lone?.replica).run(),
    );
    expect(found).toContain('nothing is delivered before a smaller proposal');
  });
});

// The explorer finds them all in each run; seeds do in the deep one.
describe.runIf(deep)('some seed shows that', () => {
  // Those that need subscriptions are found by exploring; a network of these runs has none.
  test.each(mutants.filter(({ options }) => options === undefined))(
    '$mistake',
    { timeout: timeoutMs },
    ({ replica, breaks, alone }) => {
      const { protocol } = subject;
      const settings = { reads: 'local', delivery: 'uniform', subscriptions: {} } as const;
      const broken = {
        protocol: { ...protocol, replica: (self: number) => new replica(self, settings) },
        inspection,
      };
      const { failure } = runSeeds(broken, { seeds: 3_000, shrinks: false });
      expect(failure?.property).toBeDefined();
      if (!alone) expect(inspection.properties.concat('sequential', breaks)).toContain(failure?.property);
    },
  );
});
