import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Deframer, type Unit } from '../src/deframer.js';
import { greeting, partsOf, ping, pong, signal } from '../src/stream-format.js';

const frameBytesMax = 100_000;

/** What comes out of bytes that arrive in pieces of these sizes, used in turns. */
function unitsOf(bytes: Buffer, sizes: readonly number[]): Unit[] {
  const deframer = new Deframer(frameBytesMax);
  const units: Unit[] = [];
  let at = 0;
  for (let piece = 0; at < bytes.length; piece += 1) {
    const end = at + (sizes[piece % sizes.length] ?? 1);
    // A chunk is its receiver's own, as those of a socket are.
    deframer.push(Buffer.from(bytes.subarray(at, end)));
    at = end;
    for (let unit = deframer.next(); unit !== undefined; unit = deframer.next()) {
      units.push(unit);
      if (unit === 'malformed') return units;
    }
  }
  return units;
}

const hello = signal(greeting);

function claim(bytes: number): Buffer {
  return signal(bytes);
}

test('frames come out as they went in, however the stream was cut', () => {
  const frame = fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc.integer({ min: 8_190, max: 8_196 }).map((bytes) => new Uint8Array(bytes).fill(bytes % 256)),
    fc.integer({ min: 60_000, max: frameBytesMax }).map((bytes) => new Uint8Array(bytes).fill(bytes % 256)),
  );
  const sizes = fc.array(fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 70_000 })), {
    minLength: 1,
    maxLength: 8,
  });
  fc.assert(
    fc.property(fc.array(frame, { maxLength: 12 }), sizes, (frames, cuts) => {
      const bytes = Buffer.concat([hello, ...partsOf(frames)]);
      const units = unitsOf(bytes, cuts);
      expect(units[0]).toBe('greeting');
      expect(units.slice(1).map((unit) => (unit as Buffer).length)).toEqual(
        frames.map(({ length }) => length),
      );
      for (const [index, sent] of frames.entries())
        expect(Buffer.compare(units[index + 1] as Buffer, sent)).toBe(0);
    }),
    { numRuns: 300 },
  );
});

test('signs of life stand between frames, and are none', () => {
  const bytes = Buffer.concat([hello, signal(ping), ...partsOf([Buffer.from('a')]), signal(pong), claim(0)]);
  for (const size of [1, 3, 100]) {
    expect(unitsOf(bytes, [size])).toEqual(['greeting', 'ping', Buffer.from('a'), 'pong', Buffer.alloc(0)]);
  }
});

test.each([
  ['a request of the web', Buffer.from('GET / HTTP/1.1\r\n\r\n'), ['malformed']],
  ['a greeting of ZeroMQ', Buffer.from('ff00000000000000017f03', 'hex'), ['malformed']],
  ['another version', signal(greeting + 1), ['malformed']],
  ['a sign of life before the greeting', signal(ping), ['malformed']],
  [
    'a frame larger than allowed',
    Buffer.concat([hello, claim(frameBytesMax + 1)]),
    ['greeting', 'malformed'],
  ],
  ['a length with the highest bit', Buffer.concat([hello, claim(0x8000_0000)]), ['greeting', 'malformed']],
])('%s is malformed', (_, bytes, units) => {
  expect(unitsOf(bytes, [1])).toEqual(units);
  expect(unitsOf(bytes, [1_000])).toEqual(units);
});

test('any bytes whatsoever come to an end, and nothing that comes out is larger than allowed', () => {
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 64 }),
    fc.constantFrom(hello, signal(ping), signal(pong), claim(3), claim(70_000), claim(0xffff_fffd)),
  );
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 30 }),
      fc.boolean(),
      fc.integer({ min: 1, max: 80 }),
      (all, polite, cut) => {
        const bytes = Buffer.concat(polite ? [hello, ...all] : all);
        let total = 0;
        for (const unit of unitsOf(bytes, [cut])) {
          if (typeof unit === 'string') continue;
          expect(unit.length).toBeLessThanOrEqual(frameBytesMax);
          total += unit.length;
        }
        expect(total).toBeLessThanOrEqual(bytes.length);
      },
    ),
    { numRuns: 2_000 },
  );
});

test.each([
  ['its first bytes', 1],
  ['more than is made room for at first', 65_537],
])('when %s have arrived, the memory of a frame follows them, not what it claims', (_, bytes) => {
  const claimed = 100 * 1024 * 1024;
  const deframers = Array.from({ length: 50 }, () => {
    const deframer = new Deframer(claimed);
    deframer.push(Buffer.concat([hello, claim(claimed), Buffer.alloc(bytes)]));
    return deframer;
  });
  const before = process.memoryUsage().arrayBuffers;
  for (const deframer of deframers) {
    expect(deframer.next()).toBe('greeting');
    expect(deframer.next()).toBe(undefined);
    for (let byte = 0; byte < 100; byte += 1) {
      deframer.push(Buffer.from('x'));
      expect(deframer.next()).toBe(undefined);
    }
  }
  // 50 frames of 100 MB each are claimed.
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(40 * 1024 * 1024);
});
