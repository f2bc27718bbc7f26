import { Malformed, Reader, Writer } from '@dsm/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { codec, type Message } from '../src/messages.js';
import { checked, timeoutMs } from './fixtures/chance.js';

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
const messages: fc.Arbitrary<Message> = fc.oneof(
  fc.record(
    {
      type: fc.constant('update' as const),
      later,
      origin: fc.nat(40),
      sequence: whole,
      dependencies: vector,
      time: whole,
      key: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }),
      value: fc.option(fc.option(fc.uint8Array({ maxLength: 300 }), { nil: null }), { nil: undefined }),
      applied: vector,
    },
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
    const update = { origin: 1, sequence: 1, dependencies: [], time: 1, key: 'x', value };
    const cell = { key: 'x', value, tag: 1, origin: 1, sequence: 1, merged: undefined };
    const state = { transfer: 1, part: 0, parts: 1, clock: 1, cells: [cell] };
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
    ['a code that no message has', [8, 0]],
    ['a part beyond the last one', [3, 0, 1, 2, 2, 0, 0]],
    ['a cell without a value', [3, 0, 1, 0, 1, 0, 1, 0, 1, 0x78, 0]],
    ['more cells than there are bytes', [3, 0, 1, 0, 1, 0, 0xff, 0xff, 0xff, 0x7f]],
    ['a vector of more than there can be', [1, 0x81, 0x80, 0x04]],
    ['a flag that is neither yes nor no', [2, 0, 2]],
    ['an origin beyond all there can be', [0, 0, 0x80, 0x80, 0x04, 1, 0, 1, 0, 1, 0x78, 1]],
    ['a kind of value that does not exist', [0, 0, 1, 1, 0, 1, 0, 1, 0x78, 3]],
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
