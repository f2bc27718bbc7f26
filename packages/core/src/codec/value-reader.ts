import { utf8Read } from './utf8.js';
import { type BufferKind, bufferKinds, extension, token, valueDepthMax } from './value-format.js';

const decoder = new TextDecoder();
const double = new DataView(new ArrayBuffer(8));
/** Assigning to one of these could call a setter or fail: they are defined instead. */
const inherited = new Set(Object.getOwnPropertyNames(Object.prototype));

/** Reads one value out of bytes. Throws at anything a `ValueWriter` does not write; allocates by what is there. */
export class ValueReader {
  private readonly bytes: Uint8Array;
  private readonly end: number;
  private at = 0;
  private depth = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.end = bytes.length;
  }

  decode(): unknown {
    const value = this.read();
    if (this.at !== this.end) throw new RangeError('bytes follow the value');
    return value;
  }

  private read(): unknown {
    const first = this.byte();
    if (first < token.record) return first;
    if (first < token.array) return this.record(first & 0x0f);
    if (first < token.text) return this.array(first & 0x0f);
    if (first < token.null) return this.text(first & 0x1f);
    if (first >= token.negative) return first - 0x100;
    if (first >= token.array16) return this.container(first);
    if (first >= token.text8) return this.text(this.unsigned(1 << (first - token.text8)));
    return this.marked(first);
  }

  private marked(first: number): unknown {
    switch (first) {
      case token.null:
        return null;
      case token.false:
        return false;
      case token.true:
        return true;
      case token.bytes8:
      case token.bytes16:
      case token.bytes32:
        return this.copy(this.unsigned(1 << (first - token.bytes8)));
      case token.extension8:
      case token.extension16:
      case token.extension32:
        return this.extension(this.unsigned(1 << (first - token.extension8)));
      case token.double:
        return this.load(8).getFloat64(0);
      case token.unsigned8:
      case token.unsigned16:
      case token.unsigned32:
        return this.unsigned(1 << (first - token.unsigned8));
      case token.signed8:
        return this.load(1).getInt8(0);
      case token.signed16:
        return this.load(2).getInt16(0);
      case token.signed32:
        return this.load(4).getInt32(0);
      case token.bigint64:
        return this.load(8).getBigInt64(0);
      default:
        throw new RangeError(`no value starts with the byte ${first}`);
    }
  }

  private container(first: number): unknown {
    if (first >= token.record16) return this.record(this.unsigned(2 << (first - token.record16)));
    return this.array(this.unsigned(2 << (first - token.array16)));
  }

  private record(count: number): Record<string, unknown> {
    this.enter();
    // A key and a value take a byte or more each. Nothing is allocated by the count alone.
    this.need(count * 2);
    const record: Record<string, unknown> = {};
    for (let index = 0; index < count; index++) {
      const key = this.key();
      const value = this.read();
      if (inherited.has(key)) define(record, key, value);
      else record[key] = value;
    }
    this.depth--;
    return record;
  }

  private key(): string {
    const first = this.byte();
    if (first >= token.text && first < token.null) return this.text(first & 0x1f);
    if (first >= token.text8 && first <= token.text32)
      return this.text(this.unsigned(1 << (first - token.text8)));
    throw new RangeError('a key that is not a string');
  }

  private array(count: number): unknown[] {
    this.enter();
    this.need(count);
    const array: unknown[] = [];
    for (let index = 0; index < count; index++) array.push(this.read());
    this.depth--;
    return array;
  }

  private extension(size: number): unknown {
    const type = this.byte();
    this.need(size);
    switch (type) {
      case extension.map:
        return this.map(this.at + size);
      case extension.set:
        return this.set(this.at + size);
      case extension.bigint:
        return this.bigint(size);
      case extension.buffer:
        return this.buffer(size);
      case extension.date:
        return this.date(size);
      default:
        throw new RangeError(`no extension has the type ${type}`);
    }
  }

  private map(stop: number): Map<unknown, unknown> {
    this.enter();
    const map = new Map<unknown, unknown>();
    while (this.at < stop) map.set(this.read(), this.read());
    this.leave(stop);
    return map;
  }

  private set(stop: number): Set<unknown> {
    this.enter();
    const set = new Set<unknown>();
    while (this.at < stop) set.add(this.read());
    this.leave(stop);
    return set;
  }

  private enter(): void {
    if (this.depth === valueDepthMax) throw new RangeError(`nested more than ${valueDepthMax} deep`);
    this.depth++;
  }

  private leave(stop: number): void {
    if (this.at !== stop) throw new RangeError('an extension that ends within a value');
    this.depth--;
  }

  private bigint(size: number): bigint {
    const sign = this.byte();
    if (size < 2 || sign > 1) throw new RangeError('a malformed bigint');
    const digits = new Uint8Array((size - 1) * 2);
    for (let index = 0; index < digits.length; index += 2) {
      const byte = this.byte();
      digits[index] = digit(byte >> 4);
      digits[index + 1] = digit(byte & 0x0f);
    }
    const magnitude = BigInt(`0x${decoder.decode(digits)}`);
    return sign === 1 ? -magnitude : magnitude;
  }

  private buffer(size: number): unknown {
    const kind = bufferKinds[this.byte()];
    if (kind === undefined || size < 1) throw new RangeError('a malformed buffer');
    const { buffer } = this.copy(size - 1);
    return kind === ArrayBuffer ? buffer : new (kind as new (buffer: ArrayBuffer) => BufferKind)(buffer);
  }

  private date(size: number): Date {
    if (size !== 12) throw new RangeError('a malformed date');
    const nanoseconds = this.unsigned(4);
    const seconds = this.load(4).getInt32(0) * 2 ** 32 + this.unsigned(4);
    const date = new Date(seconds * 1000 + nanoseconds / 1e6);
    if (Number.isNaN(date.getTime())) throw new RangeError('a date out of range');
    return date;
  }

  private text(size: number): string {
    this.need(size);
    const start = this.at;
    this.at += size;
    return utf8Read(this.bytes, start, this.at);
  }

  /** Bytes of their own, in a buffer of their own: a plain `Uint8Array` also where the source is a Buffer. */
  private copy(size: number): Uint8Array<ArrayBuffer> {
    this.need(size);
    const start = this.at;
    this.at += size;
    return new Uint8Array(this.bytes.subarray(start, this.at));
  }

  private byte(): number {
    if (this.at >= this.end) throw new RangeError('the bytes end too early');
    return this.bytes[this.at++] as number;
  }

  private unsigned(size: number): number {
    this.need(size);
    let value = 0;
    for (let index = 0; index < size; index++) value = value * 0x100 + (this.bytes[this.at++] as number);
    return value;
  }

  /** A few bytes where a number can be read from them: a view of the source would cost more than the copy. */
  private load(size: number): DataView {
    this.need(size);
    for (let index = 0; index < size; index++) double.setUint8(index, this.bytes[this.at++] as number);
    return double;
  }

  private need(size: number): void {
    if (size > this.end - this.at) throw new RangeError('the bytes end too early');
  }
}

function define(record: object, key: string, value: unknown): void {
  Object.defineProperty(record, key, { value, writable: true, enumerable: true, configurable: true });
}

function digit(value: number): number {
  return value < 10 ? value + 0x30 : value + 0x57;
}
