/**
 * Containers (arrays, objects, Maps and Sets) may be nested this deep in a value; a deeper one is refused on both
 * sides. It keeps cycles, and what a malformed frame claims, far from the end of the stack.
 */
export const valueDepthMax = 100;

/** The msgpack tokens in use: the shortest that fits is written, and no other token is read. */
export const token = {
  record: 0x80,
  array: 0x90,
  text: 0xa0,
  null: 0xc0,
  false: 0xc2,
  true: 0xc3,
  bytes8: 0xc4,
  bytes16: 0xc5,
  bytes32: 0xc6,
  extension8: 0xc7,
  extension16: 0xc8,
  extension32: 0xc9,
  double: 0xcb,
  unsigned8: 0xcc,
  unsigned16: 0xcd,
  unsigned32: 0xce,
  signed8: 0xd0,
  signed16: 0xd1,
  signed32: 0xd2,
  bigint64: 0xd3,
  text8: 0xd9,
  text16: 0xda,
  text32: 0xdb,
  array16: 0xdc,
  array32: 0xdd,
  record16: 0xde,
  record32: 0xdf,
  negative: 0xe0,
} as const;

/** The types of the msgpack extensions in use. `date` is msgpack's own timestamp; the others are of this project. */
export const extension = {
  /** Keys and values in turn, to the end of the extension. */
  map: 1,
  /** Members, to the end of the extension. */
  set: 2,
  /** Beyond 64 bits: a byte that is 1 for a negative one, then the magnitude, most significant byte first. */
  bigint: 3,
  /** A byte that is an index into `bufferKinds`, then the bytes as they are in memory (little-endian everywhere). */
  buffer: 4,
  /** Nanoseconds within the second in four bytes, then seconds since 1970 in eight. */
  date: 0xff,
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
