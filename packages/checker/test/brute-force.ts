import type { Json, Operation } from '../src/index.js';

/**
 * Whether some order of the operations that respects real time explains all their results. Tries the orders, one
 * after another; no cache, no locality, no intervals, and nothing in common with the checkers but the definition.
 */
export function bruteForce(operations: readonly Operation[]): boolean {
  return finishes(
    operations.filter(({ op, end }) => !(op === 'read' && end === null)),
    new Map(),
  );
}

function finishes(left: readonly Operation[], held: ReadonlyMap<string, string | undefined>): boolean {
  if (left.every(({ end }) => end === null)) return true;
  for (const operation of left) {
    if (left.some((other) => other.end !== null && other.end < operation.start)) continue;
    const after = applied(operation, held.get(operation.key));
    if (after === 'impossible') continue;
    const others = left.filter((other) => other !== operation);
    if (finishes(others, new Map(held).set(operation.key, after.value))) return true;
  }
  return false;
}

function applied(
  operation: Operation,
  held: string | undefined,
): 'impossible' | { value: string | undefined } {
  const { op, ok, end } = operation;
  const value = text(operation.value);
  if (op === 'read') return held === value ? { value: held } : 'impossible';
  if (op === 'write') return { value };
  if (op === 'delete') return { value: undefined };
  const equal = held === text(operation.expected);
  if (end !== null && ok !== equal) return 'impossible';
  return { value: equal ? value : held };
}

/** Values of the small histories are primitives and flat lists, so that JSON tells them apart. */
function text(value: Json | undefined): string | undefined {
  return value === undefined ? undefined : JSON.stringify(value);
}
