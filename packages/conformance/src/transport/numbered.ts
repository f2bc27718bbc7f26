/** A frame of a length that begins with its number, where there is room for it. */
export function numbered(number: number, bytes = 64): Uint8Array {
  const frame = Buffer.alloc(bytes, number % 251);
  if (bytes >= 4) frame.writeUInt32BE(number);
  return frame;
}

/** The number that a frame begins with; -1 where it is too short for one. */
export function numberIn(frame: Uint8Array): number {
  if (frame.byteLength < 4) return -1;
  return Buffer.from(frame.buffer, frame.byteOffset, 4).readUInt32BE();
}
