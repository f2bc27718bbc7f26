/**
 * What the bytes of a connection are, the same in both directions: a greeting, then frames, each behind its length in
 * four bytes, the highest first. Two lengths that no frame can have are signs of life.
 */
export const headerBytes = 4;

/** `dsm` and the version of this format. */
export const greeting = 0x64_73_6d_01;
/** Asks for a pong. */
export const ping = 0xffff_ffff;
export const pong = 0xffff_fffe;

/** No frame is larger, whatever is allowed: what a buffer of every version of Node can hold. */
export const frameBytesLimit = 0x7fff_ffff;

/** Frames up to this size are copied behind each other; to write a larger one apart costs less than to copy it. */
const copiedBytesMax = 8 * 1024;

/** A greeting, a ping or a pong as bytes. */
export function signal(word: number): Buffer {
  const bytes = Buffer.alloc(headerBytes);
  bytes.writeUInt32BE(word);
  return bytes;
}

/** The bytes of some frames behind each other, in as few parts as are worth it. Keeps the frames that are large. */
export function partsOf(frames: readonly Uint8Array[]): Uint8Array[] {
  let bytes = 0;
  for (const { byteLength } of frames) bytes += headerBytes + (byteLength <= copiedBytesMax ? byteLength : 0);
  const copied = Buffer.allocUnsafe(bytes);
  const parts: Uint8Array[] = [];
  let begun = 0;
  let at = 0;
  for (const frame of frames) {
    at = copied.writeUInt32BE(frame.byteLength, at);
    if (frame.byteLength <= copiedBytesMax) {
      copied.set(frame, at);
      at += frame.byteLength;
    } else {
      parts.push(copied.subarray(begun, at), frame);
      begun = at;
    }
  }
  if (at > begun) parts.push(copied.subarray(begun, at));
  return parts;
}
