import { DsmError } from '../memory/error.js';
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
const scratchedLengthMax = 4096;
/** A text as it is encoded: `form.text`, which is 0, then up to three bytes a character. */
const scratch = new Uint8Array(1 + 3 * scratchedLengthMax);
const scratchedText = scratch.subarray(1);
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
  if (text.length > scratchedLengthMax) return encodeLongText(text, valueBytesMax);

  const end =
    text.length <= loopedLengthMax
      ? utf8Write(scratch, 1, text)
      : 1 + encoder.encodeInto(text, scratchedText).written;
  if (end > valueBytesMax) throw tooLarge(valueBytesMax);
  return slabs.copy(scratch, end);
}

function encodeLongText(text: string, valueBytesMax: number): Uint8Array {
  const utf8 = encoder.encode(text);
  if (utf8.length >= valueBytesMax) throw tooLarge(valueBytesMax);
  const bytes = new Uint8Array(1 + utf8.length);
  bytes[0] = form.text;
  bytes.set(utf8, 1);
  return bytes;
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
