import type { Operation } from '../src/index.js';

/**
 * Whether one order of the operations keeps that of each session, and recorded places, and explains all results. Tries
 * the orders, one after another, with nothing of the checker but the definition.
 */
export function bruteSequential(operations: readonly Operation[]): boolean {
  const telling = operations.filter(({ op, end }) => !(op === 'read' && end === null));
  return finishes(telling, { held: new Map(), order: undefined });
}

interface World {
  readonly held: ReadonlyMap<string, unknown>;
  readonly order: Operation['order'];
}

function finishes(left: readonly Operation[], world: World): boolean {
  if (left.every(({ end }) => end === null)) return true;
  for (const operation of left) {
    // What is unknown may have taken effect long after the next operation of its session, so nothing follows it.
    if (left.some((other) => other !== operation && other.end !== null && goesBefore(other, operation, left)))
      continue;
    if (operation.order !== undefined && world.order !== undefined && !less(world.order, operation.order))
      continue;
    const held = after(operation, world.held);
    if (held === undefined) continue;
    const others = left.filter((other) => other !== operation);
    if (finishes(others, { held, order: operation.order ?? world.order })) return true;
  }
  return false;
}

/** Whether one operation comes before another in their session. */
export function goesBefore(one: Operation, other: Operation, recorded: readonly Operation[]): boolean {
  if ((one.session ?? one.client) !== (other.session ?? other.client)) return false;
  if (one.start !== other.start) return one.start < other.start;
  if (one.end === null || other.end === null) {
    if (one.end !== other.end) return other.end === null;
  } else if (one.end !== other.end) return one.end < other.end;
  return recorded.indexOf(one) < recorded.indexOf(other);
}

function less(one: readonly number[], other: readonly number[]): boolean {
  for (let part = 0; part < 3; part += 1) {
    if (one[part] !== other[part]) return (one[part] as number) < (other[part] as number);
  }
  return false;
}

function after(
  { op, key, value, expected, ok, end }: Operation,
  held: ReadonlyMap<string, unknown>,
): ReadonlyMap<string, unknown> | undefined {
  const found = held.get(key);
  if (op === 'read') return found === value ? held : undefined;
  if (op === 'cas') {
    const equal = found === expected;
    if (end !== null && ok !== equal) return undefined;
    if (!equal) return held;
  }
  return new Map(held).set(key, op === 'delete' ? undefined : value);
}
