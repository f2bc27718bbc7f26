import { checked, timeoutMs } from '@dsm/conformance/chance';
import { Malformed, Reader, Writer } from '@dsm/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { codec, type Message } from '../src/messages.js';
import { numberMax } from '../src/names.js';
import type { Update } from '../src/update.js';

const whole = fc.maxSafeNat();
const vector = fc.array(whole, { maxLength: 31 });
const later = fc.array(whole, { maxLength: 3 });
const cell = fc.record(
  {
    key: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }),
    value: fc.option(fc.uint8Array({ maxLength: 300 }), { nil: null }),
    tag: whole,
    origin: fc.nat(40),
    sequence: whole,
    merged: fc.option(vector, { nil: undefined }),
  },
  { noNullPrototype: true },
);
const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 });
const number = fc.integer({ min: 1, max: numberMax });
/** Keys are said, numbered, or both. */
const names = fc.oneof(
  fc.tuple(text, fc.constant(0)),
  fc.tuple(text, number),
  fc.tuple(fc.constant(''), number),
);
const update = fc
  .record({
    origin: fc.nat(40),
    sequence: whole,
    dependencies: vector,
    time: whole,
    names,
    value: fc.option(fc.option(fc.uint8Array({ maxLength: 300 }), { nil: null }), { nil: undefined }),
  })
  .map(({ names: [key, number], ...others }) => ({ ...others, key, number }));
/** Some follow each other, as those of one turn do. */
const updates = fc.array(fc.tuple(update, fc.boolean()), { maxLength: 5 }).map((drawn) => {
  const all: Update[] = [];
  for (const [next, follows] of drawn) {
    const last = follows ? all.at(-1) : undefined;
    const { origin, dependencies } = last ?? next;
    const after = last && { origin, dependencies, sequence: last.sequence + 1, time: last.time + 1 };
    all.push({ ...next, ...after });
  }
  return all;
});
const messages: fc.Arbitrary<Message> = fc.oneof(
  fc
    .tuple(update, later, vector)
    .map(([one, later, applied]) => ({ type: 'update' as const, later, applied, ...one })),
  fc.record(
    { type: fc.constant('updates' as const), later, applied: vector, updates },
    { noNullPrototype: true },
  ),
  fc.record(
    {
      type: fc.constant('state' as const),
      later,
      applied: vector,
      transfer: whole,
      part: fc.nat(5),
      parts: fc.integer({ min: 6, max: 9 }),
      clock: whole,
      cells: fc.array(cell, { maxLength: 5 }),
      names: fc.array(fc.record({ origin: fc.nat(40), number, key: text }, { noNullPrototype: true }), {
        maxLength: 5,
      }),
    },
    { noNullPrototype: true },
  ),
  fc.record({ type: fc.constant('applied' as const), later, applied: vector }, { noNullPrototype: true }),
  fc.record(
    { type: fc.constant('compare' as const), later, applied: vector, answer: fc.boolean(), departed: vector },
    { noNullPrototype: true },
  ),
);

describe('a message', () => {
  test('comes out as it went in, and nothing is left over', { timeout: timeoutMs }, () => {
    const property = fc.property(messages, (message) => {
      const reader = new Reader(encoded(message));
      expect(codec.decode(reader)).toEqual(message);
      expect(reader.finished).toBe(true);
      expect(codec.purpose(message)).toBe('write');
    });
    fc.assert(property, checked(2_000));
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

  test('leaves the value of an update in the frame it came in, and copies those of cells', () => {
    const value = new Uint8Array([1, 2, 3]);
    const said = { later: [], applied: [1] };
    const update = { origin: 1, sequence: 1, dependencies: [], time: 1, key: 'x', number: 0, value };
    const cell = { key: 'x', value, tag: 1, origin: 1, sequence: 1, merged: undefined };
    const state = { transfer: 1, part: 0, parts: 1, clock: 1, cells: [cell], names: [] };
    const frames = [
      encoded({ type: 'update', ...said, ...update }),
      encoded({ type: 'state', ...said, ...state }),
    ];
    const messages = frames.map((frame) => codec.decode(new Reader(frame)));
    for (const frame of frames) frame.fill(0xff);
    expect(messages).toMatchObject([{ value: new Uint8Array([0xff, 0xff, 0xff]) }, { cells: [{ value }] }]);
  });
});

describe('bytes that nobody encoded', () => {
  test('are a message or malformed: nothing else is thrown', { timeout: timeoutMs }, () => {
    const property = fc.property(fc.uint8Array({ maxLength: 80 }), (random) => {
      try {
        codec.decode(new Reader(random));
      } catch (error) {
        expect(error).toBeInstanceOf(Malformed);
      }
    });
    fc.assert(property, checked(20_000));
  });

  test.each([
    ['a code that no message has', [10, 0]],
    ['a part beyond the last one', [3, 0, 1, 2, 2, 0, 0]],
    ['a cell without a value', [3, 0, 1, 0, 1, 0, 1, 0, 1, 0x78, 0]],
    ['more cells than there are bytes', [3, 0, 1, 0, 1, 0, 0xff, 0xff, 0xff, 0x7f]],
    ['a vector of more than there can be', [1, 0x81, 0x80, 0x04]],
    ['a flag that is neither yes nor no', [2, 0, 2]],
    ['an origin beyond all there can be', [0, 0, 0x38, 0x80, 0x80, 0x04, 1, 0, 1, 0x78]],
    ['a kind of value that does not exist', [0, 0, 0x3f, 0, 1, 0x78]],
    ['a flag that no update has', [0, 0, 0xbc, 0, 1, 0x78]],
    ['an update of no key', [0, 0, 0x1c]],
    ['an update of an empty key', [0, 0, 0x3c, 0, 0]],
    ['a number that no key has', [0, 0, 0x5c, 0]],
    ['a number beyond those that are given', [0, 0, 0x5c, 0x80, 0x80, 0x01]],
    ['more updates than there are bytes', [4, 0, 0xff, 0xff, 0xff, 0x7f, 0x5c, 1]],
    ['a number beyond what is exact', [1, 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]],
  ])('%s is malformed', (_, written) => {
    expect(() => codec.decode(new Reader(new Uint8Array(written)))).toThrow(Malformed);
  });
});

function encoded(message: Message): Uint8Array {
  const writer = new Writer();
  codec.encode(message, writer);
  return writer.take();
}
