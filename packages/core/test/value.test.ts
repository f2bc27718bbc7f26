import { isDeepStrictEqual } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { Packr } from 'msgpackr';
import { describe, expect, test } from 'vitest';
import { decodeValue } from '../src/codec/value.js';
import { runs, timeoutMs, values } from './value-arbitrary.js';
import { encode, refusal, roundTrip } from './value-codec.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

describe('round trips', () => {
  test(
    'of everything supported',
    () => {
      // Unlike toStrictEqual, it sees own properties called __proto__ and constructor as they are.
      const property = fc.property(values, (value) => isDeepStrictEqual(roundTrip(value), value));
      fc.assert(property, { numRuns: runs(2000) });
    },
    timeoutMs,
  );

  test.each([0, 31, 32, 0x7f, 0x80, 0xff, 0x100, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 2 ** 32, 2 ** 53])(
    'of the numbers around %d',
    (edge) => {
      for (const number of [edge - 1, edge, edge + 1, -edge, -edge - 1, -edge + 1, edge + 0.5]) {
        expect(roundTrip(number)).toBe(number);
        expect(roundTrip(BigInt(Math.floor(number)))).toBe(BigInt(Math.floor(number)));
      }
    },
  );

  test('of -0, which msgpack has only as a fraction', () => {
    expect(roundTrip(-0)).toBe(-0);
    expect(roundTrip({ a: [-0] })).toStrictEqual({ a: [-0] });
  });

  test.each([63n, 64n, 65n, 1000n, 100_000n])('of bigints around 2 ** %d', (bits) => {
    for (const magnitude of [2n ** bits - 1n, 2n ** bits, 2n ** bits + 1n]) {
      expect(roundTrip(magnitude)).toBe(magnitude);
      expect(roundTrip(-magnitude)).toBe(-magnitude);
    }
  });

  test.each([0, 1, 10, 11, 31, 32, 33, 85, 86, 255, 256, 21_845, 21_846, 65_535, 65_536])(
    'of texts, bytes, arrays, objects, Maps and Sets of %d',
    (length) => {
      for (const letter of ['a', 'é', '€', '🦆'])
        expect(roundTrip(letter.repeat(length))).toBe(letter.repeat(length));
      expect(roundTrip(`${'a'.repeat(length)}é`)).toBe(`${'a'.repeat(length)}é`);
      expect(roundTrip(new Uint8Array(length).fill(3))).toStrictEqual(new Uint8Array(length).fill(3));
      expect(roundTrip(new Int8Array(length).fill(-3))).toStrictEqual(new Int8Array(length).fill(-3));
      const array = Array.from({ length }, (_, index) => index);
      expect(roundTrip(array)).toStrictEqual(array);
      const record = Object.fromEntries(array.map((index) => [`key ${index}`, index]));
      expect(Object.keys(roundTrip(record) as object)).toStrictEqual(Object.keys(record));
      expect(roundTrip(new Set(array))).toStrictEqual(new Set(array));
      expect(roundTrip(new Map(array.map((index) => [index, null])))).toStrictEqual(
        new Map(array.map((index) => [index, null])),
      );
    },
  );

  test.each([8.64e15, -8.64e15, 0, -1, 1, 999, -999, 2 ** 32 * 1000, -(2 ** 32) * 1000 - 1])(
    'of the date %d',
    (time) => expect(roundTrip(new Date(time))).toStrictEqual(new Date(time)),
  );

  test('keep the order of object keys, Map entries and Set members', () => {
    expect(Object.keys(roundTrip({ b: 1, a: 2 }) as object)).toStrictEqual(['b', 'a']);
    expect([...(roundTrip(new Set(['b', 'a'])) as Set<string>)]).toStrictEqual(['b', 'a']);
  });

  test('keep a byte order mark at the start of a text', () => {
    expect(roundTrip('\ufeffa')).toBe('\ufeffa');
    expect(roundTrip(`\ufeff${'a'.repeat(100)}`)).toBe(`\ufeff${'a'.repeat(100)}`);
  });

  test.each([1, 20, 63, 64, 65, 200, 5000])(
    'of texts and keys that begin with a byte order mark or hold U+FFFD, %d characters long',
    (length) => {
      for (const text of [`\ufeff${'a'.repeat(length)}`, `${'a'.repeat(length)}\ufffd`, 'é'.repeat(length)]) {
        const value = { [text]: [text, { [text]: text }], list: ['b'.repeat(300), text] };
        expect(roundTrip(value)).toStrictEqual(value);
        expect(roundTrip(new Map([[text, text]]))).toStrictEqual(new Map([[text, text]]));
      }
    },
  );

  test('of objects with the key that marks what is dressed', () => {
    for (const value of [{ '\0': [0] }, { '\0': 1, a: -0 }, [{ '\0': { '\0': [3, 1, 2] } }]])
      expect(roundTrip(value)).toStrictEqual(value);
  });

  test('of objects with keys that msgpackr looks at', () => {
    for (const key of ['constructor', 'toJSON', 'buffer', 'length', 'hasOwnProperty', 'write', 'pack'])
      for (const held of [null, 1, 'Object', [1], { name: 'Map' }])
        expect(isDeepStrictEqual(roundTrip({ a: 1, [key]: held }), { a: 1, [key]: held })).toBe(true);
  });

  test('of bigints and texts wherever the buffer of msgpackr ends', () => {
    for (let size = 7_900; size < 8_300; size += 7) {
      const value = [
        'a'.repeat(size),
        2n ** 700n,
        new Uint8Array(300),
        'é'.repeat(40),
        new Date(-1),
        { a: -0 },
      ];
      expect(roundTrip(value)).toStrictEqual(value);
    }
  });

  test('of the same object twice make two', () => {
    const shared = { a: 1 };
    const [first, second] = roundTrip([shared, shared]) as [object, object];
    expect(first).toStrictEqual(second);
    expect(first).not.toBe(second);
  });

  test('of what msgpack can express are msgpack after the first byte', () => {
    const packr = new Packr({ useRecords: false, int64AsType: 'bigint' });
    const value = {
      ...{ text: 'é'.repeat(50), list: [1, -200, 70_000, -70_000, 1.5, null, true, false] },
      ...{ bytes: new Uint8Array([1, 2]), big: 12n, date: new Date(1_700_000_000_123), old: new Date(-1) },
    };
    const read = packr.unpack(encode(value).subarray(1)) as Record<string, unknown>;
    expect({ ...read, bytes: new Uint8Array(read.bytes as Uint8Array) }).toStrictEqual(value);
  });
});

describe('what is read', () => {
  test('does not change with what was written', () => {
    const value = { bytes: new Uint8Array([1]), list: [1], map: new Map([['a', { n: 1 }]]), at: new Date(5) };
    const before = structuredClone(value);
    const bytes = encode(value);
    value.bytes[0] = 9;
    value.list.push(9);
    value.map.set('b', { n: 2 });
    value.at.setTime(9);
    expect(decodeValue(bytes)).toStrictEqual(before);
  });

  test('is a fresh value every time, and does not reach the bytes', () => {
    const bytes = encode([new Uint8Array([1, 2]), new Float32Array([1]), new ArrayBuffer(3), { a: 1 }]);
    const before = Uint8Array.from(bytes);
    const first = decodeValue(bytes) as [Uint8Array, Float32Array, ArrayBuffer, { a: number }];
    first[0].fill(9);
    first[1].fill(9);
    new Uint8Array(first[2]).fill(9);
    first[3].a = 9;
    expect(bytes).toStrictEqual(before);
    expect(decodeValue(bytes)).toStrictEqual([
      new Uint8Array([1, 2]),
      new Float32Array([1]),
      new ArrayBuffer(3),
      { a: 1 },
    ]);
  });

  test('is a Uint8Array with a buffer of its own where a Buffer was written, and read out of a Buffer', () => {
    const bytes = encode(Buffer.from('abc'));
    const read = decodeValue(Buffer.from(bytes)) as Uint8Array;
    expect(Object.getPrototypeOf(read)).toBe(Uint8Array.prototype);
    expect(read.buffer.byteLength).toBe(3);
    expect(Object.getPrototypeOf(decodeValue(encode(Buffer.alloc(0))))).toBe(Uint8Array.prototype);
  });

  test('is a part of a larger buffer, as written', () => {
    const whole = Uint32Array.from([1, 2, 3, 4]);
    expect(roundTrip(whole.subarray(1, 3))).toStrictEqual(Uint32Array.from([2, 3]));
    expect(roundTrip(new DataView(whole.buffer, 4, 4))).toStrictEqual(
      new DataView(Uint32Array.from([2]).buffer),
    );
  });

  test('is a plain object where the one written had no prototype', () => {
    expect(roundTrip(Object.assign(Object.create(null), { a: 1 }))).toStrictEqual({ a: 1 });
  });

  test('leaves out symbol keys and what is not enumerable, and has what getters returned', () => {
    const value = {
      get a() {
        return 1;
      },
      [Symbol('b')]: 2,
    };
    Object.defineProperty(value, 'c', { value: 3, enumerable: false });
    expect(roundTrip(value)).toStrictEqual({ a: 1 });
  });
});

describe('bytes that were encoded', () => {
  test('stay as they are when other values are encoded', () => {
    // After a large value the writer starts small again, so that some of these nearly fill what they are written to.
    encode(new Uint8Array(1 << 20));
    const sizes = [0, 1, 40, 120, 128, 129, 250, 500, 1000, 1023, 1024, 1025, 3500, 5000, 7000];
    const kept = sizes.flatMap((size) => [0, 1, 2].map((fill) => new Uint8Array(size).fill(fill)));
    const encoded = Array.from({ length: 40 }, () =>
      kept.map((value) => [value, encode(value)] as const),
    ).flat();
    for (const [value, bytes] of encoded) expect(isDeepStrictEqual(decodeValue(bytes), value)).toBe(true);
  });

  test('keep at most 32 times their size alive, or 2 KiB', () => {
    for (let size = 0; size < 3000; size += 7) {
      const bytes = encode(new Uint8Array(size));
      expect(bytes.buffer.byteLength).toBeLessThanOrEqual(Math.max(2048, bytes.length * 32));
    }
  });

  test.each<[string, unknown]>([
    ['fills what it was written to', new Uint8Array(3_000_000).fill(7)],
    ['leaves a third of it free', 'é'.repeat(3_000_000)],
  ])('are right and no larger than need be when a large value %s', (_, value) => {
    const bytes = encode(value);
    expect(bytes.buffer.byteLength).toBeLessThan(bytes.length * 1.4);
    encode('another one');
    expect(isDeepStrictEqual(decodeValue(bytes), value)).toBe(true);
  });

  test('are right at the end of what they are written to', () => {
    for (let size = 4060; size < 4110; size++) {
      for (const value of [
        new Uint8Array(size),
        new Int8Array(size),
        'a'.repeat(size),
        1n << BigInt(size * 8),
      ]) {
        // After a large value the writer starts small again.
        encode(new Uint8Array(1 << 20));
        expect(isDeepStrictEqual(roundTrip(value), value)).toBe(true);
      }
    }
  });

  test('keep nothing alive of the value they were made of, nor of one that was refused', () => {
    const gone: WeakRef<object>[] = [];
    (() => {
      const inner = { a: [] };
      const refused = { inner: { b: () => 1 } };
      gone.push(new WeakRef(inner), new WeakRef(refused.inner));
      encode([[inner]]);
      refusal(() => encode([[refused]]));
    })();
    return new Promise((resolve) => setImmediate(resolve)).then(() => {
      collectGarbage();
      expect(gone.map((reference) => reference.deref())).toStrictEqual([undefined, undefined]);
    });
  });

  test('are right when a getter within the value encodes another one', () => {
    const value = {
      before: 'a'.repeat(50),
      get inner() {
        return [...encode({ other: [1, 2, 3] })];
      },
      after: 'b',
    };
    expect(roundTrip(value)).toStrictEqual({ ...value });
  });

  test('hold what was seen when a getter changes the Map or Set around it', () => {
    const map = new Map<string, unknown>([['a', 1]]);
    map.set('b', {
      get grows() {
        return map.size < 4 && map.set(`c${map.size}`, 1) && 2;
      },
    });
    expect([...(roundTrip(map) as Map<string, unknown>).keys()]).toStrictEqual(['a', 'b', 'c2']);
    const list: unknown[] = [
      {
        get shrinks() {
          list.length = 1;
          return 1;
        },
      },
      2,
    ];
    expect(refusal(() => encode(list))).toContain('a hole in an array at [1]');
  });
});

describe('prototypes', () => {
  test('are not reached by the names of keys', () => {
    const value = JSON.parse(
      '{"__proto__": {"admin": true}, "constructor": {"prototype": {"admin": true}}, "toString": 1}',
    );
    const read = roundTrip(value) as Record<string, unknown>;
    expect(Object.keys(read)).toStrictEqual(['__proto__', 'constructor', 'toString']);
    expect(Object.getPrototypeOf(read)).toBe(Object.prototype);
    expect(read.admin).toBeUndefined();
    expect(({} as Record<string, unknown>).admin).toBeUndefined();
  });

  test('that are frozen are in nobody’s way', () => {
    const read = roundTripWithFrozen({ toString: 1, valueOf: 2, own: 3 });
    expect(read).toStrictEqual({ toString: 1, valueOf: 2, own: 3 });
  });

  function roundTripWithFrozen(value: object): unknown {
    const names = ['toString', 'valueOf'] as const;
    const before = names.map((name) => Object.getOwnPropertyDescriptor(Object.prototype, name) ?? {});
    for (const name of names) Object.defineProperty(Object.prototype, name, { writable: false });
    try {
      return roundTrip(value);
    } finally {
      for (const [index, name] of names.entries())
        Object.defineProperty(Object.prototype, name, before[index] ?? {});
    }
  }
});
