import { HistoryError } from './history-error.js';

/** What a key may hold. `null` is a value; a key that holds nothing is absent, which is written `undefined`. */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [member: string]: Json | undefined };

/** The number of an absent value in every table. */
export const absent = 0;

const depthMax = 200;

/**
 * The one JSON text of a value: members sorted by name, so that equal texts mean equal values. `-0` is `0`, as in
 * JSON. Throws `HistoryError` for what JSON would silently change: NaN, infinities, bigints, dates, maps, bytes.
 */
export function canonicalText(value: unknown, depth = 0): string {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return JSON.stringify(value);
  if (typeof value === 'number' && Number.isFinite(value)) return JSON.stringify(value);
  if (depth > depthMax) throw new HistoryError(`a value is nested deeper than ${depthMax}`);
  if (Array.isArray(value)) return `[${value.map((item) => canonicalText(item, depth + 1)).join(',')}]`;
  const kind = Object.prototype.toString.call(value);
  if (kind !== '[object Object]') {
    throw new HistoryError(`a value is not JSON: ${typeof value === 'number' ? value : kind}`);
  }
  const members = Object.entries(value as object).filter(([, member]) => member !== undefined);
  members.sort(([one], [other]) => (one < other ? -1 : 1));
  const texts = members.map(
    ([name, member]) => `${JSON.stringify(name)}:${canonicalText(member, depth + 1)}`,
  );
  return `{${texts.join(',')}}`;
}

/** The different values of a history, numbered from 1 in the order they were met. 0 stands for absent. */
export class ValueTable {
  private readonly values: (Json | undefined)[] = [undefined];
  /** Primitives by themselves, which spares their texts; a string never meets the text of an object. */
  private readonly primitives = new Map<unknown, number>();
  private readonly structures = new Map<string, number>();

  get size(): number {
    return this.values.length;
  }

  numberOf(value: Json | undefined): number {
    if (value === undefined) return absent;
    if (typeof value === 'string' || typeof value === 'boolean' || value === null || Number.isFinite(value)) {
      return this.intern(this.primitives, value, value);
    }
    return this.intern(this.structures, canonicalText(value), value);
  }

  valueOf(number: number): Json | undefined {
    return this.values[number];
  }

  private intern<Name>(numbers: Map<Name, number>, name: Name, value: Json): number {
    const known = numbers.get(name);
    if (known !== undefined) return known;
    const number = this.values.push(value) - 1;
    numbers.set(name, number);
    return number;
  }
}
