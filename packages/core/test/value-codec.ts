import { decodeValue, encodeValue } from '../src/codec/value.js';
import { DsmError } from '../src/error.js';

export const encode = (value: unknown): Uint8Array => encodeValue(value, 1 << 24);
export const roundTrip = (value: unknown): unknown => decodeValue(encode(value));

/** The message of the DSM_INVALID_VALUE that it must throw. */
export function refusal(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (!DsmError.is(error, 'DSM_INVALID_VALUE')) throw error;
    return error.message;
  }
  throw new Error('nothing was refused');
}
