import { firstSeed, runs, timeoutMs } from '@dsm/conformance/chance';
import { describe, expect, test } from 'vitest';
import { mutated } from './fixtures/interior.js';
import { WanderingWorld } from './fixtures/wandering-world.js';

const count = runs(500);

describe('clients that move between members of a cut network, where not everybody holds everything', () => {
  test(`see one causal order, keep their sessions, and all members converge: ${count} seeds`, {
    timeout: timeoutMs,
  }, () => {
    const sums = { moves: 0, waits: 0, cuts: 0, operations: 0 };
    for (let seed = firstSeed(500); seed < firstSeed(500) + count; seed += 1) {
      const world = new WanderingWorld(seed);
      expect([seed, world.run()]).toEqual([seed, undefined]);
      sums.moves += world.moves;
      sums.waits += world.waits;
      sums.cuts += world.cuts;
      sums.operations += world.history.length;
    }
    expect(sums.moves).toBeGreaterThan(5 * count);
    expect(sums.waits).toBeGreaterThan(count);
    expect(sums.cuts).toBeGreaterThan(count);
    expect(sums.operations).toBeGreaterThan(10 * count);
  });

  test.each([
    [
      'moving does not wait',
      mutated(() => ({
        attach(operation, context, past, host) {
          past.birth = 77;
          const counts = context.split(':').at(-1)?.split('.') ?? [];
          for (const [origin, count] of counts.entries()) past.see(origin, Number.parseInt(count, 36) || 0);
          host.complete(operation, { kind: 'answered', value: undefined });
        },
      })),
    ],
    ['nobody compares after a cut', mutated(() => ({ repeat: () => undefined, ask: () => undefined }))],
    [
      'nobody passes on the values of others',
      mutated((right) => ({
        told(updates, applied) {
          const own = updates.map((update) =>
            update.origin === this.self ? update : { ...update, value: undefined },
          );
          return right.told.call(this, own, applied);
        },
      })),
    ],
  ])('break it where %s', { timeout: timeoutMs }, (_, replica) => {
    const found = Array.from({ length: 100 }, (_, index) => {
      try {
        return new WanderingWorld(index + 1, replica).run();
      } catch (error) {
        return String(error);
      }
    });
    expect(found.some((broken) => broken !== undefined)).toBe(true);
  });
});
