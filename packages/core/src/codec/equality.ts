import { decodeValue } from './value.js';
import { bufferKinds, bytesOf } from './value-format.js';

/**
 * Whether two encoded values are equal for compareAndSwap; null stands for an absent entry.
 *
 * Equality is by structure. The order of object keys, of Map entries and of Set members does not matter, also where
 * Map keys and Set members are objects themselves; `NaN` equals `NaN` and `-0` equals `0`, also within float arrays;
 * dates are equal by time, bytes by content and element type; `1` and `1n` differ. Set members and Map keys that are
 * objects are matched by their canonical text, so the time is n log n in the size of the values.
 */
export function equalValues(a: Uint8Array | null, b: Uint8Array | null): boolean {
  if (a === null || b === null) return a === b;
  return sameBytes(a, b) || same(decodeValue(a), decodeValue(b));
}

function same(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return sameScalar(a, b);
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false;
  if (Array.isArray(a)) return sameArray(a, b as unknown[]);
  if (a instanceof Date) return a.getTime() === (b as Date).getTime();
  if (a instanceof Map) return sameMap(a, b as Map<unknown, unknown>);
  if (a instanceof Set) return sameSet(a, b as Set<unknown>);
  if (isFloats(a)) return sameFloats(a, b as Float64Array);
  if (isBytes(a)) return sameBytes(bytesOf(a), bytesOf(b as ArrayBuffer));
  return sameRecord(a as Record<string, unknown>, b as Record<string, unknown>);
}

function sameScalar(a: unknown, b: unknown): boolean {
  return a === b || (Number.isNaN(a) && Number.isNaN(b));
}

function sameArray(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((member, index) => same(member, b[index]));
}

function sameRecord(a: Record<string, unknown>, b: Record<string, unknown>): boolean {
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every((key) => Object.hasOwn(b, key) && same(a[key], b[key]));
}

function sameMap(a: ReadonlyMap<unknown, unknown>, b: ReadonlyMap<unknown, unknown>): boolean {
  if (a.size !== b.size) return false;
  const counts = new Map<string, number>();
  for (const [key, value] of a) {
    if (isObject(key)) add(counts, canonical([key, value]), 1);
    // No value is undefined, so this is also false where the key is missing.
    else if (!same(value, b.get(key))) return false;
  }
  for (const [key, value] of b) if (isObject(key)) add(counts, canonical([key, value]), -1);
  return counts.size === 0;
}

function sameSet(a: ReadonlySet<unknown>, b: ReadonlySet<unknown>): boolean {
  if (a.size !== b.size) return false;
  const counts = new Map<string, number>();
  for (const member of a) {
    if (isObject(member)) add(counts, canonical(member), 1);
    else if (!b.has(member)) return false;
  }
  for (const member of b) if (isObject(member)) add(counts, canonical(member), -1);
  return counts.size === 0;
}

/** Counts up for one side and down for the other; what is even on both sides is not kept. */
function add(counts: Map<string, number>, text: string, change: number): void {
  const count = (counts.get(text) ?? 0) + change;
  if (count === 0) counts.delete(text);
  else counts.set(text, count);
}

function sameFloats(a: Float32Array | Float64Array, b: Float32Array | Float64Array): boolean {
  return a.length === b.length && a.every((value, index) => sameScalar(value, b[index]));
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index++) if (a[index] !== b[index]) return false;
  return true;
}

/** Text that is the same for two values exactly when they are equal. */
function canonical(value: unknown): string {
  if (!isObject(value)) return canonicalScalar(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (value instanceof Date) return `d${value.getTime()}`;
  if (value instanceof Map) return `m{${[...value].map(canonical).sort().join()}}`;
  if (value instanceof Set) return `s{${[...value].map(canonical).sort().join()}}`;
  if (isFloats(value)) return `b${kindOf(value)}[${Array.from(value, canonicalScalar).join()}]`;
  if (isBytes(value)) return `b${kindOf(value)}[${bytesOf(value).join()}]`;
  return `{${Object.entries(value).map(canonical).sort().join()}}`;
}

function canonicalScalar(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  // The text of -0 is that of 0.
  return typeof value === 'bigint' ? `${value}n` : String(value);
}

function kindOf(value: object): number {
  return bufferKinds.findIndex((kind) => value instanceof kind);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function isFloats(value: object): value is Float32Array | Float64Array {
  return value instanceof Float32Array || value instanceof Float64Array;
}

function isBytes(value: object): value is ArrayBuffer | ArrayBufferView {
  return value instanceof ArrayBuffer || ArrayBuffer.isView(value);
}
