import { ABSENT, type Expectation, equalValues, type OperationId, type Result, type Value } from '@dsm/core';
import type { Versioned } from './holding.js';

/** A write, or with an expectation a swap, of this member. A delete writes `ABSENT`. */
export interface Command {
  readonly operation: OperationId;
  readonly value: Value;
  readonly expected: Expectation | undefined;
}

/** What commands come to, one behind the other, under all tokens. */
export interface Outcome {
  /** The entry afterwards: the same object as before where nothing was written. */
  readonly entry: Versioned;
  readonly ends: readonly { readonly operation: OperationId; readonly result: Result }[];
}

/** Performs commands in their order on an entry that nobody else can change. */
export function perform(before: Versioned, commands: readonly Command[]): Outcome {
  let entry = before;
  const ends = commands.map(({ operation, value, expected }) => {
    const applies = expected === undefined || matches(entry, expected);
    if (applies) entry = { value, version: entry.version + 1 };
    return { operation, result: resultOf(entry, expected !== undefined, applies) };
  });
  return { entry, ends };
}

function resultOf(entry: Versioned, swaps: boolean, ok: boolean): Result {
  return swaps ? { kind: 'swapped', ok, entry } : { kind: 'written', version: entry.version };
}

function matches({ value, version }: Versioned, expected: Expectation): boolean {
  if ('version' in expected) return expected.version === (value === ABSENT ? '' : String(version));
  return equalValues(value, expected.value);
}
