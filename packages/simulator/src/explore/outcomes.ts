import type { Operation } from '@dsm/checker';
import type { Fault, OperationId, Result, Value } from '@dsm/core';
import { valueLabel, valueText } from '../label.js';
import { Names } from './names.js';
import type { Planned } from './plan.js';
import { builtIn } from './scenario.js';

/** What became of an operation that was invoked. */
export interface Outcome {
  /** Its number at its member: they rise in the order of invocation. */
  readonly id: OperationId;
  /** The operations that had ended when it was invoked, one bit each. */
  readonly before: number;
  /** How it ended, without the version, which only inspectors are shown. */
  readonly ended: { readonly value: Value; readonly ok: boolean } | undefined;
}

/** The number of the outcome of an operation that was not invoked. */
export const notInvoked = 0;

/** Numbers for outcomes. */
export class Outcomes {
  private readonly names = new Names();
  private readonly known: (Outcome | undefined)[] = [undefined];

  of(number: number): Outcome | undefined {
    return this.known[number];
  }

  hasEnded(number: number): boolean {
    return this.known[number]?.ended !== undefined;
  }

  invoked(id: OperationId, before: number): number {
    return this.keep({ id, before, ended: undefined });
  }

  ended(number: number, result: Result): number {
    const { id, before } = this.known[number] as Outcome;
    const value = result.kind === 'read' ? result.entry.value : null;
    return this.keep({ id, before, ended: { value, ok: result.kind !== 'swapped' || result.ok } });
  }

  private keep(outcome: Outcome): number {
    const { id, before, ended } = outcome;
    const text = ended === undefined ? '' : `${ended.ok} ${ended.value?.join() ?? 'absent'}`;
    const number = this.names.of(`${id}.${before}.${text}`) + 1;
    this.known[number] ??= outcome;
    return number;
  }
}

/**
 * A history of the operations that were invoked, at times that say no more than which of them ended before which began.
 * The operations that had ended by then are, over all invocations, a chain of growing sets: its length is the clock.
 */
export function historyOf(plan: readonly Planned[], outcomes: readonly (Outcome | undefined)[]): Operation[] {
  const operations: Operation[] = [];
  for (const { number, client, op, key, value, expected } of plan) {
    const outcome = outcomes[number];
    if (outcome === undefined) continue;
    const { before, ended } = outcome;
    operations.push({
      client,
      session: client,
      op,
      key,
      value: textOf(op === 'read' ? (ended?.value ?? null) : value),
      expected: textOf(expected),
      ok: op === 'cas' ? ended?.ok : undefined,
      start: 2 * bitsOf(before) + 1,
      end: ended === undefined ? null : endOf(number, plan.length, outcomes),
    });
  }
  return operations;
}

/** Just before the first invocation that it precedes; behind all of them where there is none. */
function endOf(number: number, count: number, outcomes: readonly (Outcome | undefined)[]): number {
  let first = count + 1;
  for (const outcome of outcomes) {
    if (outcome !== undefined && (outcome.before & (1 << number)) !== 0) {
      first = Math.min(first, bitsOf(outcome.before));
    }
  }
  return 2 * first;
}

function bitsOf(set: number): number {
  let count = 0;
  for (let left = set; left !== 0; left &= left - 1) count += 1;
  return count;
}

function textOf(value: Value): string | undefined {
  // What is no text was never written: its length tells the histories of two such values apart enough.
  return value === null ? undefined : (valueText(value) ?? `${value.length} bytes that nobody wrote`);
}

/** What an operation is called in schedules and stories. */
export function deedLabel({ op, key, value, expected }: Planned): string {
  if (op === 'write') return `write ${key} ${valueLabel(value)}`;
  if (op === 'cas') return `swap ${key} ${valueLabel(expected)} for ${valueLabel(value)}`;
  return `${op} ${key}`;
}

export function resultLabel(result: Result): string {
  if (result.kind === 'read') return valueLabel(result.entry.value);
  return result.kind === 'swapped' && !result.ok ? 'not swapped' : 'ok';
}

/** An operation that ended as another one. */
export function misnamed({ name }: Planned, { kind }: Result): Fault | undefined {
  const due = { read: 'read', write: 'written', swap: 'swapped' }[name];
  return due === kind ? undefined : { property: builtIn.otherwise, detail: `a ${name} ended as '${kind}'` };
}
