import { decodeValue } from '../codec/value.js';
import type { Entry } from '../face.js';
import { ABSENT, type Answer, type Key, type RawEntry, type Result, type Value } from '../protocol.js';

/** A value as users see it, theirs to change. */
export function decoded(value: Value): unknown {
  return value === ABSENT ? undefined : decodeValue(value);
}

export function entryOf(key: Key, { value, version }: RawEntry): Entry {
  return { key, value: decoded(value), version: value === ABSENT ? '' : String(version) };
}

/** The entry that a read or a swap ended with. */
export function entryIn(result: Result | Answer): RawEntry {
  if (result.kind === 'read' || result.kind === 'swapped') return result.entry;
  throw new Error(`an operation ended as ${result.kind} where an entry was asked for`);
}

export function valueIn(result: Result | Answer): unknown {
  return decoded(entryIn(result).value);
}
