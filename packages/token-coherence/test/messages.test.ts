import { checked } from '@dsm/conformance/chance';
import { Malformed, Reader, Writer } from '@dsm/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { tokensPerKey } from '../src/holding.js';
import { codec, type Message } from '../src/messages.js';

const whole = fc.maxSafeNat();
const time = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
const key = fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme' });
const value = fc.option(fc.uint8Array({ maxLength: 40 }));
const tokens = fc.integer({ min: 1, max: tokensPerKey });
const flag = fc.boolean();
const type = <T extends Message['type']>(name: T) => fc.constant(name);
const message: fc.Arbitrary<Message> = fc.oneof(
  fc.record({ type: type('seek'), key, time, reading: flag }),
  fc.record({ type: type('granted'), key, tokens, owner: fc.constant(true), version: whole, value }),
  fc.record({ type: type('granted'), key, tokens: fc.constant(1), owner: flag, version: whole, value }),
  fc.record({ type: type('yielded'), key, tokens }),
  fc.record({ type: type('close'), key, time, reading: flag, version: whole, present: flag }),
  fc.record({ type: type('update'), key, version: whole, value }),
  fc.record({ type: type('updated'), key, version: whole }),
  fc.record({ type: type('share'), key, time: whole, version: whole }),
  fc.record({ type: type('announce'), key, version: whole, present: flag }),
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

test.each([
  ['no tokens', { type: 'yielded', key: 'x', tokens: 0 }],
  ['more tokens than there are', { type: 'yielded', key: 'x', tokens: tokensPerKey + 1 }],
  [
    'several tokens for a reader',
    { type: 'granted', key: 'x', tokens: 2, owner: false, version: 1, value: null },
  ],
  ['a request without a time', { type: 'seek', key: 'x', time: 0, reading: true }],
] as const)('%s are refused', (_, one) => {
  expect(() => codec.decode(new Reader(encoded(one)))).toThrowError(Malformed);
});

test('messages are for reads where a reader asks, is answered, and closes', () => {
  const rest = { key: 'x', version: 1, value: null, present: true, time: 1, tokens: 1 } as const;
  const purpose = (one: Partial<Message>) => codec.purpose({ ...rest, ...one } as Message);
  for (const reading of [true, false]) {
    const expected = reading ? 'read' : 'write';
    expect(purpose({ type: 'seek', reading })).toBe(expected);
    expect(purpose({ type: 'close', reading })).toBe(expected);
    expect(purpose({ type: 'granted', owner: !reading })).toBe(expected);
  }
  for (const type of ['yielded', 'update', 'updated', 'share', 'announce'] as const) {
    expect(purpose({ type })).toBe('write');
  }
});
