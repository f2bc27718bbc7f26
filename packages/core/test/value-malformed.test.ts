import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeValue } from '../src/codec/value.js';
import { valueDepthMax } from '../src/codec/value-format.js';
import { DsmError } from '../src/memory/error.js';
import { runs, timeoutMs, values } from './value-arbitrary.js';
import { encode, refusal } from './value-codec.js';

const refusedBytes = (bytes: Uint8Array | number[]): string =>
  refusal(() => decodeValue(Uint8Array.from(bytes)));

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
        0xc7,
        0xc9,
        0xcb,
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
      const bytes = fc.array(tokens, { maxLength: 40 }).map((list) => Uint8Array.from(list));
      fc.assert(fc.property(bytes, probe), { numRuns: runs(15_000) });
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
    'cut short or gone on with',
    () => {
      const property = fc.property(values, fc.nat(), (value, cut) => {
        const bytes = encode(value);
        refusal(() => decodeValue(bytes.subarray(0, cut % bytes.length)));
        expect(refusal(() => decodeValue(Uint8Array.from([...bytes, 0])))).toContain(
          'bytes follow the value',
        );
      });
      fc.assert(property, { numRuns: runs(2_000) });
    },
    timeoutMs,
  );

  test.each<[string, number[], string]>([
    ['nothing', [], 'end too early'],
    ['a token of no use', [0xc1], 'starts with the byte 193'],
    ['a float of 32 bits', [0xca, 0, 0, 0, 0], 'starts with the byte 202'],
    ['an integer of 64 bits without sign', [0xcf, 0, 0, 0, 0, 0, 0, 0, 1], 'starts with the byte 207'],
    ['a false length of text', [0xdb, 0xff, 0xff, 0xff, 0xff, 0x61], 'end too early'],
    ['a false length of bytes', [0xc6, 0xff, 0xff, 0xff, 0xff, 1], 'end too early'],
    ['a false length of an array', [0xdd, 0xff, 0xff, 0xff, 0xff, 1], 'end too early'],
    ['a false length of an object', [0xdf, 0xff, 0xff, 0xff, 0xff, 0xa0, 1], 'end too early'],
    ['a false length of an extension', [0xc9, 0xff, 0xff, 0xff, 0xff, 2, 1], 'end too early'],
    ['a false length of a bigint', [0xc9, 0x7f, 0xff, 0xff, 0xff, 3, 0, 1], 'end too early'],
    ['a false length of a buffer', [0xc9, 0x7f, 0xff, 0xff, 0xff, 4, 0, 1], 'end too early'],
    ['a key that is a number', [0x81, 1, 1], 'not a string'],
    ['a key that is bytes', [0x81, 0xc4, 1, 0x61, 1], 'not a string'],
    ['text that is not UTF-8', [0xa2, 0xc3, 0x28], 'valid'],
    ['text with half of a surrogate pair', [0xa3, 0xed, 0xa0, 0x80], 'valid'],
    ['a Map that ends within an entry', [0xc7, 1, 1, 1, 1], 'ends within a value'],
    ['a Map without a value at the end', [0xc7, 1, 1, 1], 'end too early'],
    ['a Set that ends within a member', [0xc7, 1, 2, 0xa1, 0x61], 'ends within a value'],
    ['a bigint without a magnitude', [0xc7, 1, 3, 0], 'malformed bigint'],
    ['a bigint without a sign', [0xc7, 2, 3, 2, 1], 'malformed bigint'],
    ['a buffer without a kind', [0xc7, 0, 4], 'end too early'],
    ['a buffer of size nothing', [0x92, 0xc7, 0, 4, 0], 'malformed buffer'],
    ['a buffer of an unknown kind', [0xc7, 1, 4, 12], 'malformed buffer'],
    ['a buffer of half an element', [0xc7, 2, 4, 4, 1], 'multiple of 2'],
    ['a date of another size', [0xd6, 0xff, 0, 0, 0, 1], 'starts with the byte 214'],
    ['a date of eight bytes', [0xc7, 8, 0xff, 0, 0, 0, 0, 0, 0, 0, 0], 'malformed date'],
    ['a date out of range', [0xc7, 12, 0xff, 0, 0, 0, 0, 0x7f, 0, 0, 0, 0, 0, 0, 0], 'out of range'],
    ['an unknown extension', [0xc7, 1, 5, 1], 'no extension has the type 5'],
    ['an undefined of msgpackr', [0xd4, 0, 0], 'starts with the byte 212'],
    ['a record of msgpackr', [0xd4, 0x72, 0x40, 0x91, 0xa1, 0x61, 1], 'starts with the byte 212'],
    ['a RegExp of msgpackr', [0xd4, 0x78, 0, 0x92, 0xa1, 0x61, 0xa0], 'starts with the byte 212'],
    ['an Error of msgpackr', [0xd4, 0x65, 0, 0x92, 0xa1, 0x61, 0xa0], 'starts with the byte 212'],
  ])('such as %s', (_, bytes, message) => expect(refusedBytes(bytes)).toContain(message));

  test('do not make memory grow beyond what they hold', () => {
    // Ninety arrays, each of which claims all of the bytes that follow.
    const size = 4_000_000;
    const bytes = new Uint8Array(size);
    const view = new DataView(bytes.buffer);
    for (let level = 0; level < 90; level++) {
      bytes[level * 5] = 0xdd;
      view.setUint32(level * 5 + 1, size - level * 5 - 5);
    }
    const before = process.memoryUsage().heapTotal;
    expect(refusedBytes(bytes)).toContain('end too early');
    expect(process.memoryUsage().heapTotal - before).toBeLessThan(300e6);
  });

  test.each<[string, number[]]>([
    ['arrays', [0x91]],
    ['objects', [0x81, 0xa1, 0x61]],
  ])('bytes that nest %s deeper are malformed', (_, prefix) => {
    const deepest = [...Array.from({ length: valueDepthMax }, () => prefix).flat(), 1];
    expect(() => decodeValue(Uint8Array.from(deepest))).not.toThrow();
    expect(refusedBytes([...prefix, ...deepest])).toContain('nested more than');
    expect(refusedBytes(Array.from({ length: 1_000_000 }, () => prefix).flat())).toContain(
      'nested more than',
    );
  });

  test.each([1, 2])('bytes that nest extensions of type %d deeper are malformed', (type) => {
    let bytes = type === 1 ? [1, 1] : [1];
    for (let level = 0; level <= valueDepthMax; level++) {
      const size = [0, 0, bytes.length >> 8, bytes.length & 0xff];
      bytes = [...(type === 1 && level > 0 ? [1] : []), 0xc9, ...size, type, ...bytes];
    }
    expect(refusedBytes(bytes[0] === 1 ? bytes.slice(1) : bytes)).toContain('nested more than');
  });
});
