import assert from 'node:assert/strict';
import { DsmError, type DsmErrorCode, type Entry } from '@dsm/core';
import { isPrompt, seesOwnWrites } from '../case.js';
import type { Face, Stage } from './stage.js';

/** What a case has in its hands. */
export type Play = Pick<Stage, 'protocol' | 'patienceMs'>;

/** Asserts that a member reads a value: at once where the consistency promises it, else by and by. */
export async function reads(play: Play, memory: Face, key: string, value: unknown): Promise<void> {
  if (isPrompt(play.protocol))
    assert.deepEqual(await memory.read(key), value, `'${memory.id}' reads '${key}'`);
  else await sees(play, memory, key, value);
}

/** Asserts that a member reads what it wrote last itself. */
export async function readsOwn(play: Play, memory: Face, key: string, value: unknown): Promise<void> {
  if (!seesOwnWrites(play.protocol)) return sees(play, memory, key, value);
  assert.deepEqual(await memory.read(key), value, `'${memory.id}' reads its own '${key}'`);
}

/** Asserts that a member has an entry: at once where the consistency promises it, else by and by. */
export async function hasEntry(play: Play, memory: Face, entry: Entry): Promise<void> {
  const compare = async () => assert.deepEqual(await memory.entry(entry.key), entry, `'${memory.id}'`);
  if (isPrompt(play.protocol)) await compare();
  else await eventually(play, compare);
}

/** Waits, by a watch, until a member sees a value, and a read agrees. */
export async function sees(play: Play, memory: Face, key: string, value: unknown): Promise<void> {
  let last: unknown;
  const watch = memory.watch(key, { signal: AbortSignal.timeout(play.patienceMs) });
  try {
    for await (const entry of watch) {
      last = entry.value;
      if (isEqual(last, value)) return;
    }
  } catch (error) {
    if (DsmError.is(error)) throw error;
    assert.deepEqual(last, value, `'${memory.id}' was last shown this as '${key}'`);
  }
}

/** Waits until a condition no longer throws; then throws what it threw. For what no watch tells. */
export async function eventually<T>(
  { patienceMs }: Pick<Play, 'patienceMs'>,
  condition: () => T | Promise<T>,
): Promise<T> {
  const deadlineMs = performance.now() + patienceMs;
  for (;;) {
    try {
      return await condition();
    } catch (error) {
      if (performance.now() > deadlineMs) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** What a promise ends with, within the patience: one that does not is the failure itself. */
export async function ends<T>(
  { patienceMs }: Pick<Play, 'patienceMs'>,
  what: string,
  promise: Promise<T>,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const text = `${what} did not end within ${patienceMs} ms`;
    timer = setTimeout(() => reject(new assert.AssertionError({ message: text })), patienceMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** A promise that is awaited later: until then its rejection is nobody's surprise. */
export function attended<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}

/** The error that a promise is rejected with; fulfilment is a failure. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    (value) => assert.fail(`it was fulfilled with ${String(value)}`),
    (error: unknown) => error,
  );
}

/** Asserts that a promise is rejected with a `DsmError` of one of these codes. */
export async function refused(
  promise: Promise<unknown>,
  ...codes: readonly DsmErrorCode[]
): Promise<DsmError> {
  return ofCode(await rejection(promise), codes);
}

/** Asserts that a function throws a `DsmError` of this code. */
export function throwsCode(act: () => unknown, code: DsmErrorCode): void {
  try {
    act();
  } catch (error) {
    ofCode(error, [code]);
    return;
  }
  assert.fail(`nothing was thrown where ${code} was expected`);
}

export function ofCode(error: unknown, codes: readonly DsmErrorCode[]): DsmError {
  if (!DsmError.is(error)) throw error;
  assert.ok(
    codes.includes(error.code),
    `${error.code} where ${codes.join(' or ')} was expected: ${error.message}`,
  );
  return error;
}

function isEqual(one: unknown, other: unknown): boolean {
  try {
    assert.deepEqual(one, other);
    return true;
  } catch {
    return false;
  }
}
