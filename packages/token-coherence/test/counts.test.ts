import { type Guarantees, homeOf, memoryNetwork, type SharedMemory, types } from '@dsm/core';
import { afterEach, describe, expect, it } from 'vitest';
import { join, tokenCoherence } from '../src/index.js';

type Memory = SharedMemory<Record<string, unknown>, Guarantees & { compareAndSwap: true }>;
let members: Memory[] = [];
afterEach(() => Promise.all(members.map((member) => member.close())));

async function group(size: number, writes: 'update' | 'migrate'): Promise<[home: Memory, ...Memory[]]> {
  const names = ['a', 'b', 'c', 'd', 'e'].slice(0, size);
  const addresses = Object.fromEntries(names.map((name) => [name, `memory:${name}`]));
  const schema = types<Record<string, unknown>>();
  const transport = memoryNetwork();
  members = await Promise.all(
    names.map((id) =>
      join(tokenCoherence({ writes }), { id, members: addresses, schema, batch: false, transport }),
    ),
  );
  // The home of `x` first.
  const home = homeOf(
    'x',
    names.map((name, slot) => ({ name, slot })),
  );
  const [first] = members.splice(home, 1);
  members.unshift(first as Memory);
  return members as [Memory, ...Memory[]];
}

function sum(figure: (member: Memory) => number): number {
  return members.reduce((total, member) => total + figure(member), 0);
}

const sent = () => ({
  read: sum((member) => member.metrics().messages.out.read),
  write: sum((member) => member.metrics().messages.out.write),
});

/** Waits until everything that was sent has arrived. */
async function quiescent(): Promise<void> {
  await expect
    .poll(() => {
      const { read, write } = sent();
      return read + write - sum((member) => member.metrics().messages.in);
    })
    .toBe(0);
}

/** The messages that an operation causes, from quiescence to quiescence. */
async function cost(operation: () => Promise<unknown>): Promise<{ read: number; write: number }> {
  await quiescent();
  const before = sent();
  await operation();
  await quiescent();
  const after = sent();
  return { read: after.read - before.read, write: after.write - before.write };
}

describe.each([3, 5])('in a group of %d', (size) => {
  const others = size - 1;

  it.each(['update', 'migrate'] as const)(
    'a miss costs 2 (n - 1) + 1 messages, a hit none (%s)',
    async (writes) => {
      const [home, ...readers] = await group(size, writes);
      expect(await cost(() => home.read('x'))).toEqual({ read: 0, write: 0 });
      for (const reader of readers) {
        expect(await cost(() => reader.read('x'))).toEqual({ read: 2 * others + 1, write: 0 });
        expect(await cost(() => reader.entry('x'))).toEqual({ read: 0, write: 0 });
      }
    },
  );

  it('with update a write that has all tokens costs 3 (n - 1)', async () => {
    const [home] = await group(size, 'update');
    expect(await cost(() => home.write('x', 1))).toEqual({ read: 0, write: 3 * others });
    for (const reader of members) {
      expect(await cost(() => reader.read('x'))).toEqual({ read: 0, write: 0 });
    }
  });

  it('with update a write costs (n - 1) more to ask, and as many answers where all have tokens', async () => {
    const [home, b, c] = (await group(size, 'update')) as [Memory, Memory, Memory];
    // The home has all of them.
    expect(await cost(() => b.write('x', 1))).toEqual({ read: 0, write: 4 * others + 1 });
    for (const operation of [
      () => home.write('x', 2),
      () => b.write('x', 3),
      () => c.delete('x'),
      () => c.delete('x'),
      () => home.compareAndSwap('x', undefined, 4),
      () => b.update('x', (n) => Number(n) + 1),
    ]) {
      expect(await cost(operation)).toEqual({ read: 0, write: 5 * others });
    }
    // Nothing is new: the tokens alone go back.
    expect(await cost(() => b.compareAndSwap('x', 'another', 4))).toEqual({ read: 0, write: 3 * others });
  });

  it('with migrate a write that has all tokens costs nothing; the first and the last of a key are told', async () => {
    const [home] = await group(size, 'migrate');
    const told = { read: 0, write: others };
    const free = { read: 0, write: 0 };
    expect(await cost(() => home.write('x', 1))).toEqual(told);
    expect(await cost(() => home.write('x', 2))).toEqual(free);
    expect(await cost(() => home.compareAndSwap('x', 2, 3))).toEqual(free);
    expect(await cost(() => home.update('x', (n) => Number(n) + 1))).toEqual(free);
    expect(await cost(() => home.delete('x'))).toEqual(told);
    expect(await cost(() => home.delete('x'))).toEqual(free);
  });

  it('with migrate a write costs (n - 1) to ask, as many to close, and an answer of each that has tokens', async () => {
    const [home, b, c] = (await group(size, 'migrate')) as [Memory, Memory, Memory];
    await home.write('x', 1);
    expect(await cost(() => b.write('x', 2))).toEqual({ read: 0, write: 2 * others + 1 });
    expect(await cost(() => b.write('x', 3))).toEqual({ read: 0, write: 0 });
    expect(await cost(() => c.compareAndSwap('x', 3, 4))).toEqual({ read: 0, write: 2 * others + 1 });
    for (const reader of members) await reader.read('x');
    expect(await cost(() => home.write('x', 5))).toEqual({ read: 0, write: 3 * others });
    for (const reader of members) await reader.read('x');
    expect(await cost(() => home.write('x', 6))).toEqual({ read: 0, write: 3 * others });
  });

  it('with migrate a swap that fails costs as much, and the write after it is told', async () => {
    const [home] = await group(size, 'migrate');
    await home.write('x', 1);
    for (const reader of members) await reader.read('x');
    expect(await cost(() => home.compareAndSwap('x', 2, 3))).toEqual({ read: 0, write: 3 * others });
    expect(await cost(() => home.write('x', 4))).toEqual({ read: 0, write: others });
    expect(await cost(() => home.write('x', 5))).toEqual({ read: 0, write: 0 });
  });
});

describe('many writes at once', () => {
  it.each([
    ['update', 10],
    ['migrate', 6],
  ] as const)('share one hold of the tokens (%s)', async (writes, messages) => {
    const [, b] = (await group(3, writes)) as [Memory, Memory];
    await Promise.all(members.map((member) => member.read('x')));
    const { write } = await cost(() => Promise.all(Array.from({ length: 60 }, (_, n) => b.write('x', n))));
    expect(write).toBe(messages);
    expect(await b.read('x')).toBe(59);
  });
});
