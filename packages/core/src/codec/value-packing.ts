import { Packr, RESERVE_START_SPACE, RESET_BUFFER_MODE, Unpackr } from 'msgpackr';
import { Slabs } from './slab.js';
import { tooLarge } from './value-refusal.js';

const packr = new Packr({
  useRecords: false,
  structuredClone: false,
  moreTypes: false,
  useToJSON: false,
  variableMapSize: true,
  useBigIntExtension: true,
});

/** Msgpackr keeps the definitions of its record extension in here; as nothing can be added, it throws at the first. */
const structures: object[] = [];
const unpackr = new Unpackr({
  useRecords: false,
  structuredClone: false,
  mapsAsObjects: true,
  int64AsType: 'bigint',
  copyBuffers: true,
  structures,
});
Object.preventExtensions(structures);

/** A byte is left free before the msgpack, and the buffer used again for the next value: what was packed is copied. */
const packMode = RESERVE_START_SPACE + 1 + RESET_BUFFER_MODE;

/** What encoded values share their buffers in. */
export const slabs = new Slabs();

/** Packs a tree that has no getters: the byte `first`, then its msgpack. */
export function packTree(first: number, tree: unknown, valueBytesMax: number): Uint8Array {
  const packed: Uint8Array = packr.pack(tree, packMode);
  if (packed.length > valueBytesMax) throw tooLarge(valueBytesMax);
  packed[0] = first;
  return slabs.copy(packed, packed.length);
}

/**
 * Unpacks the msgpack after the first byte. It throws at malformed bytes and allocates by what there is, but may
 * return what was never packed, such as a RegExp: what it returns must be checked.
 */
export function unpackTree(bytes: Uint8Array): unknown {
  // A view of this call: plain, so that the bytes within are copied as plain, and because msgpackr marks it.
  return unpackr.unpack(new Uint8Array(bytes.buffer, bytes.byteOffset + 1, bytes.length - 1));
}
