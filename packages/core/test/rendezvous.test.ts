import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { homeOf } from '../src/rendezvous.js';
import { checked } from './fixtures/chance.js';

const members = (names: readonly string[]) => names.map((name, slot) => ({ name, slot }));
const names = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 31 });
const key = fc.string({ minLength: 1, maxLength: 40 });
const keys = Array.from({ length: 12_000 }, (_, at) => `user:${at}`);

describe('the home of a key', () => {
  test('is one of the members, whatever the order in which they are named', () => {
    const property = fc.property(names, key, fc.infiniteStream(fc.nat()), (list, wanted, chance) => {
      const group = members(list);
      const home = homeOf(wanted, group);
      expect(home).toBeLessThan(list.length);
      const shuffled = group
        .map((member) => ({ member, place: chance.next().value }))
        .sort((one, other) => one.place - other.place);
      expect(
        homeOf(
          wanted,
          shuffled.map(({ member }) => member),
        ),
      ).toBe(home);
    });
    fc.assert(property, checked(500));
  });

  test('stays when another member goes, and when one comes moves only to that one', () => {
    const property = fc.property(names, key, fc.nat(), (list, wanted, chance) => {
      const group = members(list);
      const home = homeOf(wanted, group);
      const gone = chance % list.length;
      if (list.length === 1 || gone === home) return;
      expect(
        homeOf(
          wanted,
          group.filter(({ slot }) => slot !== gone),
        ),
      ).toBe(home);
    });
    fc.assert(property, checked(500));
  });

  test('is known: members of different versions agree on it', () => {
    const group = members(['a', 'b', 'c', 'd', 'e']);
    expect(['x', 'y', 'counter', 'user:1', 'ключ', '🔑'].map((wanted) => homeOf(wanted, group))).toEqual([
      2, 0, 0, 2, 0, 2,
    ]);
  });

  test('is not chosen among nobody', () => {
    expect(() => homeOf('x', [])).toThrow(RangeError);
  });

  test.each([
    ['short names', ['a', 'b']],
    ['three members', ['a', 'b', 'c']],
    ['five members with long names', [1, 2, 3, 4, 5].map((at) => `node-${at}.eu-west.example.org`)],
    ['31 members', Array.from({ length: 31 }, (_, at) => `member-${at}`)],
  ])('gives each its share: %s', (_, list) => {
    const shares = list.map(() => 0);
    for (const wanted of keys) {
      const home = homeOf(wanted, members(list));
      shares[home] = (shares[home] ?? 0) + 1;
    }
    // Five standard deviations of a fair draw.
    const fair = keys.length / list.length;
    for (const share of shares) expect(Math.abs(share - fair)).toBeLessThan(5 * Math.sqrt(fair));
  });

  test('moves a share of the keys of a member that went to each of the others', () => {
    const group = members(['a', 'b', 'c', 'd']);
    const moved = [0, 0, 0, 0];
    for (const wanted of keys) {
      if (homeOf(wanted, group) !== 0) continue;
      const next = homeOf(wanted, group.slice(1));
      moved[next] = (moved[next] ?? 0) + 1;
    }
    expect(moved[0]).toBe(0);
    for (const share of moved.slice(1)) expect(Math.abs(share - 1_000)).toBeLessThan(5 * Math.sqrt(1_000));
  });
});
