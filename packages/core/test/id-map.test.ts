import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { IdMap } from '../src/id-map.js';

/** Numbers that collide in a small table, that follow each other, and that are huge. */
const ids = fc.oneof(
  fc.integer({ min: 1, max: 200 }),
  fc.integer({ min: 1, max: 40 }).map((at) => at * 64),
  fc.integer({ min: 0, max: 40 }).map((at) => Number.MAX_SAFE_INTEGER - at * 32),
);
const steps = fc.array(fc.record({ id: ids, removes: fc.boolean() }), { maxLength: 400 });

describe('a map of numbers', () => {
  test('holds what a Map would hold', () => {
    fc.assert(
      fc.property(steps, (sequence) => {
        const ours = new IdMap<number>();
        const theirs = new Map<number, number>();
        sequence.forEach(({ id, removes }, step) => {
          if (removes) expect(ours.delete(id)).toBe(theirs.delete(id));
          else {
            ours.set(id, step);
            theirs.set(id, step);
          }
          expect(ours.size).toBe(theirs.size);
          expect([ours.get(id), ours.has(id)]).toEqual([theirs.get(id), theirs.has(id)]);
        });
        expect([...ours]).toEqual([...theirs].sort(([one], [other]) => one - other));
      }),
      { numRuns: 500 },
    );
  });

  test('never holds 0, which stands for nothing', () => {
    const map = new IdMap<string>();
    map.set(64, 'one');
    expect([map.get(0), map.has(0), map.delete(0), map.size]).toEqual([undefined, false, false, 1]);
  });

  test('can be changed while its entries are gone through', () => {
    const map = new IdMap<string>();
    for (let id = 1; id <= 100; id += 1) map.set(id, `${id}`);
    const seen: number[] = [];
    for (const [id] of map) {
      seen.push(id);
      map.delete(id);
      map.set(id + 1000, 'later');
    }
    expect(seen.length).toBe(100);
    expect(map.size).toBe(100);
  });

  test('lets go of what a burst needed, by and by, and keeps what is needed each time', () => {
    const map = new IdMap<number>();
    const size = () => (map as unknown as { ids: number[] }).ids.length;
    const burst = (most: number) => {
      for (let id = 1; id <= most; id += 1) map.set(id, id);
      for (let id = 1; id <= most; id += 1) map.delete(id);
    };
    burst(10_000);
    const large = size();
    expect(large).toBeGreaterThan(10_000);
    for (let times = 0; times < 10; times += 1) burst(10_000);
    expect(size()).toBe(large);
    for (let times = 0; times < 10; times += 1) burst(10);
    expect(size()).toBe(1_024);
  });

  test('forgets what it held when it is cleared', () => {
    const map = new IdMap<string>();
    for (let id = 1; id <= 100; id += 1) map.set(id, `${id}`);
    map.clear();
    expect([map.size, map.get(5), [...map]]).toEqual([0, undefined, []]);
    map.set(5, 'again');
    expect([...map]).toEqual([[5, 'again']]);
  });
});
