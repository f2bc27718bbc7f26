import { describe, expect, test } from 'vitest';
import type { SchemaResult, StandardSchema } from '../../src/memory/schema.js';
import { types } from '../../src/memory/schema.js';
import { eventually, groupOf, rejection } from './fixtures/group-of.js';
import { homeProtocol } from './fixtures/home-protocol.js';

/** A Standard Schema written by hand. */
function schemaOf<T>(validate: StandardSchema<T>['~standard']['validate']): StandardSchema<T> {
  return { '~standard': { version: 1, vendor: 'by hand', validate } };
}

const fine = <T>(value: T): SchemaResult<T> => ({ value });
const faulty = (message: string, path?: readonly unknown[]) => ({ issues: [{ message, path }] });

const whole = schemaOf<number>((value) =>
  Number.isInteger(value) ? fine(value as number) : faulty('not a whole number'),
);
const trimmed = schemaOf<string>((value) => fine(String(value).trim()));
const wholeLater = schemaOf<number>(async (value) => {
  await null;
  return Number.isInteger(value) ? fine(value as number) : faulty('not a whole number, later');
});
const unanswered = schemaOf<number>(() => new Promise<never>(() => undefined));

describe('types alone', () => {
  test('check nothing', async () => {
    const { a } = await groupOf(homeProtocol(), { schema: types<{ counter: number }>() });
    await a.write('counter', 'text' as unknown as number);
    expect(await a.read('counter')).toBe('text');
    await a.write('other' as 'counter', 1);
  });
});

describe('schemas', () => {
  test('refuse at a write what does not fit, and nothing is sent', async () => {
    const { b } = await groupOf(homeProtocol(), { schema: { counter: whole, later: wholeLater } });
    const before = b.metrics().messages.out;
    for (const [key, message] of [
      ['counter', 'not a whole number'],
      ['later', 'not a whole number, later'],
    ] as const) {
      const refused = { code: 'DSM_INVALID_VALUE', message: expect.stringContaining(message) };
      expect(await rejection(b.write(key, 0.5))).toMatchObject(refused);
      expect(await rejection(b.compareAndSwap(key, undefined, 0.5))).toMatchObject(refused);
      expect(await rejection(b.writeIf(key, '', 0.5))).toMatchObject(refused);
      expect(b.metrics().messages.out).toEqual(before);
    }
    expect(await rejection(b.update('counter', () => 0.5))).toMatchObject({ code: 'DSM_INVALID_VALUE' });
    expect(b.metrics().messages.out.write).toBe(before.write);
    expect(b.metrics().operationsPending).toBe(0);
    await b.write('later', 1);
    await b.write('counter', 1);
    expect(await b.read('later')).toBe(1);
    expect((await b.update('later', (n) => (n ?? 0) + 1)).value).toBe(2);
    expect(await b.read('later')).toBe(2);
    expect(await rejection(b.update('later', () => 0.5))).toMatchObject({ code: 'DSM_INVALID_VALUE' });
  });

  test('say where the fault is', async () => {
    const user = schemaOf<object>(() => faulty('expected text', ['names', { key: 0 }]));
    const { a } = await groupOf(homeProtocol(), { schema: { user } });
    const error = await rejection(a.write('user', { names: [1] }));
    expect((error as Error).message).toContain('user');
    expect((error as Error).message).toContain('.names.0: expected text');
    const whole = await groupOf(homeProtocol(), { schema: { n: schemaOf(() => faulty('not whole')) } });
    expect(await rejection(whole.a.write('n', 1))).toMatchObject({
      message: "the value of 'n' does not fit its schema: not whole",
    });
  });

  test('may say that there are no issues by null', async () => {
    const lenient = schemaOf<number>((value) => ({
      value: value as number,
      issues: null as unknown as undefined,
    }));
    const { a } = await groupOf(homeProtocol(), { schema: { k: lenient } });
    await a.write('k', 1);
    expect(await a.read('k')).toBe(1);
  });

  test('what they make of a value is written, the entry of an update too', async () => {
    const { a, b } = await groupOf(homeProtocol(), { schema: { name: trimmed } });
    await a.write('name', '  Ann ');
    expect(await b.read('name')).toBe('Ann');
    expect(await b.compareAndSwap('name', 'Ann', ' Bob')).toMatchObject({ ok: true });
    const entry = await a.update('name', (name) => `${name} and Ann  `);
    expect(entry.value).toBe('Bob and Ann');
    expect(entry).toStrictEqual(await b.entry('name'));
  });

  test('stand for a key, a family, or everything: the longest that fits', async () => {
    const only = (expected: string) =>
      schemaOf<string>((value) => (value === expected ? fine(expected) : faulty(`not ${expected}`)));
    const schema = {
      '*': only('any'),
      'user:*': only('user'),
      'user:root': only('root'),
      'user:admin:*': only('admin'),
    };
    const { a } = await groupOf(homeProtocol(), { schema });
    for (const [key, value] of [
      ['other', 'any'],
      ['user', 'any'],
      ['user:1', 'user'],
      ['user:root', 'root'],
      ['user:rooted', 'user'],
      ['user:admin:1', 'admin'],
    ] as const) {
      await a.write(key, value);
      expect(await rejection(a.write(key, 'else'))).toMatchObject({
        message: expect.stringContaining(value),
      });
    }
  });

  test('a key without one is not written, but may be read and deleted', async () => {
    const { a } = await groupOf(homeProtocol(), { schema: { counter: whole } });
    const other = 'other' as 'counter';
    expect(await rejection(a.write(other, 1))).toMatchObject({ code: 'DSM_INVALID_KEY' });
    expect(await rejection(a.compareAndSwap(other, undefined, 1))).toMatchObject({ code: 'DSM_INVALID_KEY' });
    expect(await a.read(other)).toBeUndefined();
    expect(await a.delete(other)).toBe('');
  });

  test('what they do to the value, or the caller does meanwhile, is not seen', async () => {
    const spoiling = schemaOf<{ n: number }>(async (value) => {
      const own = value as { n: number };
      own.n += 1;
      await null;
      return fine(own);
    });
    const { a } = await groupOf(homeProtocol(), { schema: { k: spoiling } });
    const value = { n: 1 };
    const expected = { n: 2 };
    const writing = a.write('k', value);
    value.n = 7;
    await writing;
    expect(await a.read('k')).toEqual({ n: 2 });
    expect(value).toEqual({ n: 7 });

    const swapping = a.compareAndSwap('k', expected, value);
    expected.n = 9;
    value.n = 9;
    expect(await swapping).toMatchObject({ ok: true });
    expect(await a.read('k')).toEqual({ n: 8 });
  });

  test('those that answer at once leave operations in their order', async () => {
    const { a } = await groupOf(homeProtocol(), { schema: { counter: whole } });
    const writing = a.write('counter', 1);
    const reading = a.read('counter');
    await writing;
    expect(await reading).toBe(1);
  });

  test.each<[string, StandardSchema<unknown>]>([
    [
      'throws',
      schemaOf(() => {
        throw new RangeError('broken');
      }),
    ],
    ['rejects', schemaOf(() => Promise.reject(new RangeError('broken')))],
    ['answers nothing', schemaOf(() => undefined as unknown as SchemaResult<unknown>)],
    ['answers nothing later', schemaOf(async () => null as unknown as SchemaResult<unknown>)],
    ['makes undefined of it', schemaOf(() => fine(undefined))],
    ['makes a function of it later', schemaOf(async () => fine(() => 1))],
    ['finds fault and cannot say it', schemaOf(() => ({ issues: 'broken' as unknown as [] }))],
  ])('one that %s refuses the value', async (_, schema) => {
    const { b } = await groupOf(homeProtocol(), { schema: { k: schema } });
    const before = b.metrics().messages.out;
    const error = await rejection(b.write('k', 1));
    expect(error).toMatchObject({ code: 'DSM_INVALID_VALUE', outcome: 'not-applied' });
    expect(b.metrics().messages.out).toEqual(before);
    expect(b.metrics().operationsPending).toBe(0);
  });

  test('the cause of one that failed is kept', async () => {
    const cause = new RangeError('broken');
    const { a } = await groupOf(homeProtocol(), { schema: { k: schemaOf(() => Promise.reject(cause)) } });
    expect(await rejection(a.write('k', 1))).toMatchObject({ cause });
  });
});

describe('a schema that does not answer', () => {
  test('is subject to time limit, abort and close', async () => {
    const { a } = await groupOf(homeProtocol(), { schema: { k: unanswered } });
    const error = await rejection(a.write('k', 1, { timeout: 20 }));
    expect(error).toMatchObject({ code: 'DSM_TIMEOUT', outcome: 'not-applied' });
    expect((error as Error).message).toContain('schema');

    const controller = new AbortController();
    const aborted = rejection(a.write('k', 1, { signal: controller.signal }));
    const closed = rejection(a.writeIf('k', '', 1));
    expect(a.metrics().operationsPending).toBe(2);
    controller.abort('enough');
    expect(await aborted).toBe('enough');
    await a.close();
    expect(await closed).toMatchObject({ code: 'DSM_CLOSED', outcome: 'not-applied' });
  });

  test('counts as a pending operation, so that there is a bound', async () => {
    const { a } = await groupOf(homeProtocol(), {
      schema: { k: unanswered },
      limits: { operationsPendingMax: 2 },
    });
    const pending = [a.write('k', 1), a.write('k', 1)].map(rejection);
    expect(await rejection(a.write('k', 1))).toMatchObject({ code: 'DSM_OVERLOADED' });
    await a.close();
    for (const error of await Promise.all(pending)) expect(error).toMatchObject({ code: 'DSM_CLOSED' });
  });

  test('a write that was refused before leaves no rejection behind', async () => {
    const rejecting = schemaOf<number>(async () => Promise.reject(new Error('late')));
    const { a } = await groupOf(homeProtocol(), { schema: { k: rejecting } });
    expect(await rejection(a.write('k', 1, { signal: AbortSignal.abort('early') }))).toBe('early');
    await eventually(async () => expect(await a.read('k')).toBeUndefined());
  });
});
