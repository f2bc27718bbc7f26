import { IdMap, Place } from '@dsm/core';

/** Objects that lie outside of what is copied, such as a module's constants: they stay themselves in a copy. */
export type Constants = ReadonlyMap<object, number>;

const noConstants: Constants = new Map();

/**
 * A copy of plain data: maps, sets, arrays, numbers in typed arrays, objects of any class. What is one object in the
 * original is one in the copy. Bytes and functions are shared, since nobody changes them but a `Place` its own. Throws
 * for anything that cannot be copied as data, such as a date or a promise.
 */
export function copied<Data>(data: Data, constants: Constants = noConstants): Data {
  return new Copier(constants).copy(data) as Data;
}

class Copier {
  private readonly constants: Constants;
  private readonly copies = new Map<object, object>();

  constructor(constants: Constants) {
    this.constants = constants;
  }

  copy(data: unknown): unknown {
    if (typeof data !== 'object' || data === null || data instanceof Uint8Array) return data;
    if (this.constants.has(data)) return data;
    return this.copies.get(data) ?? this.copyOf(data);
  }

  /** The copy is known before it is filled: what points to itself does so in the copy. */
  private copyOf(data: object): object {
    if (Array.isArray(data)) {
      const copy = this.known<unknown[]>(data, []);
      for (const item of data) copy.push(this.copy(item));
      return copy;
    }
    if (data instanceof Map) {
      const copy = this.known(data, new Map());
      for (const [key, entry] of data) copy.set(this.copy(key), this.copy(entry));
      return copy;
    }
    if (data instanceof Set) {
      const copy = this.known(data, new Set());
      for (const item of data) copy.add(this.copy(item));
      return copy;
    }
    if (data instanceof IdMap) {
      const copy = this.known(data, new IdMap<unknown>());
      for (const [id, entry] of data) copy.set(id, this.copy(entry));
      return copy;
    }
    if (isNumbers(data)) return this.known(data, data.slice());
    assertPlain(data);
    const copy = this.known(data, Object.create(Object.getPrototypeOf(data)) as Fields);
    for (const field of Object.keys(data)) copy[field] = this.copy((data as Fields)[field]);
    // Its bytes are overwritten.
    if (copy instanceof Place) copy.part();
    return copy;
  }

  private known<Copy extends object>(data: object, copy: Copy): Copy {
    this.copies.set(data, copy);
    return copy;
  }
}

/** Every object that can be reached from some data, without bytes, and not through constants. */
export function reached(data: unknown, constants: Constants): Set<object> {
  const objects = new Set<object>();
  const visit = (content: unknown) => {
    if (typeof content !== 'object' || content === null || content instanceof Uint8Array) return;
    if (constants.has(content) || objects.has(content)) return;
    objects.add(content);
    for (const part of partsOf(content)) visit(part);
  };
  visit(data);
  return objects;
}

/**
 * One text for equal data: what makes two states the same one. With constants, two names for one object differ from
 * two equal objects, as they would when one of them is changed; without, only what a codec would write counts.
 */
export function fingerprint(data: unknown, constants?: Constants): string {
  return new Printer(constants).print(data);
}

class Printer {
  private readonly constants: Constants | undefined;
  private readonly met = new Map<object, number>();

  constructor(constants: Constants | undefined) {
    this.constants = constants;
  }

  print(data: unknown): string {
    if (typeof data === 'string') return `${data.length}'${data}`;
    if (typeof data === 'bigint') return `${data}n`;
    if (typeof data === 'function') return 'f';
    if (Object.is(data, -0)) return '-0';
    if (typeof data !== 'object' || data === null) return String(data);
    if (data instanceof Uint8Array) return `<${data.join()}>`;
    if (this.constants === undefined) return this.printOf(data);
    const constant = this.constants.get(data);
    if (constant !== undefined) return `!${constant}`;
    const known = this.met.get(data);
    if (known !== undefined) return `#${known}`;
    this.met.set(data, this.met.size);
    return this.printOf(data);
  }

  private printOf(data: object): string {
    if (Array.isArray(data)) return `[${data.map((item) => this.print(item)).join()}]`;
    if (isNumbers(data)) return `<<${Array.from(data, (item) => this.print(item)).join()}>>`;
    if (data instanceof Set) return `s(${this.printAll(data)})`;
    if (data instanceof Map || data instanceof IdMap) {
      let text = '';
      for (const [key, entry] of data) text += `${this.print(key)}=${this.print(entry)},`;
      return `(${text})`;
    }
    let text = '';
    for (const field of Object.keys(data)) text += `${field}:${this.print((data as Fields)[field])},`;
    return `${className(data)}{${text}}`;
  }

  private printAll(items: Iterable<unknown>): string {
    let text = '';
    for (const item of items) text += `${this.print(item)},`;
    return text;
  }
}

type Fields = Record<string, unknown>;

/** Vectors of numbers, such as clocks; bytes are values, and never get here. */
type Numbers = Float64Array;

function isNumbers(data: object): data is Numbers {
  return ArrayBuffer.isView(data) && !(data instanceof DataView);
}

function* partsOf(data: object): Iterable<unknown> {
  if (data instanceof Map) {
    for (const [key, entry] of data) {
      yield key;
      yield entry;
    }
  } else if (data instanceof Set || Array.isArray(data)) yield* data;
  else if (data instanceof IdMap) for (const [, entry] of data) yield entry;
  else if (!isNumbers(data)) yield* Object.values(data);
}

function className(data: object): string {
  const name = (Object.getPrototypeOf(data) as object | null)?.constructor.name ?? '';
  return name === 'Object' ? '' : name;
}

/** What keeps its state out of sight would be shared by its copies. */
function assertPlain(data: object): void {
  const kind = Object.prototype.toString.call(data);
  if (kind === '[object Object]') return;
  throw new TypeError(`a replica or message holds ${kind}, which is no plain data`);
}
