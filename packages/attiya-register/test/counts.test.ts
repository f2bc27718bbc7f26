import { GatedNetwork } from '@dsm/conformance/gated-network';
import { type Guarantees, type SharedMemory, types } from '@dsm/core';
import { afterEach, describe, expect, it } from 'vitest';
import { attiyaRegister, join } from '../src/index.js';

type Memory = SharedMemory<Record<string, unknown>, Guarantees>;
let members: Memory[] = [];
afterEach(() => Promise.all(members.map((member) => member.close())));

async function group(size: number, reads: 'quorum' | 'all' = 'quorum'): Promise<GatedNetwork> {
  const network = new GatedNetwork();
  const names = ['a', 'b', 'c', 'd', 'e'].slice(0, size);
  const addresses = Object.fromEntries(names.map((name) => [name, `memory:${name}`]));
  const schema = types<Record<string, unknown>>();
  members = await Promise.all(
    names.map((id) =>
      join(attiyaRegister({ reads }), {
        id,
        members: addresses,
        schema,
        batch: false,
        transport: network.transport,
      }),
    ),
  );
  return network;
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

describe.each([3, 5])('in a group of %d without faults', (size) => {
  const others = size - 1;

  it('a write costs 4 (n - 1) messages', async () => {
    await group(size);
    expect(await cost(() => (members[0] as Memory).write('x', 1))).toEqual({ read: 0, write: 4 * others });
    expect(await cost(() => (members[1] as Memory).write('x', 2))).toEqual({ read: 0, write: 4 * others });
    expect(await cost(() => (members[2] as Memory).delete('x'))).toEqual({ read: 0, write: 4 * others });
  });

  it('a read costs 2 (n - 1) messages when a quorum agrees', async () => {
    await group(size);
    await (members[0] as Memory).write('x', 1);
    for (const member of members) {
      expect(await cost(() => member.read('x'))).toEqual({ read: 2 * others, write: 0 });
    }
    expect(await cost(() => (members[0] as Memory).read('nobody wrote this'))).toEqual({
      read: 2 * others,
      write: 0,
    });
  });

  it('a read of everybody costs 2 (n - 1) messages', async () => {
    await group(size, 'all');
    await (members[0] as Memory).write('x', 1);
    expect(await cost(() => (members[1] as Memory).read('x'))).toEqual({ read: 2 * others, write: 0 });
  });
});

describe('a read that has to write back', () => {
  it('costs 4 (n - 1) messages', async () => {
    const network = await group(3);
    const [a, , c] = members as [Memory, Memory, Memory];
    await quiescent();
    network.hold('a', 'c');
    await a.write('x', 1);
    const before = sent();
    // Its quorum is itself, which has nothing, and b, which does not know yet that a majority has it.
    expect(await c.read('x')).toBe(1);
    network.release();
    await quiescent();
    expect(sent().read - before.read).toBe(8);
  });
});

describe('a read of what has not changed', () => {
  it('moves no value', async () => {
    await group(3);
    const [a, b] = members as [Memory, Memory, Memory];
    await a.write('x', 'v'.repeat(100_000));
    await quiescent();
    const before = sum((member) => member.metrics().bytes.out);
    expect(await b.read('x')).toHaveLength(100_000);
    await quiescent();
    expect(sum((member) => member.metrics().bytes.out) - before).toBeLessThan(2_000);
  });
});
