import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkKey } from '../src/codec/key.js';
import { isWellFormed, utf8Length } from '../src/codec/text.js';
import { DsmError } from '../src/error.js';
import { runs, timeoutMs } from './value-arbitrary.js';

const bytesMax = 1024;

/** The message with which the key is refused, or null. */
function refusal(key: unknown, keyBytesMax = bytesMax): string | null {
  try {
    checkKey(key, keyBytesMax);
    return null;
  } catch (error) {
    if (!DsmError.is(error, 'DSM_INVALID_KEY')) throw error;
    return error.message;
  }
}

describe('a key', () => {
  test.each([
    'a',
    'user:1',
    '*a',
    'a*b',
    ' ',
    '\0',
    '__proto__',
    'é',
    '🦆',
    'a'.repeat(1024),
    '🦆'.repeat(256),
  ])('may be %.20s', (key) => expect(refusal(key)).toBeNull());

  test.each<[string, unknown, string]>([
    ['undefined', undefined, 'not undefined'],
    ['null', null, 'not null'],
    ['a number', 1, 'not a number'],
    ['an object', {}, 'not an object'],
    ['a boxed string', Object('a'), 'not an object'],
    ['a symbol', Symbol('a'), 'not a symbol'],
    ['empty', '', 'at least one character'],
    ['an asterisk', '*', 'does not end in "*"'],
    ['a pattern', 'user:*', 'does not end in "*", which marks patterns: "user:*"'],
    ['half of a surrogate pair', '\ud800', 'no lone surrogates: "\\ud800"'],
    ['the other half within', 'a\udc00b', 'no lone surrogates'],
    ['a byte too long', 'a'.repeat(1025), 'at most 1024 bytes'],
    ['too long in two bytes each', 'é'.repeat(513), 'at most 1024 bytes'],
    ['too long in three bytes each', '€'.repeat(342), 'at most 1024 bytes'],
    ['too long in four bytes each', `${'🦆'.repeat(256)}a`, 'at most 1024 bytes'],
    ['a long pattern', `${'a'.repeat(500)}*`, 'marks patterns'],
  ])('is not %s', (_, key, message) => {
    const refused = refusal(key);
    expect(refused).toContain(message);
    expect(refused?.length).toBeLessThan(200);
  });

  test('far too long is refused without looking at it', () => {
    const key = 'a'.repeat(500_000_000);
    const start = performance.now();
    expect(refusal(key)).toContain('of 500000000 characters');
    // Counting takes some seconds.
    expect(performance.now() - start).toBeLessThan(100);
  });

  test(
    'is refused exactly when its bytes are too many',
    () => {
      const property = fc.property(
        fc.string({ unit: 'grapheme', minLength: 1 }),
        fc.integer({ min: 1, max: 40 }),
        (key, max) => {
          fc.pre(!key.endsWith('*'));
          const size = new TextEncoder().encode(key).length;
          expect(refusal(key, max) === null).toBe(size <= max);
        },
      );
      fc.assert(property, { numRuns: runs(2000) });
    },
    timeoutMs,
  );
});

test.each(['\x7f', '\x80', '\u07ff', '\u0800', '\ud7ff', '\ue000', '\uffff', '\u{10000}', '\u{10ffff}'])(
  'utf8Length counts the bytes of %j',
  (text) => expect(utf8Length(text)).toBe(new TextEncoder().encode(text).length),
);

test(
  'utf8Length counts the bytes of the encoding',
  () => {
    const property = fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(utf8Length(text)).toBe(new TextEncoder().encode(text).length);
      expect(isWellFormed(text)).toBe(true);
    });
    fc.assert(property, { numRuns: runs(2000) });
  },
  timeoutMs,
);
