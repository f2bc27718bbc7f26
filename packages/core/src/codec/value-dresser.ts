import { isWellFormed } from './text.js';
import {
  bufferKinds,
  bytesOf,
  dress,
  dressMark,
  form,
  isAwkwardKey,
  isAwkwardText,
  valueDepthMax,
} from './value-format.js';
import { packTree } from './value-packing.js';
import { type Place, refusal, tooDeep, tooLarge } from './value-refusal.js';

const encoder = new TextEncoder();

/**
 * Validates a value and copies it, in one walk, into the tree that is packed, so that what was checked is what is
 * written: null, booleans, numbers, strings, bigints, Dates, bytes, arrays and plain objects stand for themselves; the
 * rest is dressed (`dress`).
 */
export class Dresser {
  /** At most the bytes that what was walked takes. Msgpack takes one or more for anything. */
  private size = 0;
  private limit = 0;
  private depth = 0;
  private dressed = false;
  /** The containers around what is being copied, outermost first, up to `depth`; then null, to keep nothing alive. */
  private readonly holders: (object | null)[] = new Array(valueDepthMax).fill(null);
  /** The key or index within each of `holders`. For a Map, 2 × index for a key and one more for its value. */
  private readonly steps: (string | number)[] = new Array(valueDepthMax).fill(0);

  encode(value: unknown, valueBytesMax: number): Uint8Array {
    this.size = 1;
    this.limit = valueBytesMax;
    this.dressed = false;
    try {
      const tree = this.copy(value);
      return packTree(this.dressed ? form.dressed : form.plain, tree, valueBytesMax);
    } finally {
      while (this.depth > 0) this.leave();
    }
  }

  private copy(value: unknown): unknown {
    this.grow(1);
    switch (typeof value) {
      case 'string':
        return this.text(value);
      case 'number':
        return Object.is(value, -0) ? this.dress([dress.minusZero]) : value;
      case 'object':
        return value === null ? null : this.object(value);
      case 'boolean':
        return value;
      case 'bigint':
        this.grow(BigInt.asIntN(64, value) === value ? 8 : value.toString(16).length >> 1);
        return value;
      default:
        throw refusal(value, this.place());
    }
  }

  private object(value: object): unknown {
    const prototype = Object.getPrototypeOf(value);
    if (prototype === Object.prototype || prototype === null)
      return this.record(value as Record<string, unknown>);
    if (prototype === Array.prototype && Array.isArray(value)) return this.array(value);
    if (value instanceof Uint8Array) return this.bytes(value);
    if (prototype === Date.prototype) return this.date(value as Date);
    if (prototype === Map.prototype) return this.map(value as Map<unknown, unknown>);
    if (prototype === Set.prototype) return this.set(value as Set<unknown>);
    if (prototype === ArrayBuffer.prototype || ArrayBuffer.isView(value))
      return this.buffer(value as ArrayBuffer);
    throw refusal(value, this.place());
  }

  private record(value: Record<string, unknown>): object {
    const level = this.enter(value);
    const keys = Object.keys(value);
    const copy = keys.some(isAwkwardKey) ? this.entries(value, keys, level) : this.fields(value, keys, level);
    this.leave();
    return copy;
  }

  private fields(value: Record<string, unknown>, keys: readonly string[], level: number): object {
    const copy: Record<string, unknown> = {};
    for (const key of keys) {
      this.steps[level] = key;
      this.grow(1);
      this.text(key);
      copy[key] = this.copy(value[key]);
    }
    return copy;
  }

  private entries(value: Record<string, unknown>, keys: readonly string[], level: number): object {
    const list: unknown[] = [dress.record];
    for (const key of keys) {
      this.steps[level] = key;
      list.push(this.copy(key), this.copy(value[key]));
    }
    return this.dress(list);
  }

  private array(value: readonly unknown[]): unknown[] {
    const level = this.enter(value);
    const length = value.length;
    if (this.size + length > this.limit) throw tooLarge(this.limit);
    const copy: unknown[] = [];
    for (let index = 0; index < length; index++) {
      this.steps[level] = index;
      copy.push(this.copy(value[index]));
    }
    this.leave();
    return copy;
  }

  private map(value: ReadonlyMap<unknown, unknown>): object {
    const level = this.enter(value);
    const list: unknown[] = [dress.map];
    let step = 0;
    for (const [key, member] of value) {
      this.steps[level] = step++;
      list.push(this.copy(key));
      this.steps[level] = step++;
      list.push(this.copy(member));
    }
    this.leave();
    return this.dress(list);
  }

  private set(value: ReadonlySet<unknown>): object {
    const level = this.enter(value);
    const list: unknown[] = [dress.set];
    let step = 0;
    for (const member of value) {
      this.steps[level] = step++;
      list.push(this.copy(member));
    }
    this.leave();
    return this.dress(list);
  }

  private text(text: string): unknown {
    this.grow(text.length);
    if (!isWellFormed(text)) throw refusal(text, this.place());
    return isAwkwardText(text) ? this.dress([dress.text, encoder.encode(text)]) : text;
  }

  /** A copy, because its time may be set before it is packed. */
  private date(value: Date): Date {
    const time = value.getTime();
    if (Number.isNaN(time)) throw refusal(value, this.place());
    this.grow(5);
    return new Date(time);
  }

  private buffer(value: ArrayBuffer | ArrayBufferView): object {
    const kind = bufferKinds.findIndex((candidate) => value instanceof candidate);
    if (kind < 0) throw refusal(value, this.place());
    return this.dress([dress.buffer, kind, this.bytes(value)]);
  }

  /** A view that is a plain `Uint8Array`. */
  private bytes(value: ArrayBuffer | ArrayBufferView): Uint8Array {
    const bytes = bytesOf(value);
    this.grow(bytes.length);
    return bytes;
  }

  private dress(list: unknown[]): object {
    this.dressed = true;
    return { [dressMark]: list };
  }

  private grow(size: number): void {
    this.size += size;
    if (this.size > this.limit) throw tooLarge(this.limit);
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
}
