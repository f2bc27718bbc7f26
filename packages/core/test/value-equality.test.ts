import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { equalValues } from '../src/codec/equality.js';
import { encodeValue } from '../src/codec/value.js';
import { DsmError } from '../src/error.js';
import { runs, timeoutMs, values } from './value-arbitrary.js';

const encode = (value: unknown): Uint8Array => encodeValue(value, 1 << 24);
const equal = (a: unknown, b: unknown): boolean => equalValues(encode(a), encode(b));

/** The same value with everything turned round that has no order. */
function reordered(value: unknown): unknown {
  if (value === 0) return Object.is(value, -0) ? 0 : -0;
  if (Array.isArray(value)) return value.map(reordered);
  if (value instanceof Set) return new Set([...value].reverse().map(reordered));
  if (value instanceof Map)
    return new Map([...value].reverse().map(([key, held]) => [reordered(key), reordered(held)]));
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype)
    return value;
  const entries = Object.entries(value).reverse();
  return Object.fromEntries(entries.map(([key, held]) => [key, reordered(held)]));
}

describe('equal', () => {
  test(
    'is every value to itself, in whatever order',
    () => {
      const property = fc.property(values, (value) => equal(value, reordered(value)));
      fc.assert(property, { numRuns: runs(2000) });
    },
    timeoutMs,
  );

  test(
    'are values exactly when each is equal to the other, wherever they are',
    () => {
      const property = fc.property(values, values, (a, b) => {
        const answer = equal(a, b);
        expect(equal(b, a)).toBe(answer);
        expect(equal([a], [b])).toBe(answer);
        expect(equal({ a }, { a: b })).toBe(answer);
        expect(equal(new Map([[1, a]]), new Map([[1, b]]))).toBe(answer);
        // Through the canonical text.
        expect(equal(new Set([[a]]), new Set([[b]]))).toBe(answer);
        expect(equal(new Map([[{ a }, 1]]), new Map([[{ a: b }, 1]]))).toBe(answer);
        expect(equal(new Set([a]), new Set([b]))).toBe(answer);
      });
      fc.assert(property, { numRuns: runs(300) });
    },
    timeoutMs,
  );

  test.each<[string, unknown, unknown]>([
    ['-0 and 0', -0, 0],
    ['-0 and 0 within', { a: [-0] }, { a: [0] }],
    ['NaN and NaN', [Number.NaN], [Number.NaN]],
    ['objects in another order', { a: 1, b: 2 }, { b: 2, a: 1 }],
    [
      'Sets of objects in another order',
      new Set([{ a: 1, b: [2] }, { c: 3 }]),
      new Set([{ c: 3 }, { b: [2], a: 1 }]),
    ],
    [
      'Maps by objects in another order',
      new Map([
        [{ a: 1 }, 1],
        [{ b: 1 }, 2],
      ] as never),
      new Map([
        [{ b: 1 }, 2],
        [{ a: 1 }, 1],
      ] as never),
    ],
    ['Sets within Sets', new Set([new Set([[1], [2]])]), new Set([new Set([[2], [1]])])],
    [
      'Maps within Sets',
      new Set([
        new Map([
          [1, 2],
          [3, 4],
        ]),
      ]),
      new Set([
        new Map([
          [3, 4],
          [1, 2],
        ]),
      ]),
    ],
    ['floats', Float64Array.of(-0, Number.NaN), Float64Array.of(0, Number.NaN)],
    ['floats in a Set', new Set([Float32Array.of(-0)]), new Set([Float32Array.of(0)])],
    ['-0 in a Set of arrays', new Set([[-0]]), new Set([[0]])],
    ['keys of any name', JSON.parse('{"__proto__":1,"a":2}'), JSON.parse('{"a":2,"__proto__":1}')],
  ])('are %s', (_, a, b) => {
    expect(equal(a, b)).toBe(true);
    expect(equal(b, a)).toBe(true);
  });
});

describe('different', () => {
  test.each<[string, unknown, unknown]>([
    ['1 and 1n', 1, 1n],
    ['1 and 1n in a Set of arrays', new Set([[1]]), new Set([[1n]])],
    ['1 and "1"', [1], ['1']],
    ['1 and "1" in a Set of arrays', new Set([[1]]), new Set([['1']])],
    ['"1n" and 1n in a Set of arrays', new Set([['1n']]), new Set([[1n]])],
    ['null and {}', null, {}],
    ['an array and an object', [1], { 0: 1 }],
    ['a Map and an object', new Map([['a', 1]]), { a: 1 }],
    ['a Set and an array', new Set([1]), [1]],
    ['a Set and an array in a Set', new Set([new Set([1])]), new Set([[1]])],
    ['an empty Map and an empty Set', new Map(), new Set()],
    ['an empty Map and an empty Set in a Set', new Set([new Map()]), new Set([new Set()])],
    ['an empty object and an empty Map in a Set', new Set([{}]), new Set([new Map()])],
    ['a date and its time', new Date(1), 1],
    ['a date and its time in a Set of arrays', new Set([[new Date(1)]]), new Set([[1]])],
    ['dates', new Date(1), new Date(2)],
    ['dates in a Set', new Set([new Date(1)]), new Set([new Date(2)])],
    ['a shorter array', [1, 2], [1]],
    ['a longer array', [1], [1, 2]],
    ['arrays in another order', [1, 2], [2, 1]],
    ['arrays with other borders, in a Set', new Set([[['a'], 'b']]), new Set([[['a', 'b']]])],
    ['texts with other borders, in a Set', new Set([['a', 'b']]), new Set([['a,b']])],
    ['texts with quotes, in a Set', new Set([['a","b']]), new Set([['a', 'b']])],
    ['more keys', { a: 1 }, { a: 1, b: 2 }],
    ['fewer keys', { a: 1, b: 2 }, { a: 1 }],
    ['other keys', { a: null }, { b: null }],
    ['an inherited name', { toString: 1 }, { a: 1 }],
    ['other members', new Set([1, 2]), new Set([1, 3])],
    ['a smaller Set', new Set([1]), new Set([1, 2])],
    ['other members that are objects', new Set([{ a: 1 }]), new Set([{ a: 2 }])],
    ['other counts of members', new Set([[1], [1], [2]]), new Set([[1], [2], [2]])],
    ['a member and an object', new Set<unknown>([1, [1]]), new Set<unknown>([[1], [2]])],
    ['other values in a Map', new Map([['a', 1]]), new Map([['a', 2]])],
    ['other keys in a Map', new Map([['a', 1]]), new Map([['b', 1]])],
    [
      'a smaller Map',
      new Map([['a', 1]]),
      new Map([
        ['a', 1],
        ['b', 1],
      ]),
    ],
    ['null in a Map and no such key', new Map([['a', null]]), new Map([['b', null]])],
    ['other values by objects', new Map([[{ a: 1 }, 1]]), new Map([[{ a: 1 }, 2]])],
    [
      'values changed round',
      new Map([
        [[1], 1],
        [[2], 2],
      ]),
      new Map([
        [[1], 2],
        [[2], 1],
      ]),
    ],
    ['a key and a value changed round', new Set([new Map([[1, 2]])]), new Set([new Map([[2, 1]])])],
    ['bytes', new Uint8Array([1]), new Uint8Array([2])],
    ['bytes of another length', new Uint8Array([0]), new Uint8Array([0, 0])],
    ['bytes in a Set', new Set([new Uint8Array([1])]), new Set([new Uint8Array([2])])],
    ['bytes of another element type', new Uint8Array([1]), new Int8Array([1])],
    [
      'bytes of another element type in a Set',
      new Set([new Uint16Array([1])]),
      new Set([new Int16Array([1])]),
    ],
    ['bytes and floats in a Set', new Set([Float32Array.of(0)]), new Set([Float64Array.of(0)])],
    ['a buffer and a view of it', new ArrayBuffer(2), new DataView(new ArrayBuffer(2))],
    ['floats', Float64Array.of(1), Float64Array.of(2)],
    ['floats of another length', Float64Array.of(1), Float64Array.of(1, 1)],
    ['a number and NaN', Number.NaN, 0],
  ])('are %s', (_, a, b) => {
    expect(equal(a, b)).toBe(false);
    expect(equal(b, a)).toBe(false);
  });
});

test('a property that every object inherits is not one of its own', () => {
  Object.defineProperty(Object.prototype, 'inherited', { value: 1, writable: true, configurable: true });
  try {
    expect(equal({ inherited: 1 }, { own: 1 })).toBe(false);
  } finally {
    Reflect.deleteProperty(Object.prototype, 'inherited');
  }
});

describe('absence', () => {
  test('is equal to itself and to nothing else', () => {
    expect(equalValues(null, null)).toBe(true);
    expect(equalValues(null, encode(null))).toBe(false);
    expect(equalValues(encode(0), null)).toBe(false);
  });
});

test('equal bytes are not decoded, others are refused when malformed', () => {
  const malformed = Uint8Array.of(0xc1);
  expect(equalValues(malformed, Uint8Array.of(0xc1))).toBe(true);
  expect(() => equalValues(malformed, encode(1))).toThrow(DsmError);
});

test(
  'large Sets and Maps of objects take no quadratic time',
  () => {
    const members = Array.from({ length: 50_000 }, (_, index) => ({ index, group: index % 7 }));
    const turned = members.map(({ index, group }) => ({ group, index })).reverse();
    const start = performance.now();
    expect(equal(new Set(members), new Set(turned))).toBe(true);
    const keyed = (list: object[]): Map<object, number> => new Map(list.map((key) => [key, 1]));
    expect(equal(keyed(members), keyed(turned))).toBe(true);
    let a: unknown = 1;
    let b: unknown = 1;
    for (let level = 0; level < 45; level++) {
      a = new Set([[a], [level], 'x']);
      b = new Set(['x', [level], [b]]);
    }
    expect(equal(a, b)).toBe(true);
    // Comparing each with each would take minutes.
    expect(performance.now() - start).toBeLessThan(30_000);
  },
  timeoutMs,
);
