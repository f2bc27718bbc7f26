import { EventEmitter, once } from 'node:events';
import { afterEach, describe, expect, test } from 'vitest';
import { encodeValue } from '../../src/codec/value.js';
import { joinEngine } from '../../src/engine/join-engine.js';
import { ABSENT } from '../../src/protocol.js';
import { eventually } from '../memory/fixtures/group-of.js';
import { Shelf } from './fixtures/shelf.js';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function stage(held: Readonly<Record<string, unknown>> = {}, timeout?: number) {
  const shelf = new Shelf();
  for (const [key, value] of Object.entries(held)) put(shelf, key, value);
  const memory = await joinEngine()(shelf.engine(), { id: 'a', timeout });
  closing.push(() => memory.close());
  return { shelf, memory };
}

/** As another client would write it. */
function put(shelf: Shelf, key: string, value: unknown): void {
  shelf.put(key, value === undefined ? ABSENT : encodeValue(value, 1_000));
}

/** While nobody is connected. */
function unseen(shelf: Shelf, changes: Readonly<Record<string, unknown>>): void {
  shelf.cut();
  for (const [key, value] of Object.entries(changes)) put(shelf, key, value);
}

async function next(watch: AsyncIterator<{ key: string; value: unknown }>): Promise<[string, unknown]> {
  const { done, value } = await watch.next();
  if (done) throw new Error('the watch has ended');
  return [value.key, value.value];
}

describe('watching a server', () => {
  test('shows what there is, then what changes', async () => {
    const { shelf, memory } = await stage({ 'user:1': 'one', 'user:2': 'two', other: 0 });
    const watch = memory.watch('user:*');
    expect([await next(watch), await next(watch)]).toEqual([
      ['user:1', 'one'],
      ['user:2', 'two'],
    ]);
    put(shelf, 'other', 1);
    put(shelf, 'user:3', 'three');
    expect(await next(watch)).toEqual(['user:3', 'three']);
    put(shelf, 'user:3', undefined);
    expect(await next(watch)).toEqual(['user:3', undefined]);
  });

  test('shows after a break what changed, appeared and vanished meanwhile, and nothing else', async () => {
    const { shelf, memory } = await stage({ a: 1, b: 1, c: 1 });
    const watch = memory.watch('*');
    for (const key of ['a', 'b', 'c']) expect(await next(watch)).toEqual([key, 1]);
    unseen(shelf, { a: 2, b: undefined, d: 1 });
    const shown = new Map([await next(watch), await next(watch), await next(watch)]);
    expect(shown).toEqual(
      new Map<string, unknown>([
        ['a', 2],
        ['b', undefined],
        ['d', 1],
      ]),
    );
    put(shelf, 'c', 2);
    expect(await next(watch)).toEqual(['c', 2]);
  });

  test('shows one key after a break', async () => {
    const { shelf, memory } = await stage({ k: 1 });
    const watch = memory.watch('k');
    expect(await next(watch)).toEqual(['k', 1]);
    unseen(shelf, { k: 2 });
    expect(await next(watch)).toEqual(['k', 2]);
  });

  test('tells a listener of what vanished, though it was never told of it before', async () => {
    const { shelf, memory } = await stage({ 'user:1': 1, 'user:2': 1 });
    const heard = new Map<string, unknown>();
    memory.onChange('user:*', ({ key, value }) => heard.set(key, value));
    await memory.keys();
    expect([...heard]).toEqual([]);
    unseen(shelf, { 'user:1': undefined });
    await eventually(() => expect([...heard.keys()].toSorted()).toEqual(['user:1', 'user:2']));
    expect(heard.get('user:1')).toBeUndefined();
  });

  test('tells a listener of other keys where one cannot be read, and counts that', async () => {
    const { shelf, memory } = await stage();
    const heard: string[] = [];
    memory.onChange('*', ({ key }) => heard.push(key));
    shelf.put('foreign', new Uint8Array([255]));
    put(shelf, 'ours', 1);
    await eventually(() => expect(heard).toEqual(['ours']));
    put(shelf, 'foreign', 'ours now');
    await eventually(() => expect(heard).toEqual(['ours', 'foreign']));
    expect(memory.metrics().listenerErrors).toBe(1);
    // A watch says so instead.
    shelf.put('foreign', new Uint8Array([255]));
    await expect(next(memory.watch('foreign'))).rejects.toMatchObject({ code: 'DSM_INVALID_VALUE' });
  });

  test('begins while the server is away', async () => {
    const { shelf, memory } = await stage({ k: 1 });
    shelf.unreachable = new Error('refused');
    shelf.cut();
    const family = next(memory.watch('*'));
    const key = next(memory.watch('k'));
    shelf.unreachable = undefined;
    expect([await family, await key]).toEqual([
      ['k', 1],
      ['k', 1],
    ]);
  });

  test('lists again until the server has listed', async () => {
    const { shelf, memory } = await stage({ k: 1 });
    shelf.fate = 'break';
    const family = next(memory.watch('*'));
    await new Promise((resolve) => setImmediate(resolve));
    shelf.fate = 'answer';
    expect(await family).toEqual(['k', 1]);
  });

  test('waits for a list for as long as it takes, and meanwhile shows what has changed of what is known', async () => {
    const { shelf, memory } = await stage({ a: 1 }, 20);
    const watch = memory.watch('*');
    expect(await next(watch)).toEqual(['a', 1]);
    const answer = new EventEmitter();
    shelf.slowly = once(answer, 'now');
    unseen(shelf, { a: 2, b: 1 });
    expect(await next(watch)).toEqual(['a', 2]);
    const { listings } = shelf;
    // By the time that somebody who does not wait so long has given up, it is not asked once more.
    await expect(memory.keys()).rejects.toMatchObject({ code: 'DSM_TIMEOUT' });
    expect(shelf.listings).toBe(listings + 1);
    answer.emit('now');
    expect(await next(watch)).toEqual(['b', 1]);
  });

  test('lists nothing for those who gave up before it could', async () => {
    const { shelf, memory } = await stage({}, 20);
    shelf.unreachable = new Error('refused');
    shelf.cut();
    await expect(memory.keys()).rejects.toMatchObject({ code: 'DSM_UNAVAILABLE' });
    shelf.unreachable = undefined;
    await eventually(() => expect(memory.status().state).toBe('ready'));
    expect(shelf.listings).toBe(0);
    expect(await memory.keys()).toEqual([]);
  });

  test('reads everything again when the server says that anything may have changed', async () => {
    const { shelf, memory } = await stage({ k: 1 });
    const watch = memory.watch('*');
    expect(await next(watch)).toEqual(['k', 1]);
    shelf.entries.clear();
    for (const { how } of shelf.connections) how.changed();
    expect(await next(watch)).toEqual(['k', undefined]);
  });

  test('ends with the watch: nothing is asked any more', async () => {
    const { shelf, memory } = await stage({ k: 1 });
    const off = memory.onChange('*', () => undefined);
    const watch = memory.watch('*');
    await next(watch);
    await watch.return?.();
    off();
    expect(memory.metrics().watchers).toBe(0);
    shelf.cut();
    await eventually(() => expect(memory.status().state).toBe('ready'));
    expect(memory.metrics().operations.read.ok).toBe(1);
  });
});
