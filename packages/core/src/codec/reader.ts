import { Malformed } from './malformed.js';
import { Slabs } from './slab.js';
import { utf8Read } from './utf8.js';

const slabs = new Slabs();

/** Reads what a `Writer` wrote. Throws `Malformed` at anything else; never allocates more than the bytes there are. */
export class Reader {
  bytes: Uint8Array = new Uint8Array(0);
  at = 0;
  end = 0;
  private view: DataView = new DataView(new ArrayBuffer(0));
  /** Where the bytes lie: asking them each time takes as long as making a value of them. */
  private buffer: ArrayBufferLike = this.bytes.buffer;
  private offset = 0;

  constructor(bytes?: Uint8Array) {
    if (bytes !== undefined) this.reset(bytes);
  }

  /** Starts on other bytes; a reader is used again for many frames. */
  reset(bytes: Uint8Array): this {
    this.bytes = bytes;
    this.buffer = bytes.buffer;
    this.offset = bytes.byteOffset;
    this.view = new DataView(this.buffer, this.offset, bytes.byteLength);
    this.at = 0;
    this.end = bytes.length;
    return this;
  }

  get finished(): boolean {
    return this.at === this.end;
  }

  byte(): number {
    if (this.at >= this.end) throw new Malformed('the bytes end too early');
    return this.bytes[this.at++] as number;
  }

  whole(): number {
    let value = this.byte();
    if (value < 0x80) return value;
    value &= 0x7f;
    for (let scale = 0x80; scale < 2 ** 53; scale *= 0x80) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) {
        if (!Number.isSafeInteger(value)) break;
        return value;
      }
    }
    throw new Malformed('a whole number beyond 2^53 - 1');
  }

  double(): number {
    if (this.at + 8 > this.end) throw new Malformed('the bytes end within a number');
    const value = this.view.getFloat64(this.at);
    this.at += 8;
    return value;
  }

  string(): string {
    if (this.at + 2 > this.end) throw new Malformed('the bytes end within a length');
    const start = this.at + 2;
    const end = start + this.view.getUint16(this.at);
    if (end > this.end) throw new Malformed('the bytes end within a text');
    this.at = end;
    try {
      return utf8Read(this.bytes, start, end);
    } catch (cause) {
      throw new Malformed('a text that is not UTF-8', { cause });
    }
  }

  /** Bytes that were copied: keeping them does not keep the frame they came in. Small ones share a buffer. */
  blob(): Uint8Array {
    const size = this.whole();
    if (size > this.end - this.at) throw new Malformed('the bytes end within a value');
    const start = this.at;
    this.at += size;
    return slabs.copy(this.bytes, size, start);
  }

  /** As `blob`, but not copied: it keeps all the bytes alive that it was read from. */
  slice(): Uint8Array {
    const size = this.whole();
    if (size > this.end - this.at) throw new Malformed('the bytes end within a value');
    this.at += size;
    return new Uint8Array(this.buffer, this.offset + this.at - size, size);
  }

  /** A number that must lie below a bound, such as the code of a message. */
  below(bound: number): number {
    const value = this.byte();
    if (value >= bound) throw new Malformed(`${value} where less than ${bound} was expected`);
    return value;
  }
}
