import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  count,
  each,
  everyone,
  includes,
  majority,
  membersMax,
  nobody,
  only,
  vote,
  without,
} from '../src/members.js';
import { noTag, slotOf, tagOf, timeOf } from '../src/tag.js';
import { checked } from './fixtures/chance.js';

const slot = fc.integer({ min: 0, max: membersMax - 1 });
const slots = fc.uniqueArray(slot, { maxLength: membersMax });
const rising = (list: readonly number[]) => [...list].sort((one, other) => one - other);

describe('a set of members', () => {
  test('holds who was put in, in rising order', () => {
    const property = fc.property(slots, slot, (list, other) => {
      const members = everyone(list);
      expect([...each(members)]).toEqual(rising(list));
      expect(count(members)).toBe(list.length);
      expect(includes(members, other)).toBe(list.includes(other));
    });
    fc.assert(property, checked(2_000));
  });

  test('counts a vote once', () => {
    const property = fc.property(fc.array(slot, { maxLength: 60 }), (votes) => {
      expect(count(votes.reduce(vote, nobody))).toBe(new Set(votes).size);
    });
    fc.assert(property, checked(1_000));
  });

  test('without others holds the rest', () => {
    const property = fc.property(slots, slots, (list, others) => {
      const rest = list.filter((member) => !others.includes(member));
      expect([...each(without(everyone(list), everyone(others)))]).toEqual(rising(rest));
    });
    fc.assert(property, checked(1_000));
  });

  test.each([0, 1, 15, 29, 30])('of slot %d alone', (member) => {
    expect([...each(only(member))]).toEqual([member]);
    expect(count(only(member))).toBe(1);
  });

  test('of nobody, and of all there can be', () => {
    expect([...each(nobody)]).toEqual([]);
    expect(count(nobody)).toBe(0);
    const all = everyone(Array.from({ length: membersMax }, (_, at) => at));
    expect(count(all)).toBe(31);
    expect([...each(all)].length).toBe(31);
    expect(without(all, all)).toBe(nobody);
  });
});

test('two majorities of a group meet, and nothing smaller is one', () => {
  for (let size = 1; size <= membersMax; size += 1) {
    expect(2 * majority(size)).toBeGreaterThan(size);
    expect(2 * (majority(size) - 1)).toBeLessThanOrEqual(size);
  }
});

describe('a tag', () => {
  const time = fc.oneof(
    fc.nat(),
    fc.integer({ min: 0, max: 2 ** 48 - 1 }),
    fc.constantFrom(0, 1, 2 ** 48 - 1),
  );

  test('keeps time and slot', () => {
    const property = fc.property(time, slot, (when, who) => {
      const tag = tagOf(when, who);
      expect(Number.isSafeInteger(tag)).toBe(true);
      expect([timeOf(tag), slotOf(tag)]).toEqual([when, who]);
    });
    fc.assert(property, checked(2_000));
  });

  test('is ordered by time, then by slot', () => {
    const property = fc.property(time, slot, time, slot, (when, who, otherTime, other) => {
      const before = when < otherTime || (when === otherTime && who < other);
      expect(tagOf(when, who) < tagOf(otherTime, other)).toBe(before);
    });
    fc.assert(property, checked(2_000));
  });

  test('of any member at any time but the first is newer than none', () => {
    expect(tagOf(1, 0)).toBeGreaterThan(noTag);
    expect(timeOf(noTag)).toBe(0);
  });
});
