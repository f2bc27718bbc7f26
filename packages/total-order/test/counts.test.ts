import { type Guarantees, memoryNetwork, type SharedMemory, types } from '@dsm/core';
import { afterEach, describe, expect, it } from 'vitest';
import { join, type TotalOrderOptions, totalOrder } from '../src/index.js';

type Memory = SharedMemory<
  Record<string, unknown>,
  Guarantees & { compareAndSwap: true; consistency: 'sequential' | 'linearizable' }
>;
let members: Memory[] = [];
afterEach(() => Promise.all(members.map((member) => member.close())));

async function group(size: number, options: TotalOrderOptions = {}): Promise<void> {
  const names = ['a', 'b', 'c', 'd', 'e'].slice(0, size);
  const addresses = Object.fromEntries(names.map((name) => [name, `memory:${name}`]));
  const schema = types<Record<string, unknown>>();
  const transport = memoryNetwork();
  members = await Promise.all(
    names.map((id) => join(totalOrder(options), { id, members: addresses, schema, batch: false, transport })),
  );
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

describe.each([
  { size: 3, options: {}, perOther: 3 },
  { size: 4, options: {}, perOther: 3 },
  { size: 5, options: {}, perOther: 5 },
  { size: 5, options: { delivery: 'fast' }, perOther: 3 },
] as const)('in a group of $size with $options', ({ size, options, perOther }) => {
  const messages = perOther * (size - 1);

  it(`a write, a delete and a swap cost ${perOther} (n - 1) messages`, async () => {
    await group(size, options);
    const [a, b, c] = members as [Memory, Memory, Memory];
    for (const operation of [
      () => a.write('x', 1),
      () => b.write('x', 2),
      () => c.delete('x'),
      () => a.compareAndSwap('x', undefined, 3),
      () => b.compareAndSwap('x', 'another', 4),
    ]) {
      expect(await cost(operation)).toEqual({ read: 0, write: messages });
    }
  });

  it('a local read costs nothing', async () => {
    await group(size, options);
    const [a, b] = members as [Memory, Memory];
    await a.write('x', 1);
    await quiescent();
    expect(await b.read('x')).toBe(1);
    for (const member of members) {
      expect(await cost(() => member.read('x'))).toEqual({ read: 0, write: 0 });
      expect(await cost(() => member.entry('x'))).toEqual({ read: 0, write: 0 });
    }
  });

  it('an ordered read costs as much as a write', async () => {
    await group(size, { ...options, reads: 'ordered' });
    const [a, b] = members as [Memory, Memory];
    await a.write('x', 1);
    expect(await cost(() => b.read('x'))).toEqual({ read: messages, write: 0 });
    expect(await cost(() => a.read('nobody wrote this'))).toEqual({ read: messages, write: 0 });
  });
});

describe('a variable of some', () => {
  it('costs messages between its subscribers only', async () => {
    await group(5, { subscriptions: { 'of two': ['a', 'e'], 'of one': ['c'], 'of three': ['a', 'b', 'c'] } });
    const [a, b, c] = members as [Memory, Memory, Memory];
    expect(await cost(() => a.write('of two', 1))).toEqual({ read: 0, write: 3 });
    expect(await cost(() => c.write('of one', 1))).toEqual({ read: 0, write: 0 });
    expect(await cost(() => b.write('of three', 1))).toEqual({ read: 0, write: 10 });
  });

  it('is not for others to use', async () => {
    await group(3, { subscriptions: { x: ['a', 'b'] } });
    const c = members[2] as Memory;
    for (const operation of [
      () => c.read('x'),
      () => c.entry('x'),
      () => c.write('x', 1),
      () => c.compareAndSwap('x', undefined, 1),
    ]) {
      await expect(operation()).rejects.toMatchObject({ code: 'DSM_NOT_SUBSCRIBED', outcome: 'not-applied' });
    }
    expect(() => c.watch('x')).toThrowError(expect.objectContaining({ code: 'DSM_NOT_SUBSCRIBED' }));
    expect(sent()).toEqual({ read: 0, write: 0 });
  });
});

describe('many operations at once', () => {
  it('share messages', async () => {
    await group(3);
    const a = members[0] as Memory;
    const { write } = await cost(() =>
      Promise.all(Array.from({ length: 100 }, (_, n) => a.write(`k${n}`, n))),
    );
    expect(write).toBe(12);
    await expect.poll(() => members[2]?.read('k99')).toBe(99);
  });
});
