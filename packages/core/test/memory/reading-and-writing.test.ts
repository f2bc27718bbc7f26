import { describe, expect, test } from 'vitest';
import { joinVia } from '../../src/memory/join.js';
import { memoryNetwork } from '../../src/transport/memory.js';
import { eventually, groupOf } from './fixtures/group-of.js';
import { homeProtocol } from './fixtures/home-protocol.js';

const everyKind = () => ({
  nothing: null,
  yes: true,
  numbers: [0, 1.5, -1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53],
  text: 'ünï',
  large: 2n ** 100n,
  at: new Date(86_400_000),
  map: new Map<unknown, unknown>([
    [1, 'one'],
    ['set', new Set([1, 2])],
  ]),
  bytes: new Uint8Array([1, 2, 255]),
  floats: new Float64Array([0.1, -0]),
});

describe('reading and writing', () => {
  test('what one member wrote, every member reads', async () => {
    const { a, b, c } = await groupOf(homeProtocol());
    await b.write('counter', 10);
    expect(await Promise.all([a, b, c].map((memory) => memory.read('counter')))).toEqual([10, 10, 10]);
    expect(await c.read('other')).toBeUndefined();
  });

  test('values of every kind come back as they were', async () => {
    const { a, b } = await groupOf(homeProtocol());
    await a.write('all', everyKind());
    const read = await b.read('all');
    expect(read).toStrictEqual(everyKind());
    for (const value of [null, false, 0, '', Number.NaN, -0, 1n]) {
      await a.write('one', value);
      expect(Object.is(await b.read('one'), value)).toBe(true);
    }
  });

  test('an entry has key, value and the version that the write gave', async () => {
    const { a, b } = await groupOf(homeProtocol());
    const first = await a.write('k', 'v');
    expect(typeof first).toBe('string');
    expect(first).not.toBe('');
    expect(await b.entry('k')).toStrictEqual({ key: 'k', value: 'v', version: first });

    const second = await b.write('k', 'v');
    expect(second).not.toBe(first);
    expect((await a.entry('k')).version).toBe(second);
  });

  test('an absent entry has no value and the version of nothing', async () => {
    const { a, b } = await groupOf(homeProtocol());
    const absent = { key: 'k', value: undefined, version: '' };
    expect(await a.entry('k')).toStrictEqual(absent);
    await a.write('k', null);
    expect(await b.read('k')).toBeNull();
    expect(await b.delete('k')).toBe('');
    expect(await a.entry('k')).toStrictEqual(absent);
    expect(await a.read('k')).toBeUndefined();
    expect(await a.delete('never written')).toBe('');
  });

  test('a value may be changed as soon as it was given', async () => {
    const { a, b } = await groupOf(homeProtocol());
    const value = { list: [1], bytes: new Uint8Array([1]), map: new Map([['k', 1]]) };
    const written = a.write('k', value);
    value.list.push(2);
    value.bytes[0] = 9;
    value.map.set('k', 9);
    await written;
    expect(await b.read('k')).toStrictEqual({
      list: [1],
      bytes: new Uint8Array([1]),
      map: new Map([['k', 1]]),
    });
  });

  test('what is read belongs to the reader, also at the member that holds it', async () => {
    const { a } = await groupOf(homeProtocol());
    await a.write('k', { list: [1], bytes: new Uint8Array([1]) });
    for (let round = 0; round < 2; round += 1) {
      const value = (await a.read('k')) as { list: number[]; bytes: Uint8Array };
      expect(value).toStrictEqual({ list: [1], bytes: new Uint8Array([1]) });
      value.list.push(2);
      value.bytes[0] = 9;
      const entry = await a.entry('k');
      (entry.value as { list: number[] }).list.push(3);
    }
  });

  test('operations of one member take effect in the order in which they were begun', async () => {
    const { a, b } = await groupOf(homeProtocol());
    const writes = Array.from({ length: 100 }, (_, index) => b.write('k', index));
    const read = b.read('k');
    await Promise.all(writes);
    expect(await read).toBe(99);
    expect(await a.read('k')).toBe(99);
  });

  test('keys as long as they may be, and odd ones', async () => {
    const { a, b } = await groupOf(homeProtocol());
    for (const key of ['x'.repeat(1024), '€'.repeat(341), '*a', 'a*b', '__proto__', ' ', '🦆'.repeat(256)]) {
      await a.write(key, key);
      expect(await b.read(key)).toBe(key);
    }
  });

  test('a limit of its own for keys and values', async () => {
    const { a } = await groupOf(homeProtocol(), { limits: { keyBytesMax: 4, valueBytesMax: 5 } });
    await a.write('four', 'four');
    await expect(a.write('fiver', 1)).rejects.toMatchObject({ code: 'DSM_INVALID_KEY' });
    await expect(a.write('k', 'fiver')).rejects.toMatchObject({ code: 'DSM_INVALID_VALUE' });
    await expect(a.compareAndSwap('k', 'fiver', 1)).rejects.toMatchObject({ code: 'DSM_INVALID_VALUE' });
  });
});

describe('keys', () => {
  test('names those that have a value, all or of a family', async () => {
    const { a, b } = await groupOf(homeProtocol());
    await Promise.all(['user:1', 'user:2', 'use', 'other'].map((key) => a.write(key, 1)));
    await a.delete('user:2');
    await eventually(async () => expect((await b.keys()).sort()).toEqual(['other', 'use', 'user:1']));
    expect((await b.keys('*')).sort()).toEqual(['other', 'use', 'user:1']);
    expect(await b.keys('user:*')).toEqual(['user:1']);
    expect((await b.keys('use*')).sort()).toEqual(['use', 'user:1']);
    expect(await b.keys('use')).toEqual(['use']);
    expect(await b.keys('user:2')).toEqual([]);
  });

  test('the list belongs to the caller', async () => {
    const { a } = await groupOf(homeProtocol());
    await a.write('k', 1);
    (await a.keys()).push('mine');
    expect(await a.keys()).toEqual(['k']);
  });
});

describe('a group of one', () => {
  test('serves itself', async () => {
    const join = joinVia(async () => memoryNetwork());
    await using memory = await join(homeProtocol(), { id: 'only', members: { only: 'memory://only' } });
    await memory.write('k', 1);
    expect(await memory.read('k')).toBe(1);
    expect(memory.status().peers).toEqual({});
  });
});
