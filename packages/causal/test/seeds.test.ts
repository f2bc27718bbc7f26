import { checkConvergence } from '@dsm/checker';
import { runSeeds, type SeedsReport, type Subject } from '@dsm/simulator';
import { describe, expect, test } from 'vitest';
import { causal } from '../src/index.js';
import { inspection, transferred } from '../src/inspection.js';
import { named, type Origins } from '../src/origins.js';
import { Policy } from '../src/policy.js';
import { CausalReplica } from '../src/replica.js';
import { deep, firstSeed, runs, timeoutMs } from './fixtures/chance.js';
import { mutants } from './fixtures/mutants.js';
import { subjectOf } from './fixtures/subject.js';

const count = runs(2_000);
const first = firstSeed(2_000);

/** The same protocol, and all replicas of its last run. */
function observed(protocol: Subject['protocol']): { subject: Subject; replicas: CausalReplica[] } {
  const replicas: CausalReplica[] = [];
  const replica = (self: number) => {
    const made = protocol.replica(self) as CausalReplica;
    replicas.push(made);
    return made;
  };
  return { subject: { protocol: { ...protocol, replica }, inspection } as Subject, replicas };
}

/** A name of an origin that is the same at every member. */
function nameOf(origins: Origins, origin: number): string {
  return origin < origins.first ? `${origin}` : `later ${origins.incarnationOf(origin)}`;
}

/** Those who are members in the end: whom all that they take for members take for one. */
function present(replicas: readonly CausalReplica[]): CausalReplica[] {
  const entered = replicas.filter(({ origins }) => origins.size > 0);
  const byName = new Map(entered.map((replica) => [nameOf(replica.origins, replica.origins.self), replica]));
  const others = ({ origins }: CausalReplica) => origins.others.map((other) => nameOf(origins, other));
  const takes = (replica: CausalReplica | undefined, name: string) =>
    replica !== undefined && others(replica).includes(name);
  return [...byName].flatMap(([name, replica]) =>
    others(replica).every((other) => takes(byName.get(other), name)) ? replica : [],
  );
}

/** What breaks at the end of a run, when nothing is under way any more. */
function unequal(all: readonly CausalReplica[]): string | undefined {
  const replicas = present(all);
  if (replicas.length < 2) return undefined;
  const vectors = new Set(replicas.map(({ journal, origins }) => named(journal.applied, origins, 10)));
  if (vectors.size > 1) return `some have applied ${[...vectors].join(', others ')}`;
  const states = replicas.map(({ origins, contents }) => ({
    replica: nameOf(origins, origins.self),
    content: [...contents.keys()].map((key) => [key, [...(contents.entry(key).value ?? [])]] as const),
  }));
  const { verdict, reason } = checkConvergence(states);
  return verdict === 'illegal' ? reason : undefined;
}

function add(sums: Record<string, number>, { sometimes }: SeedsReport): void {
  for (const [situation, times] of Object.entries(sometimes))
    sums[situation] = (sums[situation] ?? 0) + times;
}

test(`${count} seeds keep every property, and end with equal contents`, { timeout: timeoutMs * 3 }, () => {
  const sums: Record<string, number> = {};
  const { subject, replicas } = observed(causal());
  for (let seed = first; seed < first + count; seed += 1) {
    replicas.length = 0;
    const report = runSeeds(subject, { first: seed, seeds: 1, repeatEvery: 0 });
    expect(report.failure?.text).toBe(undefined);
    expect(report.undecided).toEqual([]);
    expect(unequal(replicas), `seed ${seed}`).toBe(undefined);
    add(sums, report);
  }
  expect(inspection.situations.filter((situation) => (sums[situation] ?? 0) < count / 20)).toEqual([]);
});

test('so they do where logs are so short that contents are sent instead', { timeout: timeoutMs }, () => {
  const policy = () => new Policy({ acknowledgements: 0, merge: {}, subscriptions: {} });
  const short = { ...causal(), replica: (self: number) => new CausalReplica(self, policy(), 2) };
  const { subject, replicas } = observed(short);
  const sums: Record<string, number> = {};
  for (let seed = first; seed < first + runs(600); seed += 1) {
    replicas.length = 0;
    const report = runSeeds(subject, { first: seed, seeds: 1, repeatEvery: 0 });
    expect(report.failure?.text).toBe(undefined);
    expect(unequal(replicas), `seed ${seed}`).toBe(undefined);
    add(sums, report);
  }
  expect(sums[transferred]).toBeGreaterThan(runs(50));
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
    const { subject, replicas } = observed(subjectOf({ replica: forgetful?.replica as never }).protocol);
    const ends = Array.from({ length: 100 }, (_, index) => {
      replicas.length = 0;
      const { failure } = runSeeds(subject, { first: index + 1, seeds: 1, repeatEvery: 0, shrinks: false });
      return failure?.property ?? unequal(replicas);
    });
    expect(ends.some((end) => end?.startsWith('some have applied'))).toBe(true);
  });
});
