import { DsmError } from '../error.js';
import { isWellFormed, utf8Length } from './text.js';

const asterisk = 0x2a;

/**
 * Throws `DSM_INVALID_KEY` unless `key` is a string of 1 to `keyBytesMax` bytes of UTF-8 that does not end in `*`.
 * A key with a lone surrogate is refused too: UTF-8 would make it the same key as others.
 */
export function checkKey(key: unknown, keyBytesMax: number): asserts key is string {
  if (typeof key !== 'string') throw invalid(`A key is a string, not ${article(key)}.`);
  const length = key.length;
  // A UTF-16 unit takes one to three bytes: only lengths between the two bounds need counting.
  if (length > keyBytesMax) throw tooLong(length, keyBytesMax);
  if (length === 0) throw invalid('A key has at least one character.');
  if (key.charCodeAt(length - 1) === asterisk) {
    throw invalid(`A key does not end in "*", which marks patterns: ${shown(key)}.`);
  }
  if (!isWellFormed(key)) throw invalid(`A key has no lone surrogates: ${shown(key)}.`);
  if (length * 3 > keyBytesMax && utf8Length(key) > keyBytesMax) throw tooLong(length, keyBytesMax);
}

function tooLong(length: number, keyBytesMax: number): DsmError {
  return invalid(
    `A key has at most ${keyBytesMax} bytes of UTF-8; this one of ${length} characters has more.`,
  );
}

function invalid(message: string): DsmError {
  return new DsmError('DSM_INVALID_KEY', message);
}

function article(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

function shown(key: string): string {
  return JSON.stringify(key.length > 64 ? `${key.slice(0, 64)}…` : key);
}
