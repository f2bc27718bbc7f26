/**
 * Containers (arrays, objects, Maps and Sets) may be nested this deep in a value; a deeper one is refused on both
 * sides. It keeps cycles, and what a malformed frame claims, far from the end of the stack.
 */
export const valueDepthMax = 100;

/** The first byte of an encoded value: what the others are. */
export const form = {
  /** One text, as UTF-8. */
  text: 0,
  /** The bytes of one `Uint8Array`. */
  bytes: 1,
  /** Msgpack of a tree that stands for itself. */
  plain: 2,
  /** Msgpack of a tree in which objects with the single key `dressMark` stand for something else. */
  dressed: 3,
} as const;

/** The single key of an object that stands for what msgpack lacks. It holds an array: one of `dress`, then the rest. */
export const dressMark = '\u0000';

/** What an object with the key `dressMark` stands for, and what follows in its array. */
export const dress = {
  /** Nothing follows: msgpackr writes 0. */
  minusZero: 0,
  /** Its UTF-8 follows: a text that msgpackr might read back as another, see `isAwkwardText`. */
  text: 1,
  /** Keys and values in turn: an object with a key of `isAwkwardKey`. */
  record: 2,
  /** Keys and values in turn. */
  map: 3,
  /** Members. */
  set: 4,
  /** An index into `bufferKinds`, then the bytes as they are in memory (little-endian everywhere). */
  buffer: 5,
} as const;

/** What holds bytes and is no `Uint8Array`. The index is written into values: append only. */
export const bufferKinds = [
  ArrayBuffer,
  DataView,
  Int8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
] as const;

/** An instance of one of `bufferKinds`. */
export type BufferKind = InstanceType<(typeof bufferKinds)[number]>;

/** The bytes of a buffer or view, not copied. Throws a TypeError when they were transferred away. */
export function bytesOf(value: ArrayBuffer | ArrayBufferView): Uint8Array {
  if (!ArrayBuffer.isView(value)) return new Uint8Array(value);
  return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
}

/** Msgpackr renames `__proto__`, looks at `constructor`, and assigns, which fails where a prototype is frozen. */
const inherited = new Set(Object.getOwnPropertyNames(Object.prototype));

/** Whether a key cannot be one of an object that msgpackr packs. */
export function isAwkwardKey(key: string): boolean {
  return inherited.has(key) || key === dressMark || isAwkwardText(key);
}

/**
 * Whether msgpackr might read a text back as another, or as what it makes of bytes that are not UTF-8: it drops a byte
 * order mark at the start, and puts U+FFFD where the bytes are malformed. A text with U+FFFD that is not dressed
 * therefore was malformed.
 */
export function isAwkwardText(text: string): boolean {
  return isMended(text) || text.charCodeAt(0) === 0xfeff;
}

/** Whether a text that msgpackr read may have been malformed. */
export function isMended(text: string): boolean {
  return text.includes('\ufffd');
}
