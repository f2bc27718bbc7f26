import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { frameKinds, type Header, headerBytes, readHeader, speaksThisVersion } from '../src/codec/frame.js';
import { Malformed } from '../src/codec/malformed.js';
import { Reader } from '../src/codec/reader.js';
import { Writer } from '../src/codec/writer.js';
import { type Identity, mismatch, readIdentity, writeIdentity } from '../src/group/identity.js';
import { type GroupMessage, readGroupMessage, writeGroupMessage } from '../src/group/messages.js';
import { readDelivery } from '../src/node/delivery.js';
import type { MessageCodec, View } from '../src/protocol.js';
import { checked, timeoutMs } from './fixtures/chance.js';
import { frameOf } from './fixtures/frames.js';
import { parrots } from './fixtures/parrot.js';

const whole = fc.oneof(
  fc.maxSafeNat(),
  fc.nat(),
  fc.integer({ min: 0, max: 53 }).map((bits) => 2 ** bits - 1),
  fc.integer({ min: 0, max: 52 }).map((bits) => 2 ** bits),
);
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc.string({ minLength: 50, maxLength: 90 }),
  fc.constantFrom('', '\u0000', '\ufeff', '\uffff', '__proto__', '💬'.repeat(40), 'x'.repeat(65_535)),
);
const bytes = fc.oneof(fc.uint8Array({ maxLength: 300 }), fc.constant(new Uint8Array(1_000)));

/** Something a writer writes, and what a reader says it was. */
interface Item {
  readonly kind: 'whole' | 'double' | 'string' | 'blob' | 'byte';
  readonly value: unknown;
}
const item: fc.Arbitrary<Item> = fc.oneof(
  whole.map((value) => ({ kind: 'whole' as const, value })),
  fc.double().map((value) => ({ kind: 'double' as const, value })),
  text.map((value) => ({ kind: 'string' as const, value })),
  bytes.map((value) => ({ kind: 'blob' as const, value })),
  fc.nat({ max: 255 }).map((value) => ({ kind: 'byte' as const, value })),
);

const same = (one: unknown, other: unknown): boolean =>
  one instanceof Uint8Array && other instanceof Uint8Array
    ? Buffer.compare(one, other) === 0
    : Object.is(one, other);

const written = (write: (writer: Writer) => void): Uint8Array => {
  const writer = new Writer();
  write(writer);
  return writer.take();
};

describe('a reader reads what a writer wrote', () => {
  test('whatever that is, into a buffer of any size that is used again', () => {
    const property = fc.property(fc.array(item), fc.integer({ min: 0, max: 300 }), (items, capacity) => {
      const writer = new Writer(capacity);
      writer.string('used before');
      writer.reset();
      for (const { kind, value } of items) (writer[kind] as (value: unknown) => void).call(writer, value);
      expect(Buffer.compare(writer.take(), writer.peek())).toBe(0);
      // Somewhere within a larger buffer, as frames are.
      const reader = new Reader(
        new Uint8Array([0, 0, 0, ...writer.peek(), 0]).subarray(3, 3 + writer.length),
      );
      for (const { kind, value } of items) expect(same(reader[kind](), value)).toBe(true);
      expect(reader.finished).toBe(true);
    });
    fc.assert(property, checked(1_000));
  });

  test('whole numbers up to the largest, in as few bytes as they need', () => {
    for (const [value, size] of [
      [0, 1],
      [127, 1],
      [128, 2],
      [2 ** 31, 5],
      [2 ** 49, 8],
      [2 ** 53 - 1, 8],
    ] as const) {
      const encoded = written((writer) => writer.whole(value));
      expect(encoded.length).toBe(size);
      expect(new Reader(encoded).whole()).toBe(value);
    }
  });

  test('texts that were read before, and others of the same hash and length', () => {
    const reader = new Reader();
    for (let at = 0; at < 20_000; at += 1) {
      for (const key of [`key ${at}`, `key ${at % 10}`]) {
        expect(reader.reset(written((writer) => writer.string(key))).string()).toBe(key);
      }
    }
  });

  test('bytes of their own, plain also where the frame is a Buffer', () => {
    const frame = Buffer.from(written((writer) => writer.blob(new Uint8Array([1, 2, 3]))));
    const blob = new Reader(frame).blob();
    frame.fill(9);
    expect(blob).toEqual(new Uint8Array([1, 2, 3]));
    expect(blob.constructor).toBe(Uint8Array);
  });

  test('bytes that keep at most 32 times their size alive, or 2 KiB, whatever the frame', () => {
    for (const size of [0, 1, 48, 49, 128, 129, 1024, 1025, 5000]) {
      const frame = written((writer) => {
        writer.blob(new Uint8Array(size).fill(7));
        writer.raw(new Uint8Array(1_000_000));
      });
      const blob = new Reader(frame).blob();
      expect(blob).toEqual(new Uint8Array(size).fill(7));
      expect(blob.buffer.byteLength).toBeLessThanOrEqual(Math.max(2048, size * 32));
    }
  });

  test('bytes where they are, which stay those of the frame', () => {
    const whole = Buffer.from(
      written((writer) => [1, 2, 3, 4].map((byte) => writer.blob(new Uint8Array([byte])))),
    );
    const frame = whole.subarray(2);
    const reader = new Reader(frame);
    const [first, second] = [reader.slice(), reader.slice()];
    expect([first, second]).toEqual([new Uint8Array([2]), new Uint8Array([3])]);
    expect(first.constructor).toBe(Uint8Array);
    frame.fill(9);
    expect([first, second]).toEqual([new Uint8Array([9]), new Uint8Array([9])]);
  });
});

describe('a reader refuses', () => {
  const refuses = (encoded: readonly number[], read: (reader: Reader) => unknown) =>
    expect(() => read(new Reader(new Uint8Array(encoded)))).toThrow(Malformed);
  const ff = (count: number) => Array.from({ length: count }, () => 0xff);

  test('what is cut short', () => {
    refuses([], (reader) => reader.byte());
    refuses([], (reader) => reader.whole());
    refuses([0x80], (reader) => reader.whole());
    refuses([1, 2, 3, 4, 5, 6, 7], (reader) => reader.double());
    refuses([0], (reader) => reader.string());
    refuses([0, 2, 65], (reader) => reader.string());
    refuses([2, 65], (reader) => reader.blob());
  });

  test('numbers beyond the largest', () => {
    refuses([...ff(7), 0x10], (reader) => reader.whole());
    refuses([0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10], (reader) => reader.whole());
    refuses([...ff(8), 0], (reader) => reader.whole());
    refuses(ff(20), (reader) => reader.whole());
    refuses([3], (reader) => reader.below(3));
    expect(new Reader(new Uint8Array([2])).below(3)).toBe(2);
  });

  test('texts that are not UTF-8, short ones and long ones', () => {
    refuses([0, 2, 0xc3, 0x28], (reader) => reader.string());
    refuses([0, 3, 0xed, 0xa0, 0x80], (reader) => reader.string());
    refuses([0, 70, ...Array.from({ length: 69 }, () => 65), 0xff], (reader) => reader.string());
  });

  test('false lengths, before it takes memory for them', () => {
    const false64k = new Uint8Array([...ff(7), 0x0f, 1, 2, 3]);
    const before = process.memoryUsage();
    for (let left = 20_000; left > 0; left -= 1) {
      expectMalformed(() => new Reader(false64k).blob());
      expectMalformed(() => new Reader(new Uint8Array([0xff, 0xff, 65])).string());
    }
    const after = process.memoryUsage();
    expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(50e6);
  });

  function expectMalformed(read: () => unknown): void {
    try {
      read();
    } catch (error) {
      if (error instanceof Malformed) return;
    }
    throw new Error('not refused as malformed');
  }
});

describe('a header', () => {
  const header: fc.Arbitrary<Header> = fc.record({
    kind: fc.constantFrom(...frameKinds),
    from: fc.integer({ min: 0, max: 30 }),
    epoch: fc.nat({ max: 2 ** 32 - 1 }),
    incarnation: whole.map((value) => value || 1),
    to: whole,
    birth: whole,
    sequence: whole,
    acknowledged: whole,
  });

  test('is read as it was written, in front of anything', () => {
    const property = fc.property(header, bytes, (one, rest) => {
      const frame = frameOf(one, (writer) => writer.raw(rest));
      expect(readHeader(frame)).toEqual(one);
      expect(same(frame.subarray(headerBytes), rest)).toBe(true);
      expect(speaksThisVersion(frame)).toBe(true);
    });
    fc.assert(property, checked(2_000));
  });

  test.each<[string, (frame: Uint8Array) => void]>([
    ['of an unknown kind', (frame) => frame.fill(6, 1, 2)],
    ['of a slot beyond the last', (frame) => frame.fill(31, 2, 3)],
    ['with a byte that must be 0', (frame) => frame.fill(1, 3, 4)],
    ['of nobody', (frame) => frame.fill(0, 8, 16)],
    ...['incarnation', 'to', 'birth', 'sequence', 'acknowledged'].flatMap((name, at) =>
      [0.5, -1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53].map(
        (value): [string, (frame: Uint8Array) => void] => [
          `with ${value} as ${name}`,
          (frame) => new DataView(frame.buffer).setFloat64(8 + 8 * at, value),
        ],
      ),
    ),
  ])('%s is malformed', (_, spoil) => {
    const frame = frameOf({});
    expect(readHeader(frame).incarnation).toBe(1);
    spoil(frame);
    expect(() => readHeader(frame)).toThrow(Malformed);
  });

  test('cut short is malformed', () => {
    for (let size = 0; size < headerBytes; size += 1) {
      expect(() => readHeader(frameOf({}).subarray(0, size))).toThrow(Malformed);
    }
  });
});

const member = fc.record({
  name: text,
  slot: fc.integer({ min: 0, max: 30 }),
  incarnation: whole,
  since: whole,
});
const view: fc.Arbitrary<View> = fc.record({
  epoch: whole,
  birth: whole,
  members: fc.array(member, { minLength: 1, maxLength: 31 }),
});
const groupMessage: fc.Arbitrary<GroupMessage> = fc.oneof(
  fc.record({ type: fc.constant('prepare' as const), ballot: whole, birth: whole }),
  fc.record({
    type: fc.constant('promised' as const),
    ballot: whole,
    accepted: fc.option(fc.record({ ballot: whole, view }), { nil: undefined }),
  }),
  fc.record({ type: fc.constant('outranked' as const), ballot: whole, promised: whole }),
  fc.record({ type: fc.constant('accept' as const), ballot: whole, view }),
  fc.record({ type: fc.constant('accepted' as const), ballot: whole }),
  fc.record({ type: fc.constant('decided' as const), view }),
);

describe('a message of the group', () => {
  test('is read as it was written, and cut short is malformed', () => {
    const property = fc.property(groupMessage, fc.nat(), (message, cut) => {
      const encoded = written((writer) => writeGroupMessage(message, writer));
      const reader = new Reader(encoded);
      expect(readGroupMessage(reader)).toEqual(message);
      expect(reader.finished).toBe(true);
      const short = new Reader(encoded.subarray(0, cut % encoded.length));
      expect(() => readGroupMessage(short)).toThrow(Malformed);
    });
    fc.assert(property, checked(1_000));
  });

  test.each<[string, number[]]>([
    ['of an unknown type', [6, 0]],
    ['with a view of nobody', [5, 1, 1, 0]],
    ['with a view of 32', [5, 1, 1, 32, ...Array.from({ length: 32 }, () => [0, 0, 0, 1, 1]).flat()]],
    ['with a slot beyond the last', [5, 1, 1, 1, 0, 0, 31, 1, 1]],
    ['with something else than a proposal or none', [1, 32, 2]],
  ])('%s is malformed', (_, encoded) => {
    expect(() => readGroupMessage(new Reader(new Uint8Array(encoded)))).toThrow(Malformed);
  });
});

describe('an identity', () => {
  const name = fc.string({ unit: 'binary', maxLength: 40 });
  const identity: fc.Arbitrary<Identity> = fc.record({
    group: name,
    name,
    protocol: name,
    options: text,
    valueBytesMax: fc.nat(),
    members: fc.array(name, { maxLength: 31 }),
  });

  test('is read as it was written; cut short or gone on with it is malformed', () => {
    const property = fc.property(identity, fc.nat(), (one, cut) => {
      const encoded = written((writer) => writeIdentity(one, writer));
      expect(readIdentity(new Reader(encoded))).toEqual(one);
      const short = encoded.subarray(0, cut % encoded.length);
      for (const bad of [short, new Uint8Array([...encoded, 0])]) {
        expect(() => readIdentity(new Reader(bad))).toThrow(Malformed);
      }
    });
    fc.assert(property, checked(500));
  });

  test('matches one that differs in nothing but the name and the group', () => {
    const mine: Identity = {
      group: 'g',
      name: 'a',
      protocol: 'p',
      options: '{}',
      valueBytesMax: 1_000,
      members: ['a=1', 'b=2'],
    };
    expect(mismatch(mine, { ...mine, name: 'b', group: 'h' })).toBe(undefined);
    expect(mismatch(mine, { ...mine, name: 'b', protocol: 'q' })).toBe(
      "the protocol differs: 'a' has p, 'b' has q",
    );
    expect(mismatch(mine, { ...mine, name: 'b', options: '[]' })).toBe(
      "an option differs: 'a' has {}, 'b' has []",
    );
    expect(mismatch(mine, { ...mine, name: 'b', valueBytesMax: 2_000 })).toBe(
      "limits.valueBytesMax differs: 'a' has 1000, 'b' has 2000",
    );
    expect(mismatch(mine, { ...mine, name: 'b', members: ['b=2', 'a=1'] })).toContain('[a=1, b=2]');
  });
});

describe('a delivery', () => {
  const { codec } = parrots();
  const header = (changes: Partial<Header>) => readHeader(frameOf({ sequence: 1, epoch: 3, ...changes }));
  const say = (writer: Writer) =>
    codec.encode({ kind: 'say', operation: 1, text: 'x', bytes: new Uint8Array(0) }, writer);

  test('holds all messages of a frame', () => {
    const frame = frameOf({}, (writer) => {
      say(writer);
      say(writer);
    });
    const delivery = readDelivery(header({ kind: 'protocol' }), new Reader(frame), codec);
    expect([delivery?.kind, delivery?.epoch, delivery?.messages.length]).toEqual(['protocol', 3, 2]);
  });

  test.each(['bare', 'hello', 'refuse'] as const)(
    'is none without a number, and %s frames have none',
    (kind) => {
      const frame = new Reader(frameOf({}, say));
      expect(readDelivery(header({ kind, sequence: 0 }), frame, codec)).toBe(undefined);
      expect(() => readDelivery(header({ kind }), frame, codec)).toThrow(Malformed);
    },
  );

  test(
    'does not wait for a codec that reads nothing',
    () => {
      const lazy: MessageCodec<null> = { encode: () => undefined, decode: () => null, purpose: () => 'read' };
      const frame = new Reader(frameOf({}, say));
      expect(() => readDelivery(header({ kind: 'protocol' }), frame, lazy)).toThrow(Malformed);
    },
    timeoutMs,
  );
});
