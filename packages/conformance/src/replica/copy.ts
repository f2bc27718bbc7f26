/** What no generic code can copy: it is no data. */
const opaque = [Promise, WeakMap, WeakSet, WeakRef];

/**
 * A copy of data that shares nothing with it but functions: plain objects, arrays, instances of classes, `Map`, `Set`,
 * bytes. What occurs twice in it occurs twice in the copy. `kept` is not copied where it occurs. Throws a `TypeError`
 * at what is no data.
 */
export function copyOf<T>(value: T, kept: readonly object[] = []): T {
  const copies = new Map<object, object>(kept.map((one) => [one, one]));
  return copied(value, copies) as T;
}

function copied(value: unknown, copies: Map<object, object>): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const known = copies.get(value);
  if (known !== undefined) return known;
  const copy = emptied(value);
  copies.set(value, copy);
  if (value instanceof Map) {
    for (const [key, entry] of value) (copy as typeof value).set(copied(key, copies), copied(entry, copies));
  } else if (value instanceof Set) {
    for (const entry of value) (copy as typeof value).add(copied(entry, copies));
  }
  if (ArrayBuffer.isView(value)) return copy;
  for (const field of Reflect.ownKeys(value)) {
    const told = Object.getOwnPropertyDescriptor(value, field) as PropertyDescriptor;
    if ('value' in told) told.value = copied(told.value, copies);
    Object.defineProperty(copy, field, told);
  }
  return copy;
}

/** Something of the same kind, still without content; bytes with theirs. */
function emptied(value: object): object {
  if (opaque.some((kind) => value instanceof kind)) {
    throw new TypeError(`a field holds a ${value.constructor.name}, which is no data`);
  }
  const prototype = Object.getPrototypeOf(value) as object | null;
  if (value instanceof Uint8Array) return value.slice();
  if (ArrayBuffer.isView(value)) return structuredClone(value);
  if (value instanceof Date) return new Date(value);
  if (value instanceof Map) return Object.setPrototypeOf(new Map(), prototype) as object;
  if (value instanceof Set) return Object.setPrototypeOf(new Set(), prototype) as object;
  if (Array.isArray(value)) return [];
  return Object.create(prototype) as object;
}

/** The objects that can be reached from both: what a module keeps for itself, such as its constants. */
export function sharedBy(one: object, other: object): object[] {
  const here = reachedFrom(one);
  return [...reachedFrom(other)].filter((found) => here.has(found));
}

function reachedFrom(start: object): Set<object> {
  const found = new Set<object>([start]);
  for (const container of found) {
    for (const part of partsOf(container)) if (typeof part === 'object' && part !== null) found.add(part);
  }
  return found;
}

function* partsOf(container: object): Iterable<unknown> {
  if (ArrayBuffer.isView(container)) return;
  if (container instanceof Map) for (const [key, entry] of container) yield* [key, entry];
  else if (container instanceof Set) yield* container;
  for (const field of Reflect.ownKeys(container)) {
    yield Object.getOwnPropertyDescriptor(container, field)?.value;
  }
}
