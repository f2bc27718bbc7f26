import fc from 'fast-check';
import { Packr } from 'msgpackr';
import { describe, expect, test } from 'vitest';
import { decodeValue } from '../src/codec/value.js';
import { bufferKinds, dress, dressMark, form, valueDepthMax } from '../src/codec/value-format.js';
import { DsmError } from '../src/error.js';
import { runs, timeoutMs, values } from './value-arbitrary.js';
import { encode, refusal } from './value-codec.js';

const refusedBytes = (bytes: Iterable<number>): string => refusal(() => decodeValue(Uint8Array.from(bytes)));

/** A packer that sends all that msgpackr knows. */
const everything = new Packr({ useRecords: false, moreTypes: true, structuredClone: false });
const packed = (first: number, tree: unknown): number[] => [first, ...everything.pack(tree)];
/** An object that stands for something else, as it is sent. */
const dressOf = (...list: unknown[]): object => ({ [dressMark]: list });

describe('malformed bytes', () => {
  test.each([0xc6, 0xc9, 0xdb, 0xdd, 0xdf])(
    'that claim a length behind %d allocate nothing for it',
    (first) => {
      for (const type of [1, 2, 3, 4, 0xff]) {
        const before = process.memoryUsage().arrayBuffers;
        expect(refusedBytes([first, 0x7f, 0xff, 0xff, 0xff, type, 0, 1])).toContain('Malformed bytes');
        expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1_000_000);
      }
    },
  );

  /** Decodes, and lets through only what the writer could have written or a DSM_INVALID_VALUE. */
  function probe(bytes: Uint8Array): void {
    let value: unknown;
    try {
      value = decodeValue(bytes);
    } catch (error) {
      if (!DsmError.is(error, 'DSM_INVALID_VALUE')) throw error;
      return;
    }
    encode(value);
  }

  test(
    'at random',
    () => {
      fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), probe), { numRuns: runs(30_000) });
    },
    timeoutMs,
  );

  test(
    'of random tokens',
    () => {
      const tokens = fc.constantFrom(
        0x81,
        0x91,
        0xa1,
        0xc4,
        0xc1,
        0xc7,
        0xc9,
        0xcb,
        0xd4,
        0x62,
        0x65,
        0x72,
        0x73,
        0x74,
        0x78,
        0xd3,
        0xd9,
        0xdc,
        0xde,
        0,
        1,
        2,
        3,
        4,
        0xff,
      );
      const forms = fc.constantFrom(...Object.values(form));
      const bytes = fc
        .tuple(forms, fc.array(tokens, { maxLength: 40 }))
        .map(([first, list]) => Uint8Array.of(first, ...list));
      fc.assert(fc.property(bytes, probe), { numRuns: runs(15_000) });
    },
    timeoutMs,
  );

  test(
    'of trees dressed at random',
    () => {
      const { tree } = fc.letrec<{ tree: unknown }>((tie) => {
        const part = fc.oneof(
          { depthSize: 'small' },
          fc.constantFrom(null, undefined, 0, -0, 1, 11, 12, 1n, 'a', '__proto__', '\ufffd', new Date(1)),
          fc.constantFrom(new Date(Number.NaN), /a/, new Error('a'), new Set([1]), new Int8Array(2)),
          fc.uint8Array({ maxLength: 9 }),
          fc.dictionary(fc.constantFrom(dressMark, 'a', 'toString'), tie('tree'), { maxKeys: 2 }),
          fc.array(tie('tree'), { maxLength: 4 }),
          fc.tuple(fc.nat({ max: 6 }), fc.array(tie('tree'), { maxLength: 4 })).map(([tag, rest]) => {
            return dressOf(tag, ...rest);
          }),
        );
        return { tree: part };
      });
      const property = fc.property(tree, (any) => probe(Uint8Array.from(packed(form.dressed, any))));
      fc.assert(property, { numRuns: runs(10_000) });
    },
    timeoutMs,
  );

  test(
    'with some bytes changed',
    () => {
      const changes = fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { minLength: 1, maxLength: 4 });
      const property = fc.property(values, changes, (value, list) => {
        const bytes = Uint8Array.from(encode(value));
        for (const [at, byte] of list) bytes[at % bytes.length] = byte;
        probe(bytes);
      });
      fc.assert(property, { numRuns: runs(5_000) });
    },
    timeoutMs,
  );

  test(
    'cut short or gone on with, unless text or bytes, which end where they end',
    () => {
      const property = fc.property(values, fc.nat(), (value, cut) => {
        const bytes = encode([value]);
        refusal(() => decodeValue(bytes.subarray(0, cut % bytes.length)));
        expect(refusedBytes([...bytes, 0])).toContain('end of buffer not reached');
      });
      fc.assert(property, { numRuns: runs(2_000) });
    },
    timeoutMs,
  );

  test.each<[string, number[], string]>([
    ['nothing', [], 'end too early'],
    ['an unknown form', [4, 1], 'starts with the byte 4'],
    ['text that is not UTF-8', [form.text, 0xc3, 0x28], 'valid'],
    ['text with half of a surrogate pair', [form.text, 0xed, 0xa0, 0x80], 'valid'],
    ['no msgpack', [form.plain], 'end of MessagePack data'],
    ['no msgpack to undress', [form.dressed], 'end of MessagePack data'],
    ['a false length of text', [form.plain, 0xdb, 0xff, 0xff, 0xff, 0xff, 0x61], 'end of MessagePack'],
    ['a false length of bytes', [form.plain, 0xc6, 0xff, 0xff, 0xff, 0xff, 1], 'end of MessagePack'],
    ['a false length of an array', [form.plain, 0xdd, 0xff, 0xff, 0xff, 0xff, 1], 'end of MessagePack'],
    ['a false length of an object', [form.plain, 0xdf, 0xff, 0xff, 0xff, 0xff, 0xa0, 1], 'end of Message'],
    ['a false length of an extension', [form.plain, 0xc9, 0xff, 0xff, 0xff, 0xff, 0x42, 1], 'end of Mess'],
    ['text within that is not UTF-8', [form.plain, 0x91, 0xa2, 0xc3, 0x28], 'valid UTF-8'],
    ['a key that is not UTF-8', [form.plain, 0x81, 0xa2, 0xc3, 0x28, 1], 'key that may not have been valid'],
    ['a key that is bytes', [form.plain, 0x81, 0xc4, 1, 0x61, 1], 'Invalid property type'],
    ['a token of no use', [form.plain, 0xc1], 'of a kind that no value holds'],
    ['a bigint of no bytes', [form.plain, 0xc7, 0, 0x42], 'BigInt'],
    ['a date of another size', [form.plain, 0xc7, 3, 0xff, 1, 2, 3], 'out of range'],
    [
      'a date out of range',
      [form.plain, 0xc7, 12, 0xff, 0, 0, 0, 0, 0, 0, 0x7f, 0, 0, 0, 0, 0],
      'a date out of range',
    ],
    ['an unknown extension', [form.plain, 0xc7, 1, 5, 1], 'Unknown extension type 5'],
    ['a record definition', [form.plain, 0xd4, 0x72, 0x40, 0x91, 0xa1, 0x61, 1], 'not extensible'],
    ['a long record definition', [form.plain, 0xd5, 0x72, 0x40, 1, 0x91, 0xa1, 0x61, 1], 'not extensible'],
    ['a reference', [form.plain, 0xd6, 0x70, 0, 0, 0, 1], 'Structured clone extension is disabled'],
    ['what is referred to', [form.plain, 0xd6, 0x69, 0, 0, 0, 1, 0x90], 'clone extension is disabled'],
  ])('such as %s', (_, bytes, message) => expect(refusedBytes(bytes)).toContain(message));

  test.each<[string, unknown, string]>([
    ['undefined', undefined, 'undefined within'],
    ['a RegExp', /a/, 'of a kind'],
    ['an Error', new TypeError('a'), 'of a kind'],
    ['a Set', new Set([1]), 'of a kind'],
    ['an ArrayBuffer', new ArrayBuffer(1), 'of a kind'],
    ['a DataView', new DataView(new ArrayBuffer(1)), 'of a kind'],
    ['a typed array', new Float64Array(1), 'of a kind'],
    ['an invalid date', new Date(Number.NaN), 'a date out of range'],
  ])('that hold %s, which msgpackr sends and no value does', (_, member, message) => {
    for (const first of [form.plain, form.dressed]) {
      expect(refusedBytes(packed(first, member))).toContain(message);
      expect(refusedBytes(packed(first, [{ a: member }]))).toContain(message);
    }
  });

  test('of records run no code and leave nothing behind', () => {
    const records = new Packr({ useRecords: true, structures: [] });
    for (let round = 0; round < 10; round++) {
      refusedBytes([form.plain, ...new Packr({}).pack([{ a: 1 }, { a: 2 }])]);
      expect(decodeValue(Uint8Array.of(form.plain, 0x40))).toBe(0x40);
    }
    refusedBytes([form.plain, ...records.pack({ b: 1 })]);
    expect(decodeValue(encode({ a: 1 }))).toStrictEqual({ a: 1 });
  });

  test.each<[string, unknown, string]>([
    ['no array', { [dressMark]: 1 }, 'malformed dress'],
    ['null', { [dressMark]: null }, 'malformed dress'],
    ['another key', { [dressMark]: [dress.minusZero], a: 1 }, 'malformed dress'],
    ['no kind', dressOf(), 'unknown kind'],
    ['an unknown kind', dressOf(6), 'unknown kind'],
    ['a kind that is text', dressOf('0'), 'unknown kind'],
    ['more than -0', dressOf(dress.minusZero, 1), 'another length'],
    ['a text without bytes', dressOf(dress.text), 'another length'],
    ['a text that is a number', dressOf(dress.text, 1), 'other than bytes'],
    ['a text that is not UTF-8', dressOf(dress.text, Uint8Array.of(0xc3, 0x28)), 'valid'],
    ['an object with half an entry', dressOf(dress.record, 'a'), 'without a value'],
    ['an object by a number', dressOf(dress.record, 1, 1), 'not a string'],
    ['an object by a Map', dressOf(dress.record, dressOf(dress.map), 1), 'not a string'],
    ['a Map with half an entry', dressOf(dress.map, 1, 2, 3), 'without a value'],
    ['a Map with undefined', dressOf(dress.map, 1, undefined), 'undefined within'],
    ['a Set of RegExps', dressOf(dress.set, /a/), 'of a kind'],
    ['a buffer without bytes', dressOf(dress.buffer, 1), 'another length'],
    ['a buffer of an unknown kind', dressOf(dress.buffer, bufferKinds.length, new Uint8Array(1)), 'unknown'],
    ['a buffer of a kind between', dressOf(dress.buffer, 0.5, new Uint8Array(1)), 'unknown kind'],
    ['a buffer of a kind with a name', dressOf(dress.buffer, 'map', new Uint8Array(1)), 'unknown kind'],
    ['a buffer of text', dressOf(dress.buffer, 1, 'a'), 'other than bytes'],
    ['a buffer of half an element', dressOf(dress.buffer, 4, new Uint8Array(1)), 'multiple of 2'],
  ])('dressed in %s', (_, tree, message) => {
    expect(refusedBytes(packed(form.dressed, tree))).toContain(message);
    expect(refusedBytes(packed(form.dressed, [{ a: tree }]))).toContain(message);
  });

  test('do not make memory grow beyond what they hold', () => {
    // Ninety arrays, each of which claims all of the bytes that follow.
    const size = 4_000_000;
    const bytes = new Uint8Array(size);
    const view = new DataView(bytes.buffer);
    bytes[0] = form.plain;
    for (let level = 0; level < 90; level++) {
      bytes[level * 5 + 1] = 0xdd;
      view.setUint32(level * 5 + 2, size - level * 5 - 6);
    }
    const before = process.memoryUsage().heapTotal;
    expect(refusedBytes(bytes)).toContain('end of MessagePack data');
    expect(process.memoryUsage().heapTotal - before).toBeLessThan(300e6);
  });

  test.each<[string, (inner: unknown) => unknown]>([
    ['arrays', (inner) => [inner]],
    ['objects', (inner) => ({ a: inner })],
    ['Maps', (inner) => dressOf(dress.map, 1, inner)],
    ['keys of Maps', (inner) => dressOf(dress.map, inner, 1)],
    ['Sets', (inner) => dressOf(dress.set, inner)],
    ['objects with awkward keys', (inner) => dressOf(dress.record, '__proto__', inner)],
  ])('bytes that nest %s deeper are malformed', (_, wrap) => {
    let tree: unknown = 1;
    for (let level = 0; level < valueDepthMax; level++) tree = wrap(tree);
    expect(() => decodeValue(Uint8Array.from(packed(form.dressed, tree)))).not.toThrow();
    expect(refusedBytes(packed(form.dressed, wrap(tree)))).toContain('nested more than');
  });

  test.each<[string, number[]]>([
    ['arrays', [0x91]],
    ['objects', [0x81, 0xa1, 0x61]],
  ])('bytes that nest a million %s are malformed', (_, prefix) => {
    const bytes = Uint8Array.from(
      { length: 1_000_000 * prefix.length },
      (_, at) => prefix[at % prefix.length] ?? 0,
    );
    expect(refusedBytes([form.plain, ...bytes])).toContain('call stack');
    expect(decodeValue(encode([1]))).toStrictEqual([1]);
  });
});
