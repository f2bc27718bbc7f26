import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeValue, encodeValue } from '../src/codec/value.js';
import { valueDepthMax } from '../src/codec/value-format.js';
import { runs, timeoutMs, values } from './value-arbitrary.js';
import { encode, refusal, roundTrip } from './value-codec.js';

const refusedValue = (value: unknown): string => refusal(() => encode(value));

function nested(depth: number, wrap: (inner: unknown) => unknown): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level++) value = wrap(value);
  return value;
}

describe('refused with the way to it', () => {
  class Point {
    x = 1;
  }
  class Names extends Map {}
  class Queue extends Array {}
  class Crowd extends Set {}
  class Moment extends Date {}
  test.each<[string, unknown, string]>([
    ['undefined', undefined, 'undefined cannot be written: use delete'],
    ['undefined within', { user: { tags: ['a', 'b', undefined] } }, 'hold undefined at .user.tags[2].'],
    ['an undefined property', { a: undefined }, 'undefined at .a.'],
    ['a function', { run: () => 1 }, 'a function at .run.'],
    ['a method called toJSON', { toJSON: () => 1 }, 'a function at .toJSON.'],
    ['a symbol', [Symbol('s')], 'a symbol at [0].'],
    ['a symbol itself', Symbol('s'), 'cannot hold a symbol.'],
    ['an instance', { 'a key': new Point() }, 'an instance of Point at ["a key"]. Write a plain object'],
    ['an instance without a name', new (class {})(), 'an instance of a class.'],
    ['a Map of a class', new Names(), 'an instance of Names'],
    ['an array of a class', new Queue(), 'an instance of Queue'],
    ['a Set of a class', new Crowd(), 'an instance of Crowd'],
    ['a Date of a class', [new Moment()], 'an instance of Moment at [0].'],
    [
      'a view of no known kind',
      Object.setPrototypeOf(new Int8Array(1), Object.create(null)),
      'an instance of a class',
    ],
    ['an object made from an array', Object.create(Array.prototype), 'an instance of Array'],
    ['an object made from another', Object.create({ a: 1 }), 'an instance of Object'],
    ['a boxed number', Object(1), 'an instance of Number'],
    ['a boxed string', [Object('a')], 'an instance of String at [0]'],
    ['a boxed bigint', Object(1n), 'an instance of BigInt'],
    ['a WeakMap', new WeakMap(), 'an instance of WeakMap'],
    ['a Promise', { later: Promise.resolve() }, 'an instance of Promise at .later'],
    ['a RegExp', /a/, 'an instance of RegExp'],
    ['an Error', new TypeError('a'), 'an instance of TypeError'],
    ['a SharedArrayBuffer', new SharedArrayBuffer(1), 'an instance of SharedArrayBuffer'],
    ['an invalid date', { at: new Date(Number.NaN) }, 'an invalid Date at .at.'],
    ['a hole', Object.assign(new Array(3), { 0: 1, 2: 3 }), 'a hole in an array at [1]'],
    ['an array of nothing', new Array(2 ** 20), 'a hole in an array at [0]'],
    ['a lone surrogate', ['\ud800'], 'a string with a lone surrogate at [0]'],
    ['a lone surrogate in a long text', `${'a'.repeat(100)}\udc00`, 'a string with a lone surrogate.'],
    ['a lone surrogate in a key', { a: { '\ud83e': 1 } }, 'a string with a lone surrogate at .a["\\ud83e"]'],
    [
      'a key of a Map',
      {
        m: new Map([
          [1, 2],
          [() => 1, 2],
        ] as never),
      },
      'a function at .m.keys()[1].',
    ],
    ['a value in a Map', new Map([[1, undefined]]), 'undefined at .values()[0].'],
    ['a member of a Set', { s: new Set([1, Symbol('s')]) }, 'a symbol at .s.values()[1].'],
  ])('%s', (_, value, message) => {
    expect(refusedValue(value)).toContain(message);
    // The refusal left nothing behind.
    expect(roundTrip({ a: [1] })).toStrictEqual({ a: [1] });
  });

  test('in one sentence', () => {
    expect(refusedValue({ a: Symbol('s') })).toBe('A value cannot hold a symbol at .a.');
    expect(refusedValue([new Date(Number.NaN)])).toBe('A value cannot hold an invalid Date at [0].');
    expect(refusedValue(undefined)).toBe('undefined cannot be written: use delete to remove an entry.');
  });

  test('bytes that were transferred away', () => {
    for (const kind of [Uint8Array, Float64Array]) {
      const view = new kind(8);
      structuredClone(view, { transfer: [view.buffer] });
      expect(refusedValue(view)).toContain('could not be read');
    }
  });

  test('what throws when it is looked at', () => {
    const trap = {
      get a() {
        throw new Error('no entry');
      },
    };
    expect(refusedValue(trap)).toContain('could not be read: no entry');
    expect(refusedValue(new Proxy(new Map(), {}))).toContain('could not be read');
    expect(refusedValue(Object.create(Date.prototype))).toContain('could not be read');
    const thrown = {
      get a(): unknown {
        throw 'text';
      },
    };
    expect(refusedValue(thrown)).toContain('something other than an error');
  });

  test('at the end of a long way, of which the end is shown', () => {
    const message = refusedValue(nested(60, (inner) => ({ 'a long name': inner === 1 ? () => 1 : inner })));
    expect(message.length).toBeLessThan(300);
    expect(message).toContain('at …');
  });
});

describe('cycles and depth', () => {
  test('a cycle is refused, through every container', () => {
    const record: Record<string, unknown> = { a: 1 };
    record.self = record;
    expect(refusedValue(record)).toContain('a cycle: .self is the value itself again');
    const array: unknown[] = [];
    array.push([array]);
    expect(refusedValue({ list: array })).toContain('a cycle: .list[0][0] is .list again');
    const map = new Map<unknown, unknown>();
    map.set('a', map);
    expect(refusedValue(map)).toContain('a cycle: .values()[0] is the value itself');
    const set = new Set<unknown>();
    set.add({ set });
    expect(refusedValue(set)).toContain('a cycle: .values()[0].set is the value itself');
  });

  test.each<[string, (inner: unknown) => unknown]>([
    ['arrays', (inner) => [inner]],
    ['objects', (inner) => ({ a: inner })],
    ['Maps', (inner) => new Map([[1, inner]])],
    ['keys of Maps', (inner) => new Map([[inner, 1]])],
    ['Sets', (inner) => new Set([inner])],
  ])('%s may be nested as deep as the bound and no deeper', (_, wrap) => {
    const deepest = nested(valueDepthMax, wrap);
    expect(roundTrip(deepest)).toStrictEqual(deepest);
    expect(refusedValue(wrap(deepest))).toContain(`nested at most ${valueDepthMax} deep`);
    // The writer is as it was.
    expect(roundTrip(deepest)).toStrictEqual(deepest);
  });

  test('siblings do not add to the depth', () => {
    const value = Array.from({ length: 300 }, () => [{ a: [] }, new Map([[1, new Set()]])]);
    expect(roundTrip(value)).toStrictEqual(value);
  });
});

describe('the limit', () => {
  test(
    'is exact: a value that takes as many bytes passes, and one less does not',
    () => {
      fc.assert(
        fc.property(values, (value) => {
          const size = encode(value).length;
          expect(encodeValue(value, size).length).toBe(size);
          expect(refusal(() => encodeValue(value, size - 1))).toContain(`at most ${size - 1} bytes`);
        }),
        { numRuns: runs(300) },
      );
    },
    timeoutMs,
  );

  test('may be without end', () => {
    expect(decodeValue(encodeValue([2n ** 200n, 'a'], Number.POSITIVE_INFINITY))).toStrictEqual([
      2n ** 200n,
      'a',
    ]);
  });

  const limit = 1000;
  test.each<[string, () => unknown]>([
    ['a text', () => 'a'.repeat(500_000_000)],
    ['a key', () => ({ ['a'.repeat(20_000_000)]: 1 })],
    ['bytes', () => new Uint8Array(1_000_000_000)],
    ['a typed array', () => new Float64Array(100_000_000)],
    ['a bigint', () => 1n << 100_000_000n],
    ['an array', () => new Array(4_000_000_000)],
    ['what is shared at every level', () => nested(60, (inner) => [inner, inner])],
    [
      'a Map that grows while it is read',
      () => {
        const map = new Map<number, unknown>();
        const grow = {
          get more() {
            return map.set(map.size, grow).size;
          },
        };
        return map.set(0, grow);
      },
    ],
  ])('is found early in %s', (_, make) => {
    const value = make();
    const before = process.memoryUsage().arrayBuffers;
    const start = performance.now();
    expect(refusal(() => encodeValue(value, limit))).toContain(`at most ${limit} bytes`);
    // Walking or copying it all would take seconds, or the memory of the machine.
    expect(performance.now() - start).toBeLessThan(1_000);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1_000_000);
  });
});
