import { describe, expect, test } from 'vitest';
import type { Entry } from '../../src/memory/shared-memory.js';
import { eventually, groupOf, rejection } from './fixtures/group-of.js';
import { homeProtocol } from './fixtures/home-protocol.js';

async function take(watch: AsyncIterator<Entry>, count: number): Promise<unknown[]> {
  const values: unknown[] = [];
  for (let left = count; left > 0; left -= 1) values.push((await watch.next()).value?.value);
  return values;
}

describe('watch with every', () => {
  test('yields the current entry when it is first asked, and nothing that led up to it', async () => {
    const { a, b, c } = await groupOf(homeProtocol());
    await a.write('k', 0);
    await b.read('k');
    const watch = b.watch('k', { every: true });
    for (let n = 1; n <= 50; n += 1) await (n % 2 === 0 ? a : c).write('k', n);
    await b.read('k');
    expect(await take(watch, 1)).toEqual([50]);
    await a.write('k', 51);
    await a.write('k', 52);
    expect(await take(watch, 2)).toEqual([51, 52]);
  });

  test('yields each change after the first look', async () => {
    const { a, b } = await groupOf(homeProtocol());
    const watch = b.watch('k', { every: true });
    expect(await take(watch, 1)).toEqual([undefined]);
    const values = [1, 2, 2, undefined, 3, undefined, undefined, 4];
    for (const value of values) {
      await (value === undefined ? a.delete('k') : a.write('k', value));
    }
    await a.write('other', 'no');
    expect(await take(watch, values.length)).toEqual(values);
  });

  test('members see the same order', async () => {
    const { a, b, c } = await groupOf(homeProtocol());
    const watches = [a, b, c].map((memory) => memory.watch('*', { every: true }));
    const writes = [a, b, c].flatMap((memory, who) =>
      Array.from({ length: 30 }, (_, n) => memory.write(`k${n % 3}`, who * 100 + n)),
    );
    const [one, ...others] = await Promise.all(watches.map((watch) => take(watch, 90)));
    await Promise.all(writes);
    expect(new Set(one).size).toBe(90);
    for (const other of others) expect(other).toEqual(one);
  });

  test('fails past its bound, once, and keeps nothing', async () => {
    const { a, b } = await groupOf(homeProtocol(), { limits: { watchPendingMax: 3 } });
    const watch = b.watch('k', { every: true });
    const within = b.watch('k', { every: true });
    expect(await take(watch, 1)).toEqual([undefined]);
    expect(await take(within, 1)).toEqual([undefined]);
    for (let n = 1; n <= 3; n += 1) await a.write('k', n);
    await b.read('k');
    expect(await take(within, 3)).toEqual([1, 2, 3]);
    await a.write('k', 4);
    await b.read('k');
    const error = await rejection(watch.next());
    expect(error).toMatchObject({ code: 'DSM_OVERFLOW', message: expect.stringContaining('3') });
    expect(await watch.next()).toEqual({ done: true, value: undefined });
    expect(await take(within, 1)).toEqual([4]);
    expect(b.metrics().watchers).toBe(1);
  });

  test('what it yields belongs to the consumer', async () => {
    const { a } = await groupOf(homeProtocol());
    const watches = [a.watch('k', { every: true }), a.watch('k', { every: true })];
    for (const watch of watches) await watch.next();
    await a.write('k', { list: [1] });
    for (const watch of watches) {
      const [value] = (await take(watch, 1)) as [{ list: number[] }];
      expect(value).toEqual({ list: [1] });
      value.list.push(2);
    }
    expect(await a.read('k')).toEqual({ list: [1] });
  });

  test('ends by return, abort and close, with changes unread', async () => {
    const { a } = await groupOf(homeProtocol());
    const controller = new AbortController();
    const aborted = a.watch('k', { every: true, signal: controller.signal });
    const returned = a.watch('k', { every: true });
    const closed = a.watch('k', { every: true });
    for (const watch of [aborted, returned, closed]) await watch.next();
    await a.write('k', 1);
    await a.write('k', 2);
    controller.abort('enough');
    expect(await rejection(aborted.next())).toBe('enough');
    await returned.return?.();
    expect((await returned.next()).done).toBe(true);
    await a.close();
    expect((await closed.next()).done).toBe(true);
  });
});

describe('onChange', () => {
  test('is told of every change after it was called, in order', async () => {
    const { a, b } = await groupOf(homeProtocol());
    await a.write('k', 'before');
    await b.read('k');
    const heard: Entry[] = [];
    b.onChange('k', (entry) => heard.push(entry));
    const version = await a.write('k', 1);
    await a.write('other', 1);
    await a.delete('k');
    await a.write('k', 2);
    await eventually(() => expect(heard).toHaveLength(3));
    expect(heard.map(({ value }) => value)).toEqual([1, undefined, 2]);
    expect(heard[0]).toStrictEqual({ key: 'k', value: 1, version });
    expect(heard[1]).toStrictEqual({ key: 'k', value: undefined, version: '' });
  });

  test('has no bound that a burst could pass', async () => {
    const { a, b } = await groupOf(homeProtocol(), { limits: { watchPendingMax: 1 } });
    const heard: unknown[] = [];
    b.onChange('*', ({ value }) => heard.push(value));
    const values = Array.from({ length: 100 }, (_, n) => n);
    await Promise.all(values.map((n) => a.write('k', n)));
    await eventually(() => expect(heard).toEqual(values));
  });

  test('listeners are told in the order in which they came, each until it leaves', async () => {
    const { a } = await groupOf(homeProtocol());
    const heard: string[] = [];
    const off = a.onChange('k', ({ value }) => heard.push(`first ${value}`));
    a.onChange('*', ({ value }) => heard.push(`family ${value}`));
    a.onChange('k', ({ value }) => heard.push(`second ${value}`));
    await a.write('k', 1);
    await eventually(() => expect(heard).toHaveLength(3));
    off();
    off();
    await a.write('k', 2);
    await eventually(() => expect(heard).toHaveLength(5));
    expect(heard.filter((text) => !text.startsWith('family'))).toEqual(['first 1', 'second 1', 'second 2']);
    expect(heard.filter((text) => text.startsWith('family'))).toEqual(['family 1', 'family 2']);
    expect(a.metrics().watchers).toBe(2);
  });

  test('nothing is told once it was unsubscribed, not even what is on its way', async () => {
    const { a } = await groupOf(homeProtocol());
    const heard: unknown[] = [];
    const offs: (() => void)[] = [];
    // Each leaves when it is told, and takes the next one, which is told in the same turn, with it.
    for (const which of [0, 1]) {
      const off = a.onChange('k', () => {
        heard.push(which);
        for (const each of offs) each();
      });
      offs.push(off);
    }
    await a.write('k', 1);
    await eventually(() => expect(heard).toHaveLength(1));
    await a.write('k', 2);
    await a.read('k');
    expect(heard).toEqual([0]);
    expect(a.metrics().watchers).toBe(0);
  });

  test('one that throws, or rejects, is counted and disturbs nobody', async () => {
    const { a } = await groupOf(homeProtocol());
    const heard: unknown[] = [];
    a.onChange('k', () => {
      throw new Error('thrown');
    });
    a.onChange('k', async () => {
      await null;
      throw new Error('rejected');
    });
    a.onChange('k', ({ value }) => heard.push(value));
    await a.write('k', 1);
    await a.write('k', 2);
    await eventually(() => expect(heard).toEqual([1, 2]));
    await eventually(() => expect(a.metrics().listenerErrors).toBe(4));
    expect(await a.read('k')).toBe(2);
  });

  test('a listener may use the memory, and close it', async () => {
    const { a, b } = await groupOf(homeProtocol());
    const heard: unknown[] = [];
    b.onChange('k', async ({ value }) => {
      heard.push(value);
      if (value === 3) return b.close();
      await b.write('k', (value as number) + 1);
    });
    await a.write('k', 1);
    await eventually(() => expect(b.status().state).toBe('closed'));
    expect(heard).toEqual([1, 2, 3]);
    expect(await a.read('k')).toBe(3);
    expect(b.metrics().listenerErrors).toBe(0);
  });

  test('where only the newest is known, is told of that', async () => {
    const { a, b } = await groupOf(homeProtocol({ changes: 'newest' }));
    const heard: unknown[] = [];
    b.onChange('user:*', ({ key, value }) => heard.push([key, value]));
    await a.write('user:1', 1);
    await eventually(() => expect(heard).toEqual([['user:1', 1]]));
    await a.write('other', 1);
    await a.delete('user:1');
    await eventually(() => expect(heard.at(-1)).toEqual(['user:1', undefined]));
    expect(heard).toHaveLength(2);
  });

  test('of a key that was there before, a delete is told too', async () => {
    const { a, b } = await groupOf(homeProtocol({ changes: 'newest' }));
    await a.write('user:1', 1);
    await b.read('user:1');
    const heard: unknown[] = [];
    b.onChange('user:*', ({ key, version }) => heard.push([key, version]));
    await a.delete('user:1');
    await eventually(() => expect(heard).toEqual([['user:1', '']]));
  });
});
