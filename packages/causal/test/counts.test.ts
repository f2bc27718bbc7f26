import { setImmediate as nextTurn } from 'node:timers/promises';
import { GatedNetwork } from '@dsm/conformance/gated-network';
import { type Guarantees, type SharedMemory, types } from '@dsm/core';
import { afterEach, describe, expect, it } from 'vitest';
import { causal, join } from '../src/index.js';

type Memory = SharedMemory<Record<string, unknown>, Guarantees>;
let members: Memory[] = [];
afterEach(() => Promise.all(members.map((member) => member.close())));

async function group(size: number, acknowledgements = 0): Promise<void> {
  const network = new GatedNetwork();
  const names = ['a', 'b', 'c', 'd', 'e'].slice(0, size);
  const addresses = Object.fromEntries(names.map((name) => [name, `memory:${name}`]));
  const schema = types<Record<string, unknown>>();
  members = await Promise.all(
    names.map((id) => {
      const options = { id, members: addresses, schema, batch: false, transport: network.transport };
      return join(causal({ acknowledgements }), options);
    }),
  );
}

function sum(figure: (member: Memory) => number): number {
  return members.reduce((total, member) => total + figure(member), 0);
}

const sent = () => ({
  read: sum((member) => member.metrics().messages.out.read),
  write: sum((member) => member.metrics().messages.out.write),
});

/** How many messages were sent and have not arrived. */
const inFlight = () => sent().read + sent().write - sum((member) => member.metrics().messages.in);

/** Waits until everything that was sent has arrived. */
async function quiescent(): Promise<void> {
  // What was written in this turn leaves with it.
  await nextTurn();
  await expect.poll(inFlight).toBe(0);
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

  it('a write costs n - 1 messages, and so does a delete', async () => {
    await group(size);
    for (const [at, value] of [1, 'two', { three: 3 }].entries()) {
      const write = () => (members[at] as Memory).write('x', value);
      expect(await cost(write)).toEqual({ read: 0, write: others });
    }
    expect(await cost(() => (members[0] as Memory).delete('x'))).toEqual({ read: 0, write: others });
  });

  it('a read costs nothing, of whatever kind', async () => {
    await group(size);
    await (members[0] as Memory).write('x', 1);
    for (const member of members) {
      expect(await cost(() => member.read('x'))).toEqual({ read: 0, write: 0 });
      expect(await cost(() => member.entry('x'))).toEqual({ read: 0, write: 0 });
      expect(await cost(() => member.read('nobody wrote this'))).toEqual({ read: 0, write: 0 });
    }
  });

  it('an acknowledged write costs 2 (n - 1)', async () => {
    await group(size, 1);
    expect(await cost(() => (members[0] as Memory).write('x', 1))).toEqual({ read: 0, write: 2 * others });
  });
});

it('members that only listen add a message for each other member in 32 writes', async () => {
  await group(3);
  const writes = 320;
  const { write } = await cost(async () => {
    for (let n = 0; n < writes; n += 1) {
      await (members[0] as Memory).write('x', n);
      // What arrives in one turn is acknowledged when it ends, all together: each arrives before the next is written.
      do await nextTurn();
      while (inFlight() > 0);
    }
  });
  expect(write).toBe(writes * 2 + (writes / 32) * 2 * 2);
});

it('what is written in one turn travels in one message', async () => {
  await group(5);
  const keys = ['x', 'y', 'x', 'z'];
  expect(await cost(() => Promise.all(keys.map((key, n) => (members[0] as Memory).write(key, n))))).toEqual({
    read: 0,
    write: 4,
  });
  for (const member of members) expect(await member.read('x')).toBe(2);
});
