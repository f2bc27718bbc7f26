import { Slabs } from './slab.js';
import { isWellFormed } from './text.js';
import { utf8Write } from './utf8.js';
import { bufferKinds, bytesOf, extension, token, valueDepthMax } from './value-format.js';
import { type Place, refusal, tooDeep, tooLarge } from './value-refusal.js';

const encoder = new TextEncoder();
const slabs = new Slabs();
/** Up to this many characters a loop is quicker than `encodeInto` and the view it needs. */
const loopedLengthMax = 32;
const scratchBytes = 4096;
const scratchBytesMax = 1 << 20;

/** Validates and writes a value in one walk, so that what was checked is what is written. */
export class ValueWriter {
  private bytes = new Uint8Array(scratchBytes);
  private view = new DataView(this.bytes.buffer);
  private at = 0;
  private limit = 0;
  private depth = 0;
  /** The containers around what is being written, outermost first, up to `depth`; then null, to keep nothing alive. */
  private readonly holders: (object | null)[] = new Array(valueDepthMax).fill(null);
  /** The key or index within each of `holders`. For a Map, 2 × index for a key and one more for its value. */
  private readonly steps: (string | number)[] = new Array(valueDepthMax).fill(0);

  encode(value: unknown, valueBytesMax: number): Uint8Array {
    this.at = 0;
    this.limit = valueBytesMax;
    try {
      this.write(value);
      return this.take();
    } finally {
      while (this.depth > 0) this.leave();
      if (this.bytes.length > scratchBytesMax) this.replace(new Uint8Array(scratchBytes));
    }
  }

  private write(value: unknown): void {
    switch (typeof value) {
      case 'string':
        this.text(value);
        break;
      case 'number':
        this.number(value);
        break;
      case 'object':
        if (value === null) this.byte(token.null);
        else this.object(value);
        break;
      case 'boolean':
        this.byte(value ? token.true : token.false);
        break;
      case 'bigint':
        this.bigint(value);
        break;
      default:
        throw refusal(value, this.place());
    }
    if (this.at > this.limit) throw tooLarge(this.limit);
  }

  private object(value: object): void {
    const prototype = Object.getPrototypeOf(value);
    if (prototype === Object.prototype || prototype === null) this.record(value as Record<string, unknown>);
    else if (prototype === Array.prototype && Array.isArray(value)) this.array(value);
    else if (value instanceof Uint8Array) this.blob(value);
    else if (prototype === Date.prototype) this.date(value as Date);
    else if (prototype === Map.prototype) this.map(value as Map<unknown, unknown>);
    else if (prototype === Set.prototype) this.set(value as Set<unknown>);
    else if (prototype === ArrayBuffer.prototype || ArrayBuffer.isView(value))
      this.buffer(value as ArrayBuffer);
    else throw refusal(value, this.place());
  }

  private record(value: Record<string, unknown>): void {
    const level = this.enter(value);
    const keys = Object.keys(value);
    this.sized(keys.length, 0x10, token.record, token.record16);
    for (const key of keys) {
      this.steps[level] = key;
      this.text(key);
      this.write(value[key]);
    }
    this.leave();
  }

  private array(value: readonly unknown[]): void {
    const level = this.enter(value);
    const length = value.length;
    // Every member takes a byte or more.
    if (this.at + length > this.limit) throw tooLarge(this.limit);
    this.sized(length, 0x10, token.array, token.array16);
    for (let index = 0; index < length; index++) {
      this.steps[level] = index;
      this.write(value[index]);
    }
    this.leave();
  }

  private map(value: ReadonlyMap<unknown, unknown>): void {
    const level = this.enter(value);
    const start = this.open(extension.map);
    let step = 0;
    for (const [key, member] of value) {
      this.steps[level] = step++;
      this.write(key);
      this.steps[level] = step++;
      this.write(member);
    }
    this.close(start);
    this.leave();
  }

  private set(value: ReadonlySet<unknown>): void {
    const level = this.enter(value);
    const start = this.open(extension.set);
    let step = 0;
    for (const member of value) {
      this.steps[level] = step++;
      this.write(member);
    }
    this.close(start);
    this.leave();
  }

  /** Goes a level deeper and returns the index of that level in `steps`. */
  private enter(value: object): number {
    if (this.depth === valueDepthMax) throw tooDeep(value, this.place());
    this.holders[this.depth] = value;
    return this.depth++;
  }

  private leave(): void {
    this.depth--;
    this.holders[this.depth] = null;
    this.steps[this.depth] = 0;
  }

  private place(): Place {
    return { holders: this.holders.slice(0, this.depth), steps: this.steps.slice(0, this.depth) };
  }

  private text(text: string): void {
    const length = text.length;
    // Every character takes a byte or more.
    if (this.at + length > this.limit) throw tooLarge(this.limit);
    if (!isWellFormed(text)) throw refusal(text, this.place());
    this.reserve(length * 3 + 5);

    // The header that fits if all is ASCII; otherwise the text is moved up.
    const start = this.at + headerSize(length);
    const end = this.utf8(start, text);
    const size = end - start;
    const header = headerSize(size);
    if (header !== headerSize(length)) this.bytes.copyWithin(this.at + header, start, end);
    if (size < 0x20) this.bytes[this.at] = token.text | size;
    else if (size < 0x100) this.short(token.text8, size);
    else this.long(token.text16, size);
    this.at += header + size;
  }

  /** Writes UTF-8 and returns where it ends. */
  private utf8(start: number, text: string): number {
    if (text.length <= loopedLengthMax) return utf8Write(this.bytes, start, text);
    return start + encoder.encodeInto(text, this.bytes.subarray(start)).written;
  }

  private number(value: number): void {
    this.reserve(9);
    const integer = value | 0;
    // msgpack has one integer zero: the other is written as a fraction. So are integers beyond 32 bits, because
    // 64-bit ones stand for bigints.
    if (integer !== value || Object.is(value, -0)) {
      this.bytes[this.at] = token.double;
      this.view.setFloat64(this.at + 1, value);
      this.at += 9;
    } else if (integer >= -0x20 && integer < 0x80) {
      this.bytes[this.at++] = integer;
    } else if (integer >= 0) {
      this.unsigned(integer);
    } else {
      this.negative(integer);
    }
  }

  private unsigned(value: number): void {
    if (value < 0x100) {
      this.short(token.unsigned8, value);
      this.at += 2;
      return;
    }
    this.long(token.unsigned16, value);
    this.at += value < 0x10000 ? 3 : 5;
  }

  private negative(value: number): void {
    if (value >= -0x80) {
      this.short(token.signed8, value);
      this.at += 2;
    } else if (value >= -0x8000) {
      this.bytes[this.at] = token.signed16;
      this.view.setInt16(this.at + 1, value);
      this.at += 3;
    } else {
      this.bytes[this.at] = token.signed32;
      this.view.setInt32(this.at + 1, value);
      this.at += 5;
    }
  }

  private bigint(value: bigint): void {
    if (BigInt.asIntN(64, value) === value) {
      this.reserve(9);
      this.bytes[this.at] = token.bigint64;
      this.view.setBigInt64(this.at + 1, value);
      this.at += 9;
      return;
    }
    const magnitude = value < 0n ? -value : value;
    const digits = magnitude.toString(16);
    const even = digits.length % 2 === 0 ? digits : `0${digits}`;
    const size = even.length / 2;
    this.extend(extension.bigint, size + 1);
    this.byte(value < 0n ? 1 : 0);
    for (let index = 0; index < size; index++) {
      this.bytes[this.at++] = (digit(even, index * 2) << 4) | digit(even, index * 2 + 1);
    }
  }

  private date(value: Date): void {
    const time = value.getTime();
    if (Number.isNaN(time)) throw refusal(value, this.place());
    const seconds = Math.floor(time / 1000);
    this.extend(extension.date, 12);
    this.view.setUint32(this.at, (time - seconds * 1000) * 1e6);
    this.view.setInt32(this.at + 4, Math.floor(seconds / 2 ** 32));
    this.view.setUint32(this.at + 8, seconds);
    this.at += 12;
  }

  private blob(value: Uint8Array): void {
    const size = value.length;
    this.fits(size);
    if (size < 0x100) this.short(token.bytes8, size);
    else this.long(token.bytes16, size);
    this.at += size < 0x100 ? 2 : size < 0x10000 ? 3 : 5;
    this.raw(value);
  }

  private buffer(value: ArrayBuffer | ArrayBufferView): void {
    const kind = bufferKinds.findIndex((candidate) => value instanceof candidate);
    if (kind < 0) throw refusal(value, this.place());
    const raw = bytesOf(value);
    this.extend(extension.buffer, raw.length + 1);
    this.byte(kind);
    this.raw(raw);
  }

  private raw(value: Uint8Array): void {
    // Throws a TypeError when the bytes were transferred away.
    this.bytes.set(value, this.at);
    this.at += value.length;
  }

  /** The header of an extension of known size, and room for what follows. */
  private extend(type: number, size: number): void {
    this.fits(size);
    if (size < 0x100) this.short(token.extension8, size);
    else this.long(token.extension16, size);
    this.at += size < 0x100 ? 2 : size < 0x10000 ? 3 : 5;
    this.bytes[this.at++] = type;
  }

  /** The header of an extension whose size `close` writes once it is known. */
  private open(type: number): number {
    this.reserve(6);
    this.bytes[this.at] = token.extension32;
    this.bytes[this.at + 5] = type;
    this.at += 6;
    return this.at;
  }

  private close(start: number): void {
    this.view.setUint32(start - 5, this.at - start);
  }

  /** The header of an array or an object: the count in the token itself, or in two or four bytes behind it. */
  private sized(count: number, below: number, small: number, token16: number): void {
    this.reserve(5);
    if (count < below) {
      this.bytes[this.at++] = small | count;
      return;
    }
    this.long(token16, count);
    this.at += count < 0x10000 ? 3 : 5;
  }

  /** A token and one byte. Does not advance. */
  private short(token8: number, value: number): void {
    this.bytes[this.at] = token8;
    this.bytes[this.at + 1] = value;
  }

  /** A token and two bytes, or the next token and four. Does not advance. */
  private long(token16: number, value: number): void {
    if (value < 0x10000) {
      this.bytes[this.at] = token16;
      this.view.setUint16(this.at + 1, value);
    } else {
      this.bytes[this.at] = token16 + 1;
      this.view.setUint32(this.at + 1, value);
    }
  }

  private byte(value: number): void {
    this.reserve(1);
    this.bytes[this.at++] = value;
  }

  /** Room for `size` bytes and a header before them, unless the value would become too large. */
  private fits(size: number): void {
    if (this.at + size > this.limit) throw tooLarge(this.limit);
    this.reserve(size + 6);
  }

  private reserve(size: number): void {
    if (this.at + size > this.bytes.length) {
      const grown = new Uint8Array(Math.max(this.bytes.length * 2, this.at + size));
      grown.set(this.bytes.subarray(0, this.at));
      this.replace(grown);
    }
  }

  private replace(bytes: Uint8Array<ArrayBuffer>): void {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer);
  }

  /** What was written, for keeps. A large scratch that is nearly full is handed out instead of copied. */
  private take(): Uint8Array {
    const { bytes, at } = this;
    if (bytes.length > scratchBytesMax && at * 4 >= bytes.length * 3) return bytes.subarray(0, at);
    return slabs.copy(bytes, at);
  }
}

function headerSize(size: number): number {
  if (size < 0x20) return 1;
  if (size < 0x100) return 2;
  return size < 0x10000 ? 3 : 5;
}

function digit(digits: string, index: number): number {
  const code = digits.charCodeAt(index);
  return code <= 0x39 ? code - 0x30 : code - 0x57;
}
