const slotsPerSlab = 16;
const smallestSlotBits = 7;
const sharedBytesMax = 1024;
/** Up to this many bytes a loop is quicker than `set` and the view it needs. */
const loopedLengthMax = 32;

/** A buffer that is being filled with values of about one size. */
interface Slab {
  buffer: ArrayBuffer;
  used: number;
}

/**
 * Copies small byte strings into buffers that they share, sixteen or more to a buffer.
 *
 * A buffer of its own costs a value of 100 bytes five times the time of encoding it and twice the heap. A slab is
 * freed with the last value in it, so values share with their like only: the bytes that one of them can keep
 * alive are at most 32 times its own size (or 2 KiB).
 */
export class Slabs {
  private readonly bySize: Slab[] = [];

  /** So many of `bytes`, copied. */
  copy(bytes: Uint8Array, length: number, start = 0): Uint8Array {
    if (length > sharedBytesMax) return new Uint8Array(bytes.subarray(start, start + length));
    const copy = this.room(length);
    if (length > loopedLengthMax) {
      copy.set(length === bytes.length ? bytes : bytes.subarray(start, start + length));
      return copy;
    }
    for (let index = 0; index < length; index++) copy[index] = bytes[start + index] as number;
    return copy;
  }

  /** Room for `length` bytes, all of them 0. */
  room(length: number): Uint8Array {
    if (length > sharedBytesMax) return new Uint8Array(length);
    // Up to 128 bytes, up to 256, 512, 1,024.
    const size = length <= 1 ? 0 : 32 - Math.clz32((length - 1) >> smallestSlotBits);
    let slab = this.bySize[size];
    if (slab === undefined || slab.used + length > slab.buffer.byteLength) {
      slab = { buffer: new ArrayBuffer(slotsPerSlab << (smallestSlotBits + size)), used: 0 };
      this.bySize[size] = slab;
    }
    const room = new Uint8Array(slab.buffer, slab.used, length);
    slab.used += length;
    return room;
  }
}
