import { memoryNetwork } from '@dsm/core';
import { describe, expect, test } from 'vitest';
import { join, type TokenCoherenceOptions, tokenCoherence } from '../src/index.js';
import { Group } from './fixtures/group.js';

// Defects of earlier programs for this problem. Each is named after what went wrong there.

const modes = ['update', 'migrate'] as const;

async function joined(size: number, options: TokenCoherenceOptions) {
  const names = ['a', 'b', 'c', 'd', 'e'].slice(0, size);
  const members = Object.fromEntries(names.map((name) => [name, `memory:${name}`]));
  const transport = memoryNetwork();
  return Promise.all(names.map((id) => join(tokenCoherence(options), { id, members, transport })));
}

describe.each(modes)('with %s', (writes) => {
  test.each([3, 4, 5])('two concurrent writers of %d members both finish', async (size) => {
    // One-shot requests that nobody repeats: each had some tokens, and both waited for the other's for ever.
    for (const readers of [0, 1, size]) {
      const group = new Group({ size, writes });
      for (let slot = 0; slot < readers; slot += 1) group.read(slot);
      group.settle();
      const [one, other] = [group.write(1, 'one'), group.write(size - 1, 'other')];
      // Both have taken half of the tokens before either hears of the other.
      for (const [from, to] of group.ways()) if (to === 0 || (to > 1 && to < size - 1)) group.drain(from, to);
      group.settle();
      expect([one, other].map(({ result }) => result?.kind)).toEqual(['written', 'written']);
      const [read] = [group.read(0)];
      group.settle();
      expect(read?.result).toMatchObject({ kind: 'read', entry: { version: 2 } });
    }
    const memories = await joined(size, { writes });
    await Promise.all(
      memories.flatMap((memory) => [1, 2, 3].map((n) => memory.write('x', `${memory.id}${n}`))),
    );
    const values = await Promise.all(memories.map((memory) => memory.read('x')));
    expect(new Set(values).size).toBe(1);
    await Promise.all(memories.map((memory) => memory.close()));
  });

  test('a group of one member works', async () => {
    // It waited for an answer of somebody.
    const [alone] = await joined(1, { writes, initial: { count: 1 } });
    expect(await alone?.read('count')).toBe(1);
    await alone?.write('count', 2);
    expect(await alone?.compareAndSwap('count', 2, 3)).toMatchObject({ ok: true });
    expect((await alone?.update('count', (count) => Number(count) + 1))?.value).toBe(4);
    await alone?.delete('count');
    expect(await alone?.read('count')).toBe(undefined);
    expect(alone?.metrics().messages.out).toMatchObject({ read: 0, write: 0 });
    await alone?.close();
  });

  test('what is read is not the live object', async () => {
    // A reader that changed it changed memory without a write.
    const memories = await joined(3, { writes });
    const [a, b] = memories;
    const written = { deep: { list: [1] } };
    await a?.write('x', written);
    written.deep.list.push(2);
    for (const memory of [a, b, a]) {
      const read = (await memory?.read('x')) as typeof written;
      expect(read).toEqual({ deep: { list: [1] } });
      read.deep.list.push(3);
    }
    await Promise.all(memories.map((memory) => memory.close()));
  });

  test('a writer that has gathered all tokens does not keep readers waiting for ever', () => {
    // Requests that came during a write were ignored.
    const group = new Group({ writes });
    const write = group.write(1, 'new');
    const reads = [group.read(0), group.read(2)];
    while (write.result === undefined) group.deliver(...(group.ways()[0] as [number, number]));
    group.settle();
    for (const { result } of reads) expect(result?.kind).toBe('read');
  });

  test('a value is read with its token, in one step', () => {
    // The token was checked, then given away, then the value was read.
    const group = new Group({ writes });
    group.write(0, 'old');
    group.settle();
    const read = group.read(2);
    const write = group.write(1, 'new');
    group.settle();
    expect(read.result?.kind).toBe('read');
    expect(write.result?.kind).toBe('written');
    const later = group.read(2);
    group.settle();
    expect(later.result).toMatchObject({ entry: { version: 2 } });
  });
});
