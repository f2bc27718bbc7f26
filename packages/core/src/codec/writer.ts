import { utf8Write } from './utf8.js';

const smallest = 256;
/** Up to this many bytes a loop is quicker than `set` and the view it needs. */
const loopedLengthMax = 32;

/** A text says in two bytes how long it is. */
export const textBytesMax = 65_535;

/** Appends numbers, strings and bytes to a buffer that grows. Reset and used again; `take` copies what was written. */
export class Writer {
  bytes: Uint8Array;
  length = 0;
  private view: DataView;

  constructor(capacity = smallest) {
    this.bytes = new Uint8Array(capacity);
    this.view = new DataView(this.bytes.buffer);
  }

  reset(): void {
    this.length = 0;
  }

  /** What was written, as bytes of its own. */
  take(): Uint8Array {
    return this.bytes.slice(0, this.length);
  }

  /** What was written, until the next write. */
  peek(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }

  byte(value: number): void {
    if (this.length === this.bytes.length) this.grow(1);
    this.bytes[this.length++] = value;
  }

  /** A whole number from 0 to 2^53 - 1, seven bits a byte, least first. */
  whole(value: number): void {
    if (this.length + 8 > this.bytes.length) this.grow(8);
    let left = value;
    while (left > 0x7f) {
      this.bytes[this.length++] = (left % 0x80) | 0x80;
      left = left < 0x80000000 ? left >>> 7 : Math.floor(left / 0x80);
    }
    this.bytes[this.length++] = left;
  }

  /** Any number, in eight bytes. */
  double(value: number): void {
    if (this.length + 8 > this.bytes.length) this.grow(8);
    this.view.setFloat64(this.length, value);
    this.length += 8;
  }

  /** Text of at most `textBytesMax` bytes of UTF-8, behind its length in two bytes. */
  string(value: string): void {
    const room = value.length * 3 + 2;
    if (this.length + room > this.bytes.length) this.grow(room);
    const end = utf8Write(this.bytes, this.length + 2, value);
    this.view.setUint16(this.length, end - this.length - 2);
    this.length = end;
  }

  /** Bytes behind their length. */
  blob(value: Uint8Array): void {
    this.whole(value.length);
    this.raw(value);
  }

  /** What another writer has written. */
  append(other: Writer): void {
    const { bytes, length } = other;
    if (length > loopedLengthMax) return this.raw(other.peek());
    if (this.length + length > this.bytes.length) this.grow(length);
    for (let index = 0; index < length; index++) this.bytes[this.length + index] = bytes[index] as number;
    this.length += length;
  }

  /** Bytes as they are. */
  raw(value: Uint8Array): void {
    if (this.length + value.length > this.bytes.length) this.grow(value.length);
    this.bytes.set(value, this.length);
    this.length += value.length;
  }

  /** Room for at least `size` more bytes: keeps what is written and doubles. */
  private grow(size: number): void {
    const grown = new Uint8Array(Math.max(this.bytes.length * 2, this.length + size));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
    this.view = new DataView(grown.buffer);
  }
}
