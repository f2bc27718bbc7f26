import { describe, expect, test } from 'vitest';
import { eventually, groupOf, rejection } from './fixtures/group-of.js';
import { homeProtocol } from './fixtures/home-protocol.js';

describe('compareAndSwap', () => {
  test('replaces what was expected and says its version', async () => {
    const { a, b } = await groupOf(homeProtocol());
    await a.write('k', 10);
    const swap = await b.compareAndSwap('k', 10, 20);
    expect(swap).toStrictEqual({ ok: true, version: (await a.entry('k')).version });
    expect(await a.read('k')).toBe(20);
  });

  test('a lost race is a result, with the entry that is there', async () => {
    const { a, b } = await groupOf(homeProtocol());
    const version = await a.write('k', { n: 1 });
    const current = { key: 'k', value: { n: 1 }, version };
    expect(await b.compareAndSwap('k', { n: 2 }, { n: 3 })).toStrictEqual({ ok: false, current });
    expect(await b.compareAndSwap('k', undefined, { n: 3 })).toStrictEqual({ ok: false, current });
    expect(await a.entry('k')).toStrictEqual(current);

    const absent = { key: 'none', value: undefined, version: '' };
    expect(await b.compareAndSwap('none', 1, 2)).toStrictEqual({ ok: false, current: absent });
  });

  test('expecting nothing creates, after a delete too', async () => {
    const { a, b } = await groupOf(homeProtocol());
    expect(await a.compareAndSwap('k', undefined, 1)).toMatchObject({ ok: true });
    expect(await b.compareAndSwap('k', undefined, 2)).toMatchObject({ ok: false, current: { value: 1 } });
    await b.delete('k');
    expect(await b.compareAndSwap('k', undefined, 3)).toMatchObject({ ok: true });
    expect(await a.read('k')).toBe(3);
  });

  const nested = (a: unknown, b: unknown) => new Map([[a, new Set([b, 1])]]);
  test.each<[string, unknown, unknown]>([
    ['the order of object keys', { a: 1, b: { c: 2, d: 3 } }, { b: { d: 3, c: 2 }, a: 1 }],
    ['the order of a Map', new Map([...'ab'].entries()), new Map([...[...'ab'].entries()].reverse())],
    ['the order of a Set', new Set([1, 2, { x: 1 }]), new Set([{ x: 1 }, 2, 1])],
    ['that NaN is no number', { n: Number.NaN }, { n: Number.NaN }],
    ['the sign of 0', [-0, nested(0, -0)], [0, nested(-0, 0)]],
    ['which bytes object it is', new Uint8Array([1, 2]), new Uint8Array([1, 2])],
    ['which Date it is', new Date(5), new Date(5)],
  ])('does not mind %s', async (_, value, expected) => {
    const { a, b } = await groupOf(homeProtocol());
    await a.write('k', value);
    expect(await b.compareAndSwap('k', expected, 'swapped')).toMatchObject({ ok: true });
  });

  test.each<[string, unknown, unknown]>([
    ['bytes', new Uint8Array([1, 2]), new Uint8Array([1, 3])],
    ['order in an array', [1, 2], [2, 1]],
    ['1 and 1n', 1, 1n],
    ['null and nothing', null, undefined],
    ['an object with more', { a: 1 }, { a: 1, b: 2 }],
  ])('minds %s', async (_, value, expected) => {
    const { a, b } = await groupOf(homeProtocol());
    await a.write('k', value);
    expect(await b.compareAndSwap('k', expected, 'swapped')).toMatchObject({ ok: false });
    expect(await b.compareAndSwap('k', value, 'swapped')).toMatchObject({ ok: true });
  });

  test('what was given may be changed at once', async () => {
    const { a } = await groupOf(homeProtocol());
    await a.write('k', { n: 1 });
    const expected = { n: 1 };
    const value = { n: 2 };
    const swapping = a.compareAndSwap('k', expected, value);
    expected.n = 9;
    value.n = 9;
    expect(await swapping).toMatchObject({ ok: true });
    expect(await a.read('k')).toEqual({ n: 2 });
  });

  test('a failed one tells nobody', async () => {
    const { a, b } = await groupOf(homeProtocol());
    await a.write('k', 1);
    await b.read('k'); // What home answers comes after its news.
    const heard: unknown[] = [];
    for (const memory of [a, b]) memory.onChange('*', ({ value }) => heard.push(value));
    await b.compareAndSwap('k', 2, 'lost');
    await b.writeIf('k', '', 'lost');
    await b.deleteIf('k', 'another');
    await b.compareAndSwap('k', 1, 'won');
    await eventually(() => expect(heard).toHaveLength(2));
    expect(heard).toEqual(['won', 'won']);
  });
});

describe('writeIf and deleteIf', () => {
  test('go by version, so that A-B-A is seen', async () => {
    const { a, b } = await groupOf(homeProtocol());
    const first = await a.write('k', 'A');
    await b.write('k', 'B');
    const third = await b.write('k', 'A');
    const lost = { ok: false, current: { key: 'k', value: 'A', version: third } };
    expect(await a.writeIf('k', first, 'C')).toStrictEqual(lost);
    expect(await a.deleteIf('k', first)).toStrictEqual(lost);
    const won = await a.writeIf('k', third, 'C');
    expect(won).toStrictEqual({ ok: true, version: (await b.entry('k')).version });
  });

  test('the version of nothing creates, and matches nothing else', async () => {
    const { a, b } = await groupOf(homeProtocol());
    expect(await a.writeIf('k', '', 1)).toMatchObject({ ok: true });
    expect(await a.writeIf('k', '', 2)).toMatchObject({ ok: false, current: { value: 1 } });
    expect(await a.deleteIf('k', '')).toMatchObject({ ok: false, current: { value: 1 } });
    const { version } = await b.entry('k');
    expect(await b.deleteIf('k', version)).toStrictEqual({ ok: true, version: '' });
    expect(await a.entry('k')).toMatchObject({ value: undefined, version: '' });
    expect(await b.deleteIf('k', version)).toMatchObject({ ok: false, current: { version: '' } });
    expect(await b.writeIf('k', '', 3)).toMatchObject({ ok: true });
  });
});

describe('update', () => {
  test('reads, applies the function and writes', async () => {
    const { a, b } = await groupOf(homeProtocol());
    const created = await a.update('k', (n) => [typeof n]);
    expect(created).toStrictEqual({ key: 'k', value: ['undefined'], version: expect.any(String) });
    expect(await b.entry('k')).toStrictEqual(created);
    expect((await b.update('k', (n) => [n, 1])).value).toEqual([['undefined'], 1]);
  });

  test('under contention every update takes effect exactly once', async () => {
    const { a, b, c } = await groupOf(homeProtocol());
    const each = 40;
    let calls = 0;
    const add = async (n: unknown) => {
      calls += 1;
      if (calls % 3 === 0) await null;
      return ((n as number | undefined) ?? 0) + 1;
    };
    const many = [a, b, c].flatMap((memory) =>
      Array.from({ length: each }, () => memory.update('counter', add)),
    );
    const values = (await Promise.all(many)).map(({ value }) => value as number);
    expect(await b.read('counter')).toBe(3 * each);
    expect(values.sort((x, y) => x - y)).toEqual(Array.from({ length: 3 * each }, (_, n) => n + 1));
    expect(calls).toBeGreaterThan(3 * each);
  });

  test('a retry is given the entry that came between', async () => {
    const { a, b } = await groupOf(homeProtocol());
    await a.write('k', 1);
    const seen: unknown[] = [];
    const entry = await b.update('k', async (n) => {
      seen.push(n);
      if (seen.length === 1) await a.write('k', 10);
      return (n as number) + 1;
    });
    expect(seen).toEqual([1, 10]);
    expect(entry).toStrictEqual(await a.entry('k'));
    expect(entry.value).toBe(11);
  });

  test.each([
    [
      'throws',
      () => {
        throw new RangeError('no');
      },
    ],
    ['rejects', () => Promise.reject(new RangeError('no'))],
  ])('applies nothing where the function %s', async (_, fn) => {
    const { a, b } = await groupOf(homeProtocol());
    const version = await a.write('k', 1);
    expect(await rejection(b.update('k', fn))).toEqual(new RangeError('no'));
    expect(await a.entry('k')).toEqual({ key: 'k', value: 1, version });
    expect(b.metrics().operationsPending).toBe(0);
  });

  test.each([undefined, () => 1, Symbol('s')])('applies nothing where it returns %s', async (returned) => {
    const { a, b } = await groupOf(homeProtocol());
    await a.write('k', 1);
    expect(await rejection(b.update('k', () => returned))).toMatchObject({ code: 'DSM_INVALID_VALUE' });
    expect(await a.read('k')).toBe(1);
  });

  test('the function may change what it is given, and the entry is the caller’s', async () => {
    const { a, b } = await groupOf(homeProtocol());
    await a.write('k', { list: [1] });
    const kept = { list: [0] };
    const entry = await b.update('k', (value) => {
      const { list } = value as { list: number[] };
      list.push(2);
      kept.list = list;
      return kept;
    });
    expect(entry.value).toEqual({ list: [1, 2] });
    expect(entry.value).not.toBe(kept);
    kept.list.push(3);
    (entry.value as { list: number[] }).list.push(4);
    expect(await a.read('k')).toEqual({ list: [1, 2] });
  });

  test('ends in time although its function does not', async () => {
    const { a } = await groupOf(homeProtocol());
    const never = () => new Promise<never>(() => undefined);
    const error = await rejection(a.update('k', never, { timeout: 20 }));
    expect(error).toMatchObject({ code: 'DSM_TIMEOUT', outcome: 'not-applied' });
    expect((error as Error).message).toContain('function');

    const controller = new AbortController();
    const aborted = rejection(a.update('k', never, { signal: controller.signal }));
    const closed = rejection(a.update('k', never));
    await eventually(() => expect(a.metrics().operations.read.ok).toBe(3));
    controller.abort('enough');
    expect(await aborted).toBe('enough');
    await a.close();
    expect(await closed).toMatchObject({ code: 'DSM_CLOSED', outcome: 'not-applied' });
  });

  test('one that answers too late is not applied', async () => {
    const { a } = await groupOf(homeProtocol());
    let answer: (value: number) => void = () => undefined;
    const late = new Promise<number>((resolve) => {
      answer = resolve;
    });
    await rejection(a.update('k', () => late, { timeout: 20 }));
    answer(1);
    await a.write('other', 1);
    expect(await a.read('k')).toBeUndefined();
    expect(a.metrics().operationsPending).toBe(0);
  });

  test('its time limit is one for all attempts, however short they are', async () => {
    const { a } = await groupOf(homeProtocol());
    const beganMs = performance.now();
    let calls = 0;
    // At home itself every attempt takes but a moment, and each finds that somebody came between.
    const interfered = async () => {
      calls += 1;
      if (performance.now() - beganMs < 2_000) await a.write('k', -calls);
      return calls;
    };
    const error = await rejection(a.update('k', interfered, { timeout: 50 }));
    expect(error).toMatchObject({ code: 'DSM_TIMEOUT', outcome: 'not-applied' });
    // It ends between two attempts, or within one, which had been given what was left.
    expect((error as Error).message).toMatch(
      /^the (update did not succeed|swap did not complete|read did not complete) within \d+ ms/,
    );
    expect(calls).toBeGreaterThan(1);
    expect(await a.read('k')).toBeLessThan(0);
  });

  test('an abort before it begins', async () => {
    const { a } = await groupOf(homeProtocol());
    const update = a.update('k', () => 1, { signal: AbortSignal.abort('early') });
    expect(await rejection(update)).toBe('early');
    expect(await a.read('k')).toBeUndefined();
  });
});
