import { deep, firstSeed, runs, timeoutMs } from '@dsm/conformance/chance';
import { runSeeds, type Subject } from '@dsm/simulator';
import { describe, expect, test } from 'vitest';
import { disagreement } from '../src/agreement.js';
import { causal } from '../src/index.js';
import { inspection, transferred } from '../src/inspection.js';
import { Policy } from '../src/policy.js';
import { CausalReplica } from '../src/replica.js';
import { mutants } from './fixtures/mutants.js';
import { subjectOf } from './fixtures/subject.js';

const count = runs(2_000);
const first = firstSeed(2_000);

test(`${count} seeds keep every property, and end with equal contents`, { timeout: timeoutMs * 3 }, () => {
  const report = runSeeds({ protocol: causal(), inspection } as Subject, {
    first,
    seeds: count,
    repeatEvery: 0,
  });
  expect(report.failure?.text).toBe(undefined);
  expect(report.undecided).toEqual([]);
  expect(
    inspection.situations.filter((situation) => (report.sometimes[situation] ?? 0) < count / 20),
  ).toEqual([]);
});

test('so they do where logs are so short that contents are sent instead', { timeout: timeoutMs }, () => {
  const policy = () => new Policy({ acknowledgements: 0, merge: {}, subscriptions: {} });
  const short = { ...causal(), replica: (self: number) => new CausalReplica(self, policy(), 2) };
  const options = { first, seeds: runs(600), repeatEvery: 0 };
  const report = runSeeds({ protocol: short, inspection } as Subject, options);
  expect(report.failure?.text).toBe(undefined);
  expect(report.sometimes[transferred]).toBeGreaterThan(runs(50));
});

test.each([1, 2])(
  'seeds with %d acknowledgements lose nothing when members crash',
  { timeout: timeoutMs },
  (k) => {
    const protocol = causal({ acknowledgements: k });
    const report = runSeeds({ protocol, inspection } as Subject, { first, seeds: runs(300) });
    expect(report.failure?.text).toBe(undefined);
    expect(report.undecided).toEqual([]);
    expect(report.faults.crash).toBeGreaterThan(0);
  },
);

// The explorer finds them all in each run; seeds do in the deep one.
describe.runIf(deep)('random seeds find that', () => {
  test.each(mutants.filter(({ exploredOnly }) => !exploredOnly))(
    '$mistake',
    { timeout: timeoutMs },
    ({ replica, breaks }) => {
      const report = runSeeds(subjectOf({ replica }), { seeds: 3_000, repeatEvery: 0 });
      expect([breaks, 'causal']).toContain(report.failure?.property);
    },
  );

  test('members are not compared after a loss: contents stay unequal', { timeout: timeoutMs }, () => {
    const forgetful = mutants.find(({ mistake }) => mistake === 'members are not compared after a loss');
    const options = { seeds: 100, repeatEvery: 0, shrinks: false };
    const { failure } = runSeeds(subjectOf({ replica: forgetful?.replica as never }), options);
    expect(failure?.property).toBe(disagreement);
  });
});
