import { DsmError } from '../error.js';
import { isWellFormed } from './text.js';
import { utf8Read, utf8Write } from './utf8.js';
import { Dresser } from './value-dresser.js';
import { form } from './value-format.js';
import { slabs, unpackTree } from './value-packing.js';
import { type Place, refusal, tooLarge } from './value-refusal.js';
import { Undresser } from './value-undresser.js';

const encoder = new TextEncoder();
/** Up to this many characters a loop is quicker than `encodeInto`. */
const loopedLengthMax = 32;
const scratchBytesMax = 1 << 20;
const beginningMax = 1_024;
/** Where a text is encoded: `form.text`, which is 0, then room for three bytes a character. */
let scratch = new Uint8Array(1 << 14);
let scratchText = scratch.subarray(1);
/** By length, the beginning of the scratch, for texts that are copied from it: making it costs as much as the copy. */
let beginnings = noBeginnings();
const outermost: Place = { holders: [], steps: [] };

/** The dresser of the next value; undefined while it works, in case a getter within the value encodes another. */
let idle: Dresser | undefined;

/**
 * Encodes a value: a byte that says the `form`, then text and bytes as they are and anything else as msgpack, by
 * msgpackr. The bytes are the caller's to keep, but may share their buffer with other values.
 *
 * Carried are `null`, booleans, numbers (`NaN`, infinities and `-0` included), strings, bigints, plain objects,
 * arrays, `Date`, `Map`, `Set`, `ArrayBuffer`, `DataView` and typed arrays. As with `JSON.stringify`, getters
 * are read, and symbol keys, properties that are not enumerable and named properties of arrays are no part of the
 * value. A Buffer is bytes like any other, and an object without prototype is read back as a plain one.
 *
 * Throws `DSM_INVALID_VALUE`, saying where, for anything else: `undefined`, functions, symbols, class instances,
 * boxed primitives, invalid dates, strings with lone surrogates (UTF-8 cannot express them), holes in arrays,
 * cycles, nesting beyond `valueDepthMax`, and more than `valueBytesMax` bytes of encoding.
 */
export function encodeValue(value: unknown, valueBytesMax: number): Uint8Array {
  if (typeof value === 'string') return encodeText(value, valueBytesMax);
  const dresser = idle ?? new Dresser();
  idle = undefined;
  try {
    if (value instanceof Uint8Array) return encodeBytes(value, valueBytesMax);
    return dresser.encode(value, valueBytesMax);
  } catch (cause) {
    if (DsmError.is(cause, 'DSM_INVALID_VALUE')) throw cause;
    throw new DsmError('DSM_INVALID_VALUE', `The value could not be read: ${reason(cause)}.`, { cause });
  } finally {
    idle = dresser;
  }
}

/**
 * Decodes what `encodeValue` wrote into a fresh value, which shares nothing with the bytes or with other readings.
 * Throws `DSM_INVALID_VALUE` for bytes that are no value.
 */
export function decodeValue(bytes: Uint8Array): unknown {
  try {
    return decode(bytes);
  } catch (cause) {
    throw new DsmError('DSM_INVALID_VALUE', `Malformed bytes of a value: ${reason(cause)}.`, { cause });
  }
}

function encodeText(text: string, valueBytesMax: number): Uint8Array {
  // Every character takes a byte or more.
  if (text.length >= valueBytesMax) throw tooLarge(valueBytesMax);
  if (!isWellFormed(text)) throw refusal(text, outermost);
  const room = 1 + text.length * 3;
  if (room > scratchBytesMax) return encodeLongText(text, valueBytesMax);
  if (room > scratch.length) growScratch(room);

  const end =
    text.length <= loopedLengthMax
      ? utf8Write(scratch, 1, text)
      : 1 + encoder.encodeInto(text, scratchText).written;
  if (end > valueBytesMax) throw tooLarge(valueBytesMax);
  if (end > beginningMax) return slabs.copy(scratch, end);
  beginnings[end] ??= scratch.subarray(0, end);
  return slabs.copy(beginnings[end], end);
}

/** Of its full length: a read beyond the end of an array is slow. */
function noBeginnings(): (Uint8Array | undefined)[] {
  return new Array<Uint8Array | undefined>(beginningMax + 1).fill(undefined);
}

function growScratch(room: number): void {
  beginnings = noBeginnings();
  scratch = new Uint8Array(Math.min(scratchBytesMax, room * 2));
  scratchText = scratch.subarray(1);
}

/** As `encodeText`, but keeps no buffer of that size for the next text, and hands it out where it is nearly full. */
function encodeLongText(text: string, valueBytesMax: number): Uint8Array {
  const bytes = new Uint8Array(1 + text.length * 3);
  const end = 1 + encoder.encodeInto(text, bytes.subarray(1)).written;
  if (end > valueBytesMax) throw tooLarge(valueBytesMax);
  return end * 4 >= bytes.length * 3 ? bytes.subarray(0, end) : slabs.copy(bytes, end);
}

function encodeBytes(value: Uint8Array, valueBytesMax: number): Uint8Array {
  if (value.length >= valueBytesMax) throw tooLarge(valueBytesMax);
  const bytes = slabs.room(1 + value.length);
  bytes[0] = form.bytes;
  // Throws a TypeError when the bytes were transferred away.
  bytes.set(value, 1);
  return bytes;
}

function decode(bytes: Uint8Array): unknown {
  switch (bytes[0]) {
    case form.text:
      return utf8Read(bytes, 1, bytes.length);
    case form.bytes:
      // Bytes of their own, in a buffer of their own: a plain Uint8Array also where the source is a Buffer.
      return new Uint8Array(bytes.subarray(1));
    case form.plain:
      return new Undresser(false).undress(unpackTree(bytes));
    case form.dressed:
      return new Undresser(true).undress(unpackTree(bytes));
    case undefined:
      throw new RangeError('the bytes end too early');
    default:
      throw new RangeError(`no value starts with the byte ${bytes[0]}`);
  }
}

function reason(cause: unknown): string {
  return cause instanceof Error ? cause.message : 'something other than an error was thrown';
}
