import { describe, expect, test } from 'vitest';
import { Chance, oneSeed, runs, seeds, timeoutMs } from './fixtures/chance.js';
import { mutants } from './fixtures/mutants.js';
import { Broken, Schedule, type Sight, sights } from './fixtures/schedule.js';

test('tiny groups under drops, duplicates, reordering and crashes keep every property', {
  timeout: timeoutMs,
}, () => {
  const seen = new Map<Sight, number>();
  for (const seed of seeds(6_000)) {
    const schedule = new Schedule(new Chance(seed));
    try {
      schedule.run();
    } catch (cause) {
      throw new Error(`seed ${seed}, to be run alone with DSM_SEED=${seed}: ${String(cause)}`, { cause });
    }
    for (const sight of schedule.seen) seen.set(sight, (seen.get(sight) ?? 0) + 1);
  }
  if (!oneSeed) expect(sights.filter((sight) => (seen.get(sight) ?? 0) < runs(100))).toEqual([]);
});

describe('random schedules find that', () => {
  test.each(mutants.filter(({ rare }) => rare === undefined))(
    '$mistake',
    { timeout: timeoutMs },
    ({ replica }) => {
      expect(firstBroken(replica)).toBeInstanceOf(Broken);
    },
  );
});

/** What the first of many schedules that breaks a property throws. */
function firstBroken(replica: (typeof mutants)[number]['replica']): unknown {
  for (let seed = 1; seed <= 20_000; seed += 1) {
    try {
      new Schedule(new Chance(seed), replica).run();
    } catch (error) {
      return error;
    }
  }
  return undefined;
}
