import { describe, expect, test } from 'vitest';
import type { Entry } from '../../src/memory/shared-memory.js';
import { eventually, groupOf, rejection } from './fixtures/group-of.js';
import { homeProtocol } from './fixtures/home-protocol.js';

const newest = () => homeProtocol({ changes: 'newest' });

async function next(watch: AsyncIterator<Entry>): Promise<unknown> {
  const { done, value } = await watch.next();
  return done ? 'done' : value.value;
}

/** Whether a promise is still pending after everything that could settle it at once has been done. */
async function pending(promise: Promise<unknown>): Promise<boolean> {
  const still = Symbol('still');
  const turn = new Promise((resolve) => setImmediate(resolve, still));
  return (await Promise.race([promise, turn])) === still;
}

describe('watch', () => {
  test('yields the current entry first, also an absent one, then what changes', async () => {
    const { a, b } = await groupOf(newest());
    const absent = b.watch('k');
    expect(await absent.next()).toEqual({
      done: false,
      value: { key: 'k', value: undefined, version: '' },
    });
    const version = await a.write('k', 1);
    expect(await absent.next()).toEqual({ done: false, value: { key: 'k', value: 1, version } });

    const present = b.watch('k');
    expect(await next(present)).toBe(1);
    await a.delete('k');
    expect(await next(present)).toBeUndefined();
    expect(await next(absent)).toBeUndefined();
  });

  test('is told of changes of its own member, and of no other key', async () => {
    const { a } = await groupOf(newest());
    const watch = a.watch('k');
    await watch.next();
    const parked = next(watch);
    await a.write('key', 1);
    expect(await pending(parked)).toBe(true);
    await a.write('k', 2);
    expect(await parked).toBe(2);
  });

  test('subscribes when it is called, not when it is first asked', async () => {
    const { a, b } = await groupOf(newest());
    const watch = b.watch('k');
    expect(b.metrics().watchers).toBe(1);
    await a.write('k', 1);
    await b.read('k');
    expect(await next(watch)).toBe(1);
    expect(await pending(watch.next())).toBe(true);
  });

  test('skips to the newest where the consumer is slow', async () => {
    const { a, b } = await groupOf(newest());
    const watch = b.watch('k');
    expect(await next(watch)).toBeUndefined();
    for (let n = 1; n <= 50; n += 1) await a.write('k', n);
    await eventually(async () => expect(await b.read('k')).toBe(50));
    expect(await next(watch)).toBe(50);
    expect(await pending(watch.next())).toBe(true);
  });

  test('yields nothing for a wake without a change', async () => {
    const { a } = await groupOf(newest());
    await a.write('k', 1);
    const watch = a.watch('k');
    expect(await next(watch)).toBe(1);
    const parked = next(watch);
    await a.delete('absent');
    await a.write('k', 2);
    expect(await parked).toBe(2);
    // Two deletes are one change to who watches: absent stays absent.
    const again = next(watch);
    await a.delete('k');
    expect(await again).toBeUndefined();
    const after = next(watch);
    await a.delete('k');
    expect(await pending(after)).toBe(true);
    await a.write('k', 3);
    expect(await after).toBe(3);
  });

  test('never shows a value that a read could not have returned', async () => {
    const { a, b, c } = await groupOf(newest());
    const watch = b.watch('k');
    let last = -1;
    const writing = (async () => {
      for (let n = 0; n < 100; n += 1) await (n % 2 === 0 ? a : c).write('k', n);
    })();
    while (last < 99) {
      // It is asked after this read has ended, so it shows no less; unless it showed that already and now waits.
      const floor = ((await b.read('k')) as number | undefined) ?? -1;
      const shown = floor <= last ? last : (((await next(watch)) as number | undefined) ?? -1);
      expect(shown).toBeGreaterThanOrEqual(floor);
      last = shown;
    }
    await writing;
  });

  test('answers calls of next in their order', async () => {
    const { a } = await groupOf(newest());
    const watch = a.watch('k');
    const two = [next(watch), next(watch), next(watch)];
    expect(await two[0]).toBeUndefined();
    await a.write('k', 1);
    expect(await two[1]).toBe(1);
    expect(await pending(two[2] as Promise<unknown>)).toBe(true);
    await watch.return?.();
    expect(await two[2]).toBe('done');
  });

  test('what it yields belongs to the consumer', async () => {
    const { a } = await groupOf(newest());
    await a.write('k', { list: [1] });
    const watches = [a.watch('k'), a.watch('k')];
    for (const watch of watches) {
      const value = (await next(watch)) as { list: number[] };
      expect(value).toEqual({ list: [1] });
      value.list.push(2);
    }
    expect(await a.read('k')).toEqual({ list: [1] });
  });
});

describe('a watch of a family', () => {
  test('shows the keys that are there, then what changes in it', async () => {
    const { a, b } = await groupOf(newest());
    await a.write('user:1', 'one');
    await a.write('other', 'no');
    await b.read('other');
    const watch = b.watch('user:*');
    expect(await watch.next()).toMatchObject({ value: { key: 'user:1', value: 'one' } });
    const parked = watch.next();
    await a.write('other', 'still no');
    await a.write('user:2', 'two');
    expect(await parked).toMatchObject({ value: { key: 'user:2', value: 'two' } });
    await a.delete('user:1');
    expect(await watch.next()).toMatchObject({ value: { key: 'user:1', value: undefined, version: '' } });
  });

  test('takes what it was not shown for absent', async () => {
    const { a } = await groupOf(newest());
    const watch = a.watch('*');
    await a.write('k', 1);
    await a.delete('k');
    const parked = watch.next();
    expect(await pending(parked)).toBe(true);
    await a.write('k', 2);
    expect(await parked).toMatchObject({ value: { key: 'k', value: 2 } });
    await a.delete('k');
    expect(await watch.next()).toMatchObject({ value: { key: 'k', version: '' } });
    const after = watch.next();
    await a.delete('k');
    expect(await pending(after)).toBe(true);
  });
});

describe('a watch ends', () => {
  test('by break', async () => {
    const { a } = await groupOf(newest());
    for await (const entry of a.watch('k')) {
      expect(entry.version).toBe('');
      break;
    }
    expect(a.metrics().watchers).toBe(0);
  });

  test('by return, which never waits for a next that is parked', async () => {
    const { a } = await groupOf(newest());
    const watch = a.watch('k');
    await watch.next();
    const parked = [watch.next(), watch.next()];
    expect(await watch.return?.()).toEqual({ done: true, value: undefined });
    for (const each of parked) expect(await each).toEqual({ done: true, value: undefined });
    expect(await watch.next()).toEqual({ done: true, value: undefined });
    expect(a.metrics().watchers).toBe(0);
  });

  test('by return while it reads', async () => {
    const { b, network } = await groupOf(newest());
    network.isolate('b');
    const watch = b.watch('k');
    const parked = watch.next();
    await eventually(() => expect(b.metrics().operationsPending).toBe(1));
    expect(await watch.return?.()).toEqual({ done: true, value: undefined });
    expect(await parked).toEqual({ done: true, value: undefined });
  });

  test('by disposal', async () => {
    const { a } = await groupOf(newest());
    {
      await using watch = a.watch('k');
      await watch.next();
      expect(a.metrics().watchers).toBe(1);
    }
    expect(a.metrics().watchers).toBe(0);
  });

  test('by abort, with the reason, once', async () => {
    const { a } = await groupOf(newest());
    const controller = new AbortController();
    const watch = a.watch('k', { signal: controller.signal });
    await watch.next();
    const parked = rejection(watch.next());
    const reason = { why: 'enough' };
    controller.abort(reason);
    expect(await parked).toBe(reason);
    expect(await watch.next()).toEqual({ done: true, value: undefined });
    expect(a.metrics().watchers).toBe(0);
  });

  test('by an abort that came before, or between two calls of next', async () => {
    const { a } = await groupOf(newest());
    const early = a.watch('k', { signal: AbortSignal.abort('early') });
    expect(await rejection(early.next())).toBe('early');
    expect(a.metrics().watchers).toBe(0);

    const controller = new AbortController();
    const watch = a.watch('k', { signal: controller.signal });
    controller.abort('between');
    expect(await rejection(watch.next())).toBe('between');

    const left = a.watch('k', { signal: AbortSignal.abort('unseen') });
    await left.return?.();
    expect(await left.next()).toEqual({ done: true, value: undefined });
  });

  test('by close, as done', async () => {
    const { a } = await groupOf(newest());
    const watch = a.watch('k');
    const seen: unknown[] = [];
    const watching = (async () => {
      for await (const { value } of watch) seen.push(value);
    })();
    await eventually(() => expect(seen).toHaveLength(1));
    await a.close();
    await watching;
    expect(await watch.next()).toEqual({ done: true, value: undefined });
  });

  test('and no signal remembers it', async () => {
    const { a } = await groupOf(newest());
    const { signal } = new AbortController();
    let listeners = 0;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = ((...given: Parameters<typeof add>) => {
      listeners += 1;
      add(...given);
    }) as typeof add;
    signal.removeEventListener = ((...given: Parameters<typeof remove>) => {
      listeners -= 1;
      remove(...given);
    }) as typeof remove;
    const watches = Array.from({ length: 30 }, () => a.watch('k', { signal }));
    const reads = Array.from({ length: 30 }, () => a.read('k', { signal }));
    expect(listeners).toBe(1);
    await Promise.all(reads);
    expect(listeners).toBe(1);
    for (const watch of watches) await watch.return?.();
    expect(listeners).toBe(0);
  });
});

describe('a watch goes on', () => {
  test('over a partition, without filling up the pending operations', async () => {
    const { a, b, network } = await groupOf(newest(), { timeout: 20, limits: { operationsPendingMax: 2 } });
    const watch = b.watch('k');
    expect(await next(watch)).toBeUndefined();
    network.isolate('b');
    const parked = next(b.watch('other'));
    await rejection(b.read('k'));
    await rejection(b.read('k')); // Two are held by the replica now, one of them for ever the watcher's.
    await a.write('k', 1);
    await a.write('other', 2);
    network.heal();
    expect(await next(watch)).toBe(1);
    expect(await parked).toBe(2);
    await eventually(() => expect(b.metrics().operationsPending).toBe(0));
  });

  test('while its member is overloaded', async () => {
    const { b, network } = await groupOf(newest(), { limits: { operationsPendingMax: 1 } });
    network.isolate('b');
    const held = rejection(b.read('k', { timeout: 10 }));
    const shown = next(b.watch('k'));
    const leaving = b.watch('k');
    const left = next(leaving);
    await held;
    const refused = () => b.metrics().operations.read.failed;
    const before = refused();
    await eventually(() => expect(refused()).toBeGreaterThan(before));
    await leaving.return?.();
    expect(await left).toBe('done');
    network.heal();
    expect(await shown).toBeUndefined();
  });
});
