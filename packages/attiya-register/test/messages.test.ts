import { checked, timeoutMs } from '@dsm/conformance/chance';
import { Malformed, noTag, Reader, Writer } from '@dsm/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { codec, type Message } from '../src/messages.js';
import { numberMax } from '../src/names.js';

const whole = fc.maxSafeNat();
const key = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 });
const confirmed = fc.array(fc.record({ key, tag: whole }), { maxLength: 64 });
const bytes = fc.uint8Array({ maxLength: 300 });
const value = fc.option(bytes, { nil: null });
const about = fc.constantFrom('read' as const, 'write' as const);
const vector = fc.array(whole, { maxLength: 31 });

const messages: fc.Arbitrary<Message> = fc.oneof(
  fc.record({ type: fc.constant('query' as const), round: whole, key, known: whole, confirmed }),
  fc.record({
    type: fc.constant('queried' as const),
    round: whole,
    tag: whole,
    confirmed: fc.boolean(),
    value: fc.oneof(value, fc.constant(undefined)),
  }),
  fc.record({ type: fc.constant('probe' as const), round: whole, key, confirmed }),
  fc.record({ type: fc.constant('probed' as const), round: whole, tag: whole }),
  fc.record({
    type: fc.constant('store' as const),
    round: whole,
    serial: whole,
    key,
    tag: whole,
    value,
    writeBack: fc.boolean(),
    confirmed,
  }),
  fc.record({ type: fc.constant('stored' as const), round: whole, writeBack: fc.boolean() }),
  fc.record({
    type: fc.constant('publish' as const),
    serial: whole,
    tag: whole,
    pairs: fc.array(
      fc.oneof(
        fc.record({ number: fc.nat(numberMax), key, value }),
        fc.record({ number: fc.integer({ min: 1, max: numberMax }), key: fc.constant(undefined), value }),
      ),
      { maxLength: 5 },
    ),
  }),
  fc.record({ type: fc.constant('survey' as const), round: whole, about }),
  fc.record({
    type: fc.constant('surveyed' as const),
    round: whole,
    about,
    tag: whole,
    taken: vector,
    seen: vector,
  }),
  fc.record({
    type: fc.constant('mend' as const),
    round: whole,
    since: vector,
    place: whole,
  }),
  fc.record({
    type: fc.constant('mended' as const),
    round: whole,
    taken: vector,
    next: whole,
    pairs: fc.array(fc.record({ key, from: fc.nat(30), serial: whole, tag: whole, value }), { maxLength: 5 }),
  }),
);

describe('a message', () => {
  test('comes out as it went in, and nothing is left over', { timeout: timeoutMs }, () => {
    const property = fc.property(messages, (message) => {
      const reader = new Reader(encoded(message));
      expect(codec.decode(reader)).toEqual(plain(message));
      expect(reader.finished).toBe(true);
    });
    fc.assert(property, checked(2_000));
  });

  test('comes out of a stream of several, one after the other', { timeout: timeoutMs }, () => {
    const property = fc.property(fc.array(messages, { minLength: 2, maxLength: 6 }), (several) => {
      const writer = new Writer();
      for (const message of several) codec.encode(message, writer);
      const reader = new Reader(writer.take());
      expect(several.map(() => codec.decode(reader))).toEqual(several.map(plain));
      expect(reader.finished).toBe(true);
    });
    fc.assert(property, checked(500));
  });

  test('that is cut short anywhere is malformed', { timeout: timeoutMs }, () => {
    const property = fc.property(messages, (message) => {
      const whole = encoded(message);
      for (let length = 0; length < whole.length; length += 1) {
        expect(() => codec.decode(new Reader(whole.subarray(0, length)))).toThrow(Malformed);
      }
    });
    fc.assert(property, checked(100));
  });

  test('does not share its value with the frame it came in', () => {
    const frame = encoded(store(new Uint8Array([1, 2, 3])));
    const message = codec.decode(new Reader(frame));
    frame.fill(0xff);
    expect(message).toMatchObject({ value: new Uint8Array([1, 2, 3]) });
  });
});

describe('bytes that nobody encoded', () => {
  test('are a message or malformed: nothing else is thrown', { timeout: timeoutMs }, () => {
    const property = fc.property(fc.uint8Array({ maxLength: 80 }), (random) => decodes(random));
    fc.assert(property, checked(20_000));
  });

  test('are so too where they were a message once: one byte or more are others', {
    timeout: timeoutMs,
  }, () => {
    const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 });
    const property = fc.property(messages, changes, (message, bits) => {
      const corrupt = encoded(message);
      for (const [place, byte] of bits) corrupt[place % corrupt.length] = byte;
      decodes(corrupt);
    });
    fc.assert(property, checked(5_000));
  });

  test.each([
    ['a code that no message has', [11, 0]],
    ['a flag that is neither yes nor no', [5, 0, 2]],
    ['a kind of value that does not exist', [1, 0, 0, 0, 3]],
    ['a value longer than the frame', [1, 0, 0, 0, 2, 0xff, 0xff, 0xff, 0x7f]],
    ['more confirmations than there are bytes', [2, 0, 0, 1, 0x78, 0xff, 0xff, 0xff, 0xff, 0x7f]],
    ['a number beyond what is exact', [3, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]],
    ['a key that is not UTF-8', [2, 0, 0, 1, 0xff, 0]],
    ['a store of no value, not even of an absent one', [4, 0, 0, 0, 1, 0x78, 0, 0, 0, 0]],
    ['a publication of no value', [6, 1, 32, 1, 4, 0, 1, 0x78, 0]],
    ['a publication of two kinds of value', [6, 1, 32, 1, 7, 0, 1, 0x78, 0]],
    ['a publication of neither a key nor a number', [6, 1, 32, 1, 1]],
    ['a publication of a number beyond all that are given', [6, 1, 32, 1, 9, 0x80, 0x80, 1]],
    ['more publications than there are bytes', [6, 1, 32, 0xff, 0xff, 0x7f]],
    ['a survey about neither reads nor writes', [7, 1, 2]],
    ['a vector of more members than there can be', [9, 1, 32]],
    ['a pair of no value', [10, 1, 0, 0, 1, 0, 1, 0x78, 0, 1, 32, 0]],
    ['a pair of a member that there cannot be', [10, 1, 0, 0, 1, 0, 1, 0x78, 31, 1, 32, 1]],
    ['more pairs than there are bytes', [10, 1, 0, 0, 0xff, 0xff, 0x7f]],
  ])('%s is malformed', (_, written) => {
    expect(() => codec.decode(new Reader(new Uint8Array(written)))).toThrow(Malformed);
  });
});

describe('the purpose of a message', () => {
  test('is the kind of operation that caused it: a write-back belongs to its read', () => {
    const base = { round: 1, serial: 1, key: 'x', tag: 1, confirmed: [] };
    const purposes: Record<'read' | 'write', Message[]> = {
      read: [
        { type: 'query', round: 1, key: 'x', known: noTag, confirmed: [] },
        { type: 'queried', round: 1, tag: 1, confirmed: false, value: undefined },
        { ...base, type: 'store', value: null, writeBack: true },
        { type: 'stored', round: 1, writeBack: true },
        { type: 'survey', round: 1, about: 'read' },
        { type: 'surveyed', round: 1, about: 'read', tag: 1, taken: [], seen: [] },
      ],
      write: [
        { type: 'probe', round: 1, key: 'x', confirmed: [] },
        { type: 'probed', round: 1, tag: 1 },
        { ...base, type: 'store', value: null, writeBack: false },
        { type: 'stored', round: 1, writeBack: false },
        { type: 'publish', serial: 1, tag: 1, pairs: [{ number: 1, key: 'x', value: null }] },
        { type: 'survey', round: 1, about: 'write' },
        { type: 'surveyed', round: 1, about: 'write', tag: 1, taken: [], seen: [] },
        { type: 'mend', round: 1, since: [], place: 0 },
        { type: 'mended', round: 1, taken: [], next: 0, pairs: [] },
      ],
    };
    for (const purpose of ['read', 'write'] as const) {
      for (const message of purposes[purpose]) expect(codec.purpose(message)).toBe(purpose);
    }
  });
});

function store(value: Uint8Array): Message {
  return { type: 'store', round: 1, serial: 1, key: 'x', tag: 33, value, writeBack: false, confirmed: [] };
}

function encoded(message: Message): Uint8Array {
  const writer = new Writer();
  codec.encode(message, writer);
  return writer.take();
}

/** Without the prototype-less objects that fast-check makes. */
function plain(message: Message): Message {
  const copy = { ...message };
  if (copy.type === 'publish') return { ...copy, pairs: copy.pairs.map((pair) => ({ ...pair })) };
  if (copy.type === 'mended') return { ...copy, pairs: copy.pairs.map((pair) => ({ ...pair })) };
  if (!('confirmed' in copy) || typeof copy.confirmed === 'boolean') return copy;
  return { ...copy, confirmed: copy.confirmed.map((confirmation) => ({ ...confirmation })) };
}

function decodes(bytes: Uint8Array): void {
  try {
    codec.decode(new Reader(bytes));
  } catch (error) {
    expect(error).toBeInstanceOf(Malformed);
  }
}
