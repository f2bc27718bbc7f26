import { checked } from '@dsm/conformance/chance';
import { Malformed, membersMax, Reader, Writer } from '@dsm/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { codec } from '../src/codec.js';
import type { Deed, Message, Outcome } from '../src/messages.js';

const number = fc.maxSafeNat();
const key = fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme' });
const bytes = fc.uint8Array({ maxLength: 40 });
const value = fc.option(bytes);
const flag = fc.boolean();
const member = fc.nat({ max: membersMax - 1 });
const presence = fc.constantFrom(undefined, false, true);
/** What is absent has version 0, and nothing else has. */
const entry = fc.oneof(
  fc.constant({ value: null, version: 0 }),
  fc.record({ value: bytes, version: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }) }),
);
const expected = fc.oneof(fc.record({ value }), fc.record({ version: fc.string({ maxLength: 20 }) }));
const deed: fc.Arbitrary<Deed> = fc.oneof(
  fc.record({ kind: fc.constantFrom('write' as const, 'share' as const), value }),
  fc.record({ kind: fc.constant('swap' as const), value, expected }),
  fc.constant({ kind: 'revoke' as const, value: null }),
);
const outcome = fc.constantFrom<Outcome>('applied', 'unequal', 'owned', 'released');
const applied = fc.record({ origin: member, operation: number, version: number });
const open = fc.array(number, { maxLength: 4 });
const progress = fc.record({ origin: member, floor: number, open });

function of<Type extends Message['type'], Rest>(
  type: Type,
  rest: { [Name in keyof Rest]: fc.Arbitrary<Rest[Name]> },
) {
  return fc.record({ type: fc.constant(type), key, ...rest });
}

const message = fc.oneof(
  of('fetch', {}),
  of('forget', {}),
  of('halted', {}),
  of('fetched', { entry, keeps: flag }),
  of('change', { operation: number, floor: number, open, grant: number, deed }),
  of('changed', {
    ...{ operation: number, outcome, version: number, more: flag, news: flag },
    ...{ found: fc.option(entry, { nil: undefined }), entry: fc.option(entry, { nil: undefined }) },
  }),
  of('halt', { present: presence }),
  of('resume', {}),
  of('update', { entry }),
  of('store', {
    entry,
    owner: fc.option(member, { nil: undefined }),
    applied: fc.array(applied, { maxLength: 4 }),
    progress: fc.array(progress, { maxLength: 4 }),
  }),
  of('announce', { present: flag, resumes: flag }),
  of('acquire', { operation: number }),
  of('granted', { operation: number, grant: number, entry }),
  of('release', { grant: number }),
  of('withdraw', { operation: number }),
  of('withdrawn', { operation: number }),
  fc.record({ type: fc.constant('parted') }),
) as fc.Arbitrary<Message>;

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
    checked(5_000),
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

test('more changes than there are bytes are refused', () => {
  const writer = new Writer();
  const entry = { value: null, version: 0 };
  codec.encode({ type: 'store', key: 'x', entry, owner: 1, applied: [], progress: [] }, writer);
  const whole = writer.take();
  const count = new Writer();
  count.whole(2 ** 50);
  // The numbers of changes and of members are the last two.
  for (const left of [1, 2]) {
    const claims = Uint8Array.of(...whole.slice(0, -left), ...count.take());
    expect(() => codec.decode(new Reader(claims))).toThrowError(Malformed);
  }
});

test('messages are for reads where a value is fetched or given up, for writes otherwise', () => {
  expect(codec.purpose({ type: 'fetch', key: 'x' })).toBe('read');
  expect(codec.purpose({ type: 'forget', key: 'x' })).toBe('read');
  expect(codec.purpose({ type: 'fetched', key: 'x', entry: { value: null, version: 0 }, keeps: true })).toBe(
    'read',
  );
  expect(codec.purpose({ type: 'halted', key: 'x' })).toBe('write');
  expect(codec.purpose({ type: 'acquire', key: 'x', operation: 1 })).toBe('write');
});
