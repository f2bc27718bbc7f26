import { DsmError, encodeValue, type Key, type Value } from '@dsm/core';

const valueBytesMax = 16 * 1024 * 1024;

/**
 * The values that keys have in the first view, encoded; those that are undefined are left out. Throws
 * `DSM_INVALID_OPTION` for what is no record or names no key, `DSM_INVALID_VALUE` for a value that is none.
 */
export function initialOf(option: unknown): ReadonlyMap<Key, Value> {
  if (option === undefined) return new Map();
  if (typeof option !== 'object' || option === null || Array.isArray(option)) {
    throw invalid('initial must be an object: keys and their values');
  }
  const initial = new Map<Key, Value>();
  for (const [key, value] of Object.entries(option)) {
    if (key === '' || key.endsWith('*')) throw invalid(`initial['${key}'] is no key`);
    if (value !== undefined) initial.set(key, encodeValue(value, valueBytesMax));
  }
  return initial;
}

/** For comparing when members meet: for each key its encoded value, or of a long one the length and a hash. */
export function summaryOf(initial: ReadonlyMap<Key, Value>): Readonly<Record<Key, string>> {
  return Object.fromEntries([...initial].map(([key, value]) => [key, summary(value ?? new Uint8Array())]));
}

function summary(bytes: Uint8Array): string {
  if (bytes.length <= 32) return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return `${bytes.length} bytes, ${hash(bytes, 0x811c9dc5)}${hash(bytes, 0x9e3779b9)}`;
}

/** FNV-1a. */
function hash(bytes: Uint8Array, start: number): string {
  let mixed = start;
  for (const byte of bytes) mixed = Math.imul(mixed ^ byte, 0x01000193);
  return (mixed >>> 0).toString(16).padStart(8, '0');
}

function invalid(text: string): DsmError {
  return new DsmError('DSM_INVALID_OPTION', text);
}
