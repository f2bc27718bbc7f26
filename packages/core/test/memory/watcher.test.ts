import { describe, expect, test } from 'vitest';
import { encodeValue } from '../../src/codec/value.js';
import { DsmError } from '../../src/error.js';
import { onAbort } from '../../src/memory/abort.js';
import type { Entry } from '../../src/memory/shared-memory.js';
import { Watching } from '../../src/memory/watching.js';
import { ABSENT, type RawEntry } from '../../src/protocol.js';
import { CountingWorld } from './fixtures/counting-world.js';
import { eventually, rejection } from './fixtures/group-of.js';

const raw = (version: number, absent = false): RawEntry => ({
  value: absent ? ABSENT : encodeValue(version, 100),
  version,
});
const entryOf = (key: string, { value, version }: RawEntry): Entry =>
  value === ABSENT ? { key, value: undefined, version: '' } : { key, value: version, version: `${version}` };

/** Watching over a memory whose reads the test answers. */
function stage(known: readonly string[] = [], readersOnly = false) {
  const reads: { key: string; answer: (entry: RawEntry) => void; fail: (error: unknown) => void }[] = [];
  const world = new CountingWorld();
  const watching = new Watching({
    read: (key, signal, answered) =>
      new Promise((resolve, reject) => {
        onAbort(signal, () => reject(signal.reason));
        const answer = (entry: RawEntry) => {
          answered();
          resolve(entryOf(key, entry));
        };
        reads.push({ key, answer, fail: reject });
      }),
    entry: entryOf,
    keys: () => known,
    readersOnly,
    timeoutMs: 5_000,
    timeoutCode: () => 'DSM_TIMEOUT',
    world,
  });
  const read = async (index: number) => {
    await eventually(() => expect(reads.length).toBeGreaterThan(index));
    return reads[index] as (typeof reads)[number];
  };
  return { watching, reads, read, world };
}

const shown = async (watch: AsyncIterator<Entry>) => (await watch.next()).value?.version;

describe('a watcher of every change', () => {
  test('skips the changes that the first look has seen, and no other', async () => {
    const { watching, read } = stage();
    const watch = watching.watch('k', 10, undefined);
    const first = shown(watch);
    const look = await read(0);
    for (const version of [1, 2, 3]) watching.changed('k', raw(version));
    look.answer(raw(2));
    watching.changed('k', raw(4));
    expect([await first, await shown(watch), await shown(watch)]).toEqual(['2', '3', '4']);
  });

  test('loses no change that came behind its first look, though both found nothing', async () => {
    const { watching, read } = stage();
    const watch = watching.watch('k', 10, undefined);
    const first = shown(watch);
    (await read(0)).answer(raw(0, true));
    // In the same turn, before the watcher goes on: written, and deleted again.
    watching.changed('k', raw(1));
    watching.changed('k', raw(2, true));
    expect([await first, await shown(watch), await shown(watch)]).toEqual(['', '1', '']);
  });

  test('of a family looks at each key, and keeps the changes of others', async () => {
    const { watching, read } = stage(['a', 'b']);
    const watch = watching.watch('*', 10, undefined);
    const first = shown(watch);
    watching.changed('b', raw(1));
    watching.changed('a', raw(2));
    watching.changed('b', raw(3));
    (await read(0)).answer(raw(2));
    expect(await first).toBe('2');
    const second = shown(watch);
    (await read(1)).answer(raw(1));
    expect([await second, await shown(watch)]).toEqual(['1', '3']);
  });

  test('shows a change that it is told without its entry by reading', async () => {
    const { watching, read } = stage();
    const watch = watching.watch('k', 10, undefined);
    const first = shown(watch);
    (await read(0)).answer(raw(1));
    await first;
    watching.changed('k', undefined);
    const second = shown(watch);
    (await read(1)).answer(raw(2));
    expect(await second).toBe('2');
  });

  test('whose change cannot be decoded ends, and disturbs nobody', async () => {
    const { watching, read } = stage();
    const watch = watching.watch('k', 10, undefined);
    const first = shown(watch);
    (await read(0)).answer(raw(1));
    await first;
    const malformed: RawEntry = {
      get value(): Uint8Array {
        throw new DsmError('DSM_INVALID_VALUE', 'malformed');
      },
      version: 2,
    };
    watching.changed('k', malformed);
    expect(await rejection(watch.next())).toMatchObject({ code: 'DSM_INVALID_VALUE' });
    expect(watching.size).toBe(0);
  });
});

describe('a watcher of the newest', () => {
  test('reads once for many changes, and again for one that came while it read', async () => {
    const { watching, reads, read } = stage();
    const watch = watching.watch('k', undefined, undefined);
    const first = shown(watch);
    for (let times = 0; times < 5; times += 1) watching.changed('k', undefined);
    const look = await read(0);
    watching.changed('k', undefined);
    look.answer(raw(1));
    expect(await first).toBe('1');
    const second = shown(watch);
    (await read(1)).answer(raw(2));
    expect(await second).toBe('2');
    expect(reads).toHaveLength(2);
  });

  test('takes keys in the order in which they changed', async () => {
    const { watching, read } = stage();
    const watch = watching.watch('*', undefined, undefined);
    for (const key of ['b', 'a', 'b', 'c']) watching.changed(key, undefined);
    for (const [index, key] of ['b', 'a', 'c'].entries()) {
      const next = watch.next();
      const look = await read(index);
      expect(look.key).toBe(key);
      look.answer(raw(index + 1));
      expect((await next).value?.key).toBe(key);
    }
  });

  test('keeps no name of a key that is gone', async () => {
    const { watching, read } = stage();
    const watch = watching.watch('*', undefined, undefined);
    const remembered = () => (watch as unknown as { shown: Map<string, string> }).shown.size;
    for (let n = 0; n < 10; n += 1) {
      for (const [look, absent] of [false, true].entries()) {
        watching.changed(`k${n}`, undefined);
        const next = watch.next();
        (await read(n * 2 + look)).answer(raw(n + 1, absent));
        await next;
      }
    }
    expect(remembered()).toBe(0);
    watching.changed('k', undefined);
    const last = watch.next();
    (await read(20)).answer(raw(1));
    await last;
    expect(remembered()).toBe(1);
    await watch.return();
    expect(remembered()).toBe(0);
  });

  test('yields nothing that was read when it had ended', async () => {
    for (const end of ['return', 'abort']) {
      const { watching, read } = stage();
      const controller = new AbortController();
      const watch = watching.watch('k', undefined, controller.signal);
      const next = watch.next().catch((reason: unknown) => reason);
      (await read(0)).answer(raw(1));
      if (end === 'return') void watch.return();
      else controller.abort('enough');
      expect(await next).toEqual(end === 'return' ? { done: true, value: undefined } : 'enough');
    }
  });

  test('whose read fails throws that, once', async () => {
    const { watching, read } = stage();
    const watch = watching.watch('k', undefined, undefined);
    const next = rejection(watch.next());
    const error = new DsmError('DSM_INVALID_VALUE', 'malformed');
    (await read(0)).fail(error);
    expect(await next).toBe(error);
    expect(await watch.next()).toEqual({ done: true, value: undefined });
  });

  test('forgets what it did not yield when it ends', async () => {
    const { watching } = stage();
    const watch = watching.watch('k', 10, undefined);
    watching.changed('k', raw(1));
    const { changes, dirty } = watch as unknown as { changes: unknown[]; dirty: Set<string> };
    expect([changes.length, dirty.size]).toEqual([1, 1]);
    await watch.return();
    watching.changed('k', raw(2));
    expect((watch as unknown as { changes: unknown[] }).changes).toEqual([]);
    expect(dirty.size).toBe(0);
  });

  test('of which nothing is left when it has ended', async () => {
    const { watching } = stage();
    const watches = ['a', 'b', '*', 'a'].map((pattern) => watching.watch(pattern, undefined, undefined));
    expect(watching.size).toBe(4);
    const kept = (watching as unknown as { byKey: Map<string, unknown> }).byKey;
    expect(kept.size).toBe(2);
    for (const watch of watches) await watch.return();
    expect([watching.size, kept.size]).toEqual([0, 0]);
    // What ends it again changes nothing.
    watches[0]?.end(new Error('late'));
    expect(await watches[0]?.next()).toEqual({ done: true, value: undefined });
  });
});

describe('a watcher that is refused for too many operations', () => {
  test('reads again after a while, and not at once', async () => {
    const { watching, reads, read, world } = stage();
    const watch = watching.watch('k', undefined, undefined);
    const next = shown(watch);
    (await read(0)).fail(new DsmError('DSM_OVERLOADED', 'too many'));
    await eventually(() => expect(world.timers).toBe(1));
    expect(reads).toHaveLength(1);
    (await read(1)).answer(raw(1));
    expect(await next).toBe('1');
    expect(world.timers).toBe(0);
  });

  test('and ends meanwhile leaves no timer', async () => {
    const { watching, read, world } = stage();
    const watch = watching.watch('k', undefined, undefined);
    const next = watch.next();
    (await read(0)).fail(new DsmError('DSM_OVERLOADED', 'too many'));
    await eventually(() => expect(world.timers).toBe(1));
    await watch.return();
    expect(world.timers).toBe(0);
    (await read(1)).fail(new DsmError('DSM_CLOSED', 'closed'));
    expect(await next).toEqual({ done: true, value: undefined });
  });
});

test('a listener reads what it would not be told of otherwise, and shows nothing of that', async () => {
  const { watching, reads, read } = stage(['user:1', 'user:2', 'x'], true);
  const heard: unknown[] = [];
  const off = watching.listen('user:*', false, ({ value }) => heard.push(value));
  expect(reads.map(({ key }) => key)).toEqual(['user:1', 'user:2']);
  (await read(0)).answer({ value: new Uint8Array(), version: 7 });
  (await read(1)).fail(new Error('the member was closed'));
  await Promise.resolve();
  expect(heard).toEqual([]);
  watching.changed('user:1', undefined);
  (await read(2)).answer({ value: new Uint8Array(), version: 8 });
  await eventually(() => expect(heard).toEqual([8]));
  off();
});
