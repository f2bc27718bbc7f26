import { DsmError } from '../memory/error.js';
import { ValueReader } from './value-reader.js';
import { ValueWriter } from './value-writer.js';

/** The writer for the next value; undefined while it writes, in case a getter within the value writes another. */
let idle: ValueWriter | undefined;

/**
 * Encodes a value as msgpack. The bytes are the caller's to keep, but may share their buffer with other values.
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
  const writer = idle ?? new ValueWriter();
  idle = undefined;
  try {
    return writer.encode(value, valueBytesMax);
  } catch (cause) {
    if (DsmError.is(cause, 'DSM_INVALID_VALUE')) throw cause;
    throw new DsmError('DSM_INVALID_VALUE', `The value could not be read: ${reason(cause)}.`, { cause });
  } finally {
    idle = writer;
  }
}

/**
 * Decodes what `encodeValue` wrote into a fresh value, which shares nothing with the bytes or with other readings.
 * Throws `DSM_INVALID_VALUE` for bytes that are no value.
 */
export function decodeValue(bytes: Uint8Array): unknown {
  try {
    return new ValueReader(bytes).decode();
  } catch (cause) {
    throw new DsmError('DSM_INVALID_VALUE', `Malformed bytes of a value: ${reason(cause)}.`, { cause });
  }
}

function reason(cause: unknown): string {
  return cause instanceof Error ? cause.message : 'something other than an error was thrown';
}
