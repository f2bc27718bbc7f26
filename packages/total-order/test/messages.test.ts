import { checked } from '@dsm/conformance/chance';
import { Malformed, Reader, Writer } from '@dsm/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Command, codec, type Message } from '../src/messages.js';

const whole = fc.maxSafeNat();
const key = fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme' });
const bytes = fc.uint8Array({ maxLength: 40 });
const value = fc.option(bytes);
const expected = fc.oneof(fc.record({ value }), fc.record({ version: fc.string({ maxLength: 20 }) }));
const command: fc.Arbitrary<Command> = fc.oneof(
  fc.record({ kind: fc.constant('read' as const), key }),
  fc.record({ kind: fc.constant('write' as const), key, value }),
  fc.record({ kind: fc.constant('swap' as const), key, value, expected }),
);
const reading = fc.boolean();
const message: fc.Arbitrary<Message> = fc.oneof(
  fc.record({
    type: fc.constant('propose' as const),
    number: whole,
    time: whole,
    commands: fc.array(command, { minLength: 1, maxLength: 5 }),
  }),
  fc.record({
    type: fc.constant('proposed' as const),
    number: whole,
    time: whole,
    delivered: whole,
    reading,
  }),
  fc.record({ type: fc.constant('commit' as const), number: whole, time: whole, floor: whole, reading }),
  fc.record({ type: fc.constant('committed' as const), number: whole, delivered: whole, reading }),
  fc.record({ type: fc.constant('stable' as const), number: whole, reading }),
);

function encoded(one: Message): Uint8Array {
  const writer = new Writer();
  codec.encode(one, writer);
  return writer.take();
}

test('every message survives its encoding', () => {
  fc.assert(
    fc.property(message, (one) => {
      const reader = new Reader(encoded(one));
      // A record of fast-check has no prototype, which is no part of a message.
      expect(codec.decode(reader)).toEqual(structuredClone(one));
      expect(reader.finished).toBe(true);
    }),
    checked(2_000),
  );
});

test('a message that was cut short is refused', () => {
  fc.assert(
    fc.property(message, fc.double({ min: 0, max: 0.999, noNaN: true }), (one, share) => {
      const whole = encoded(one);
      const part = whole.slice(0, Math.floor(whole.length * share));
      expect(() => codec.decode(new Reader(part))).toThrowError(Malformed);
    }),
    checked(1_000),
  );
});

test('any bytes are a message or are refused, and are never taken for more than they are', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (garbage) => {
      let decoded: Message;
      try {
        decoded = codec.decode(new Reader(garbage));
      } catch (error) {
        expect(error).toBeInstanceOf(Malformed);
        return;
      }
      expect(codec.decode(new Reader(encoded(decoded)))).toEqual(decoded);
    }),
    checked(5_000),
  );
});

describe('a batch', () => {
  test('of nothing is refused', () => {
    expect(() => codec.decode(new Reader(Uint8Array.of(0, 1, 1, 0)))).toThrowError(Malformed);
  });

  test('that says it has more commands than there are bytes is refused', () => {
    const writer = new Writer();
    for (const part of [1, 1, 2 ** 50]) writer.whole(part);
    const claims = Uint8Array.of(0, ...writer.take());
    expect(() => codec.decode(new Reader(claims))).toThrowError(Malformed);
  });
});

test('messages are for reads where nothing but reads is ordered', () => {
  const read = { kind: 'read', key: 'x' } as const;
  const write = { kind: 'write', key: 'x', value: null } as const;
  const propose = (commands: readonly Command[]) =>
    ({ type: 'propose', number: 1, time: 1, commands }) as const;
  expect(codec.purpose(propose([read, read]))).toBe('read');
  expect(codec.purpose(propose([read, write]))).toBe('write');
  expect(codec.purpose({ type: 'stable', number: 1, reading: true })).toBe('read');
  expect(codec.purpose({ type: 'stable', number: 1, reading: false })).toBe('write');
});
