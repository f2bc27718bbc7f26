import { checked } from '@dsm/conformance/chance';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Frontier, furthest, nearest } from '../src/frontier.js';

function formed(size = 2): Frontier {
  const frontier = new Frontier();
  frontier.form(size);
  return frontier;
}

describe('a frontier', () => {
  test('moves on with each store that follows', () => {
    const frontier = formed();
    expect([1, 2].map((serial) => frontier.take(0, serial))).toEqual([false, false]);
    expect([frontier.taken, frontier.seen, frontier.gap]).toEqual([[2, 0], [2, 0], undefined]);
  });

  test('stays where a store is missing, and says so once', () => {
    const frontier = formed();
    expect([1, 3, 4].map((serial) => frontier.take(1, serial))).toEqual([false, true, false]);
    expect([frontier.taken, frontier.seen, frontier.gap]).toEqual([[0, 1], [0, 4], 1]);
    expect(frontier.take(1, 2)).toBe(false);
    expect([frontier.taken, frontier.gap]).toEqual([[0, 4], undefined]);
  });

  test('never says more than what was taken in, whatever the order, and all of it if nothing overtakes', () => {
    const serials = fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 20 });
    const property = fc.property(serials, (order) => {
      const frontier = formed(1);
      const taken = new Set<number>();
      for (const serial of order) {
        frontier.take(0, serial);
        taken.add(serial);
        for (let each = 1; each <= (frontier.taken[0] as number); each += 1) expect(taken).toContain(each);
        expect(frontier.seen[0]).toBe(Math.max(...taken));
      }
      for (let serial = 1; serial <= 9; serial += 1) frontier.take(0, serial);
      expect(frontier.taken).toEqual([9]);
    });
    fc.assert(property, checked(2_000));
  });

  test('takes over what somebody else had taken in, and what it has seen behind that', () => {
    const frontier = formed();
    frontier.take(0, 3);
    expect(frontier.adopt([1, 0])).toBe(true);
    expect([frontier.taken, frontier.seen]).toEqual([
      [1, 0],
      [3, 0],
    ]);
    expect(frontier.adopt([2, 5])).toBe(true);
    expect([frontier.taken, frontier.seen, frontier.gap]).toEqual([[3, 5], [3, 5], undefined]);
    expect(frontier.adopt([3, 4])).toBe(false);
    expect(frontier.taken).toEqual([3, 5]);
  });

  test('is helped by what was missing or awaited, and not by what is only ahead of its messages', () => {
    const frontier = formed(3);
    frontier.take(0, 2);
    frontier.miss([0, 0, 1]);
    expect([frontier.adopt([0, 7, 0]), frontier.taken]).toEqual([false, [0, 7, 0]]);
    expect([frontier.adopt([1, 7, 0]), frontier.adopt([1, 7, 1])]).toEqual([true, true]);
  });

  test('waits for nothing again that nobody had, but for what is new', () => {
    const frontier = formed();
    frontier.miss([0, 5]);
    expect(frontier.isForsaken([0, 5])).toBe(false);
    frontier.giveUp();
    expect([frontier.isForsaken([0, 5]), frontier.covers([0, 5])]).toEqual([true, false]);
    expect([frontier.isForsaken([1, 5]), frontier.isForsaken([0, 6])]).toEqual([false, false]);
    frontier.take(0, 1);
    expect(frontier.isForsaken([1, 5])).toBe(true);
  });

  test('is astray while it lacks what was missed, or until it is given up', () => {
    const frontier = formed();
    expect(frontier.isAstray).toBe(false);
    frontier.miss([1, 0]);
    frontier.miss([0, 1]);
    frontier.take(0, 1);
    expect(frontier.isAstray).toBe(true);
    frontier.take(1, 1);
    expect(frontier.isAstray).toBe(false);
    frontier.miss([9, 9]);
    frontier.giveUp();
    expect(frontier.isAstray).toBe(false);
  });

  test('knows nothing of slots that there are not', () => {
    const frontier = formed();
    expect(frontier.take(7, 1)).toBe(false);
    expect(frontier.adopt([0, 0, 1])).toBe(false);
    expect([frontier.taken, frontier.covers([0, 0, 1]), frontier.covers([0])]).toEqual([[0, 0], false, true]);
  });
});

test('of two vectors the larger and the smaller serials, by slot', () => {
  expect(furthest([1, 5, 2], [3, 4])).toEqual([3, 5, 2]);
  expect(nearest([1, 5, 2], [3, 4])).toEqual([1, 4, 0]);
});
