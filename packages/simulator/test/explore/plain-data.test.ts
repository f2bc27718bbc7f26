import { IdMap, Place } from '@dsm/core';
import { describe, expect, test } from 'vitest';
import { copied, fingerprint, reached } from '../../src/explore/plain-data.js';

class Cell {
  tags: number[] = [1, 2];
  self: Cell | undefined;

  total(): number {
    return this.tags.reduce((sum, tag) => sum + tag, 0);
  }
}

function sample() {
  const rounds = new IdMap<{ votes: number }>();
  rounds.set(7, { votes: 3 });
  return {
    cell: new Cell(),
    cells: new Map([['x', { tag: 1 }]]),
    waiting: new Set(['a']),
    rounds,
    clock: Float64Array.of(1, -0, Number.NaN),
    bytes: Uint8Array.of(1, 2),
    texts: ['', "'", undefined, null, true, 5n],
  };
}

const own = new Map<object, number>();

describe('a copy', () => {
  test('is equal, with the same classes', () => {
    const data = sample();
    const copy = copied(data);
    expect(copy).toEqual(data);
    expect(fingerprint(copy, own)).toBe(fingerprint(data, own));
    expect(copy.cell.total()).toBe(3);
    expect(copy.rounds.get(7)).toEqual({ votes: 3 });
  });

  test('shares nothing but bytes', () => {
    const data = sample();
    const before = fingerprint(data, own);
    const copy = copied(data);
    copy.cell.tags.push(3);
    (copy.cells.get('x') as { tag: number }).tag = 9;
    copy.waiting.add('b');
    (copy.rounds.get(7) as { votes: number }).votes = 9;
    copy.clock[0] = 9;
    copy.texts.push('more');
    expect(fingerprint(data, own)).toBe(before);
    expect(copy.bytes).toBe(data.bytes);
  });

  test('of a place has bytes of its own, which are overwritten in neither by what is put in the other', () => {
    const bytes = (place: Place) => Array.from(place.value ?? []);
    const place = new Place();
    place.put(Uint8Array.of(1, 2));
    const [one, other] = [copied(place), copied(place)];
    one.put(Uint8Array.of(3, 4));
    expect([place, one, other].map(bytes)).toEqual([
      [1, 2],
      [3, 4],
      [1, 2],
    ]);
    // What was given of the original stays as it was, too.
    const given = copied({ place, value: place.value });
    given.place.put(Uint8Array.of(5, 6));
    expect([bytes(given.place), given.value]).toEqual([[5, 6], Uint8Array.of(1, 2)]);
    expect(fingerprint(copied(other), own)).toBe(fingerprint(other, own));
  });

  test('keeps what is shared within, and cycles', () => {
    const cell = new Cell();
    cell.self = cell;
    const copy = copied({ one: cell, byName: new Map([['x', cell]]), members: new Set([cell]) });
    expect(copy.byName.get('x')).toBe(copy.one);
    expect(copy.members.has(copy.one)).toBe(true);
    expect(copy.one.self).toBe(copy.one);
    expect(copy.one).not.toBe(cell);
  });

  test('leaves constants alone, wherever they are', () => {
    const none: number[] = [];
    const copy = copied({ waiting: none, deep: [{ none }] }, new Map([[none, 0]]));
    expect(copy.waiting).toBe(none);
    expect(copy.deep[0]?.none).toBe(none);
  });

  test.each([
    ['a date', new Date(0)],
    ['a promise', Promise.resolve()],
    ['a weak map', new WeakMap()],
  ])('of %s is refused', (_, data) => {
    expect(() => copied({ data })).toThrow('no plain data');
  });
});

describe('fingerprints differ for', () => {
  class Other extends Cell {}
  const shared = { tag: 1 };
  const ids = (...numbers: number[]) => {
    const map = new IdMap<number>();
    for (const id of numbers) map.set(id, id);
    return map;
  };
  test.each<readonly [string, unknown, unknown]>([
    ['a number and its text', 1, '1'],
    ['0 and -0', 0, -0],
    ['a number and a bigint', 1, 1n],
    ['undefined and its text', undefined, 'undefined'],
    ['null and undefined', null, undefined],
    ['texts that are cut elsewhere', ['a', 'b'], ["a,1'b"]],
    ['nested and flat lists', [[1], 2], [[1, 2]]],
    ['a field and its absence', { a: undefined }, {}],
    ['names of fields', { a: 1 }, { b: 1 }],
    ['classes', new Cell(), new Other()],
    ['entries of maps', new Map([['a', 1]]), new Map([['a', 2]])],
    ['keys of maps', new Map([['a', 1]]), new Map([['b', 1]])],
    ['a map and a set', new Map(), new Set()],
    ['members of sets', new Set([1]), new Set([2])],
    ['id maps', ids(1), ids(2)],
    ['bytes and numbers', Uint8Array.of(1), [1]],
    ['bytes', Uint8Array.of(1, 2), Uint8Array.of(12)],
    ['vectors', Float64Array.of(1, 0), Float64Array.of(1, -0)],
    ['one object twice and two equal ones', [shared, shared], [{ tag: 1 }, { tag: 1 }]],
  ])('%s', (_, one, other) => {
    expect(fingerprint(one, own)).not.toBe(fingerprint(other, own));
    expect(fingerprint(one, own)).toBe(fingerprint(one, own));
  });

  test('a constant and an equal object', () => {
    const constants = new Map<object, number>([[shared, 0]]);
    expect(fingerprint([shared], constants)).not.toBe(fingerprint([{ tag: 1 }], constants));
  });
});

test('what an id map has forgotten leaves no trace', () => {
  const map = new IdMap<number>();
  map.set(1, 1);
  const before = fingerprint(map, own);
  for (let id = 2; id < 200; id += 1) map.set(id, id);
  for (let id = 2; id < 200; id += 1) map.delete(id);
  expect(fingerprint(map, own)).toBe(before);
});

test('messages count by what a codec would write: one object twice is two equal ones', () => {
  const shared = { tag: 1 };
  expect(fingerprint([shared, shared])).toBe(fingerprint([{ tag: 1 }, { tag: 1 }]));
});

test('everything but bytes and constants can be reached', () => {
  const data = sample();
  const constant = { data };
  const objects = reached([data, constant], new Map([[constant, 0]]));
  expect(objects.has(data.cell.tags)).toBe(true);
  expect(objects.has(data.cells.get('x') as object)).toBe(true);
  expect(objects.has(data.rounds.get(7) as object)).toBe(true);
  expect(objects.has(data.clock)).toBe(true);
  expect(objects.has(data.bytes)).toBe(false);
  expect(objects.has(constant)).toBe(false);
});
