import assert from 'node:assert/strict';
import { runSeeds, type SeedsReport, type Subject } from '@dsm/simulator';
import type { Draft } from '../case.js';
import { uncheckable } from '../face/recorder.js';
import type { Settings } from '../options.js';

/** With fewer seeds it may be chance that a situation was not met. */
const seedsToSeeAll = 200;

/** Random schedules and faults, one run for each seed; both cases look at the same runs. */
export function simulatorCases(subject: Subject, { worlds, seeds }: Settings): Draft[] {
  if (!worlds.has('simulator')) return [];
  const first = 1 + Number(process.env.DSM_SEED_OFFSET ?? 0);
  let known: SeedsReport | undefined;
  const report = () => {
    known ??= runSeeds(subject, { first, seeds });
    return known;
  };
  const unchecked = uncheckable(subject.protocol.guarantees);
  return [
    {
      name: 'no seed of the simulator breaks a property',
      where: `simulator, ${seeds} seeds from ${first}`,
      skipped: unchecked,
      run: () => judge(report(), seeds),
    },
    {
      name: 'the seeds meet every situation that the inspection names',
      where: `simulator, ${seeds} seeds from ${first}`,
      skipped: unchecked ?? unseen(subject, seeds),
      run: () => judgeSituations(subject, report()),
    },
  ];
}

function unseen({ protocol, inspection }: Subject, seeds: number): string | undefined {
  if (inspection === undefined) return `there is no inspection of ${protocol.name}`;
  if (inspection.situations.length === 0) return 'the inspection names no situation';
  return seeds < seedsToSeeAll ? `that takes ${seedsToSeeAll} seeds` : undefined;
}

function judge({ failure, seeds: run, operations, undecided }: SeedsReport, seeds: number): void {
  if (failure !== undefined) assert.fail(`seed ${failure.seed}: ${failure.property}\n${failure.text}`);
  assert.equal(run, seeds);
  assert.ok(operations > 0, 'no operation was tried');
  assert.deepEqual(undecided, [], 'seeds that the checker could not decide');
}

function judgeSituations({ inspection }: Subject, { sometimes, failure }: SeedsReport): void {
  assert.equal(failure, undefined, 'the seeds ended early, at one that breaks a property');
  const missed = (inspection?.situations ?? []).filter((situation) => (sometimes[situation] ?? 0) === 0);
  assert.deepEqual(missed, [], 'situations that no seed met');
}
