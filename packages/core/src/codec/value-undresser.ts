import { utf8Read } from './utf8.js';
import { type BufferKind, bufferKinds, dress, dressMark, isMended, valueDepthMax } from './value-format.js';

/**
 * Checks that a tree out of msgpackr holds only what a `Dresser` puts into one, and makes a value of it in place.
 * Msgpackr also decodes what is never sent: `undefined`, Sets, RegExps, Errors, typed arrays and more.
 */
export class Undresser {
  /** Whether objects with the key `dressMark` stand for something else. */
  private readonly dressed: boolean;
  private depth = 0;

  constructor(dressed: boolean) {
    this.dressed = dressed;
  }

  undress(tree: unknown): unknown {
    switch (typeof tree) {
      case 'string':
        if (isMended(tree)) throw new TypeError('a text that may not have been valid UTF-8');
        return tree;
      case 'object':
        return tree === null ? null : this.object(tree);
      case 'undefined':
        throw new TypeError('undefined within the value');
      default:
        return tree;
    }
  }

  private object(tree: object): unknown {
    const prototype = Object.getPrototypeOf(tree);
    if (prototype === Object.prototype) {
      const list = this.dressed ? (tree as Record<string, unknown>)[dressMark] : undefined;
      return list === undefined ? this.record(tree as Record<string, unknown>) : this.special(tree, list);
    }
    if (prototype === Array.prototype) return this.array(tree as unknown[]);
    if (prototype === Uint8Array.prototype) return tree;
    if (prototype !== Date.prototype) throw new TypeError('an object of a kind that no value holds');
    if (Number.isNaN((tree as Date).getTime())) throw new RangeError('a date out of range');
    return tree;
  }

  private record(tree: Record<string, unknown>): object {
    this.enter();
    for (const key of Object.keys(tree)) {
      if (isMended(key)) throw new TypeError('a key that may not have been valid UTF-8');
      const before = tree[key];
      const after = this.undress(before);
      if (after !== before) tree[key] = after;
    }
    this.depth--;
    return tree;
  }

  private array(tree: unknown[]): unknown[] {
    this.enter();
    for (let index = 0; index < tree.length; index++) tree[index] = this.undress(tree[index]);
    this.depth--;
    return tree;
  }

  private special(tree: object, list: unknown): unknown {
    if (!Array.isArray(list) || Object.keys(tree).length !== 1) throw new TypeError('a malformed dress');
    switch (list[0]) {
      case dress.minusZero:
        expectLength(list, 1);
        return -0;
      case dress.text:
        return text(list);
      case dress.record:
        return this.entries(list);
      case dress.map:
        return this.map(list);
      case dress.set:
        return this.set(list);
      case dress.buffer:
        return buffer(list);
      default:
        throw new TypeError('a dress of an unknown kind');
    }
  }

  private entries(list: readonly unknown[]): object {
    this.enter();
    expectPairs(list);
    const record = {};
    for (let index = 1; index < list.length; index += 2) {
      const key = this.undress(list[index]);
      if (typeof key !== 'string') throw new TypeError('a key that is not a string');
      // Assigning could call a setter or fail.
      const value = this.undress(list[index + 1]);
      Object.defineProperty(record, key, { value, writable: true, enumerable: true, configurable: true });
    }
    this.depth--;
    return record;
  }

  private map(list: readonly unknown[]): Map<unknown, unknown> {
    this.enter();
    expectPairs(list);
    const map = new Map<unknown, unknown>();
    for (let index = 1; index < list.length; index += 2) {
      map.set(this.undress(list[index]), this.undress(list[index + 1]));
    }
    this.depth--;
    return map;
  }

  private set(list: readonly unknown[]): Set<unknown> {
    this.enter();
    const set = new Set<unknown>();
    for (let index = 1; index < list.length; index++) set.add(this.undress(list[index]));
    this.depth--;
    return set;
  }

  private enter(): void {
    if (this.depth === valueDepthMax) throw new RangeError(`nested more than ${valueDepthMax} deep`);
    this.depth++;
  }
}

function text(list: readonly unknown[]): string {
  expectLength(list, 2);
  const bytes = expectBytes(list[1]);
  return utf8Read(bytes, 0, bytes.length);
}

function buffer(list: readonly unknown[]): unknown {
  expectLength(list, 3);
  const kind = typeof list[1] === 'number' ? bufferKinds[list[1]] : undefined;
  if (kind === undefined) throw new TypeError('a buffer of an unknown kind');
  // Msgpackr copied the bytes into a buffer of their own.
  const buffer = expectBytes(list[2]).buffer as ArrayBuffer;
  return kind === ArrayBuffer ? buffer : new (kind as new (buffer: ArrayBuffer) => BufferKind)(buffer);
}

function expectBytes(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value;
  throw new TypeError('something other than bytes in a dress');
}

function expectLength(list: readonly unknown[], length: number): void {
  if (list.length !== length) throw new TypeError('a dress of another length');
}

function expectPairs(list: readonly unknown[]): void {
  if (list.length % 2 !== 1) throw new TypeError('a key without a value');
}
