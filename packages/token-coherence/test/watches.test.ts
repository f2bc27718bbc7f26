import { memoryNetwork } from '@dsm/core';
import { afterEach, describe, expect, test } from 'vitest';
import { join, tokenCoherence } from '../src/index.js';
import { Group } from './fixtures/group.js';

describe('with update', () => {
  test('a change is told with its value, where it may be read', () => {
    const group = new Group();
    group.write(1, 'one');
    while (!group.sent.some(({ message }) => message.type === 'share')) {
      group.deliver(...(group.ways()[0] as [number, number]));
    }
    // Everybody keeps it, and the writer alone may read it.
    expect(group.changes).toEqual([[], [{ key: 'x', text: 'one' }], []]);
    group.settle();
    for (const changes of group.changes) expect(changes).toEqual([{ key: 'x', text: 'one' }]);
  });

  test('writes that share a round are one change; a swap that fails is none', () => {
    const group = new Group();
    for (const text of ['one', 'two', 'three']) group.write(1, text);
    group.settle();
    group.swap(2, 'other', 'four');
    group.settle();
    for (const changes of group.changes) expect(changes.at(-1)).toEqual({ key: 'x', text: 'three' });
    // The first had nobody to share with: it asked, and the others came meanwhile.
    expect(group.changes.map((changes) => changes.length)).toEqual([1, 1, 1]);
  });
});

describe('with migrate', () => {
  test('a member whose copy was taken is told when the writer has done', () => {
    const group = new Group({ writes: 'migrate' });
    group.write(0, 'one');
    for (const slot of [1, 2]) group.read(slot);
    group.settle();
    for (const changes of group.changes) changes.splice(0);
    group.write(1, 'two');
    group.settle();
    expect(group.changes).toEqual([
      [{ key: 'x', text: null }],
      [{ key: 'x', text: 'two' }],
      [{ key: 'x', text: null }],
    ]);
    expect(group.texts()).toEqual([null, 'two', null]);
  });

  test('a swap that fails takes copies away without news, so the write after it is told', () => {
    const group = new Group({ writes: 'migrate' });
    group.write(0, 'one');
    for (const slot of [1, 2]) group.read(slot);
    group.settle();
    for (const changes of group.changes) changes.splice(0);
    group.swap(1, 'other', 'never');
    group.settle();
    expect(group.changes).toEqual([[], [], []]);
    group.write(1, 'two');
    group.settle();
    const news = { key: 'x', text: null };
    expect(group.changes).toEqual([[news], [{ key: 'x', text: 'two' }], [news]]);
    // Who was told and did not read has nothing that could be out of date.
    group.write(1, 'three');
    group.settle();
    expect([group.changes[0], group.changes[2]]).toEqual([[news], [news]]);
  });

  test('one that fails where all tokens are takes nothing, and the write after it needs no message', () => {
    const group = new Group({ writes: 'migrate' });
    group.write(0, 'one');
    group.swap(0, 'other', 'never');
    group.swap(1, 'other', 'never');
    group.settle();
    group.write(2, 'two');
    group.settle();
    const { length } = group.sent;
    group.write(2, 'three');
    group.swap(2, 'other', 'never');
    group.write(2, 'four');
    group.settle();
    expect(group.sent).toHaveLength(length);
  });

  test('whoever has no copy is not told of what needs no message, and of what follows its next read', () => {
    const group = new Group({ writes: 'migrate' });
    group.write(1, 'one');
    group.settle();
    for (const changes of group.changes) changes.splice(0);
    group.write(1, 'two');
    group.settle();
    expect(group.changes[2]).toEqual([]);
    group.read(2);
    group.settle();
    group.write(1, 'three');
    group.settle();
    expect(group.changes[2]).toContainEqual({ key: 'x', text: null });
  });
});

let ending: (() => Promise<unknown>) | undefined;
afterEach(() => ending?.());

test.each(['update', 'migrate'] as const)('every watcher comes to the last value (%s)', async (writes) => {
  const members = { a: 'memory:a', b: 'memory:b', c: 'memory:c' };
  const transport = memoryNetwork();
  const group = await Promise.all(
    Object.keys(members).map((id) => join(tokenCoherence({ writes }), { id, members, transport })),
  );
  ending = () => Promise.all(group.map((memory) => memory.close()));
  const seen = group.map(async (memory) => {
    const shown: number[] = [];
    for await (const { value } of memory.watch('count')) {
      if (value !== undefined) shown.push(Number(value));
      if (value === 60) return shown;
    }
    return shown;
  });
  const counts = group.map(async (memory) => {
    for (let left = 20; left > 0; left -= 1) await memory.update('count', (count) => Number(count ?? 0) + 1);
  });
  await Promise.all(counts);
  for (const shown of await Promise.all(seen)) {
    expect(shown).toEqual(shown.toSorted((one, other) => one - other));
    expect(new Set(shown).size).toBe(shown.length);
  }
});

test.each(['x', '*'])('who only listens to %s hears of writes that need no message', async (pattern) => {
  const members = { a: 'memory:a', b: 'memory:b', c: 'memory:c' };
  const transport = memoryNetwork();
  const group = await Promise.all(
    Object.keys(members).map((id) => join(tokenCoherence({ writes: 'migrate' }), { id, members, transport })),
  );
  ending = () => Promise.all(group.map((memory) => memory.close()));
  const [writer, other] = group as [(typeof group)[number], (typeof group)[number]];
  // From now on the writer has all tokens, and nobody else has ever read the key.
  await writer.write('x', 0);
  await expect.poll(() => other.keys()).toEqual(['x']);
  const heard: unknown[] = [];
  other.onChange(pattern, ({ value }) => heard.push(value));
  // The listener is told of what comes after; each time it reads, and the next write has to ask it.
  await expect.poll(() => other.metrics().operations.read.ok).toBeGreaterThan(0);
  for (const value of [1, 2, 3]) {
    await writer.compareAndSwap('x', 'other', 'never');
    await writer.write('x', value);
    await expect.poll(() => heard.at(-1)).toBe(value);
  }
});
