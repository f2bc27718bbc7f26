import type { SharedMemory } from '@dsm/core';
import { afterEach, describe, expect, it } from 'vitest';
import { type CausalGuarantees, type CausalOptions, causal, join, type Sessions } from '../src/index.js';
import { addressOf, PartedNetwork } from './fixtures/parted-network.js';

type Memory = SharedMemory<Record<string, unknown>, CausalGuarantees<0>> & Sessions;

interface Options {
  readonly contact?: readonly string[];
  readonly members?: readonly string[];
  readonly causal?: CausalOptions<0>;
  readonly listen?: string;
  readonly joinTimeout?: number;
}

const three = ['a', 'b', 'c'];
const suspectAfterMs = 60;
let open: Memory[] = [];
afterEach(async () => {
  await Promise.all(open.map((memory) => memory.close({ leave: false })));
  open = [];
});

async function joined(id: string, { transport }: PartedNetwork, options: Options): Promise<Memory> {
  const { contact, members = three, listen, joinTimeout = 20_000 } = options;
  const where =
    contact === undefined
      ? { members: Object.fromEntries(members.map((name) => [name, addressOf(name)])) }
      : { contact: contact.map(addressOf), address: addressOf(id) };
  const rest = { id, transport, suspectAfterMs, joinTimeout, ...(listen === undefined ? {} : { listen }) };
  const memory = await join(causal(options.causal), { ...rest, ...where });
  open.push(memory);
  return memory;
}

async function group(members = three, options: CausalOptions<0> = {}) {
  const network = new PartedNetwork();
  const all = await Promise.all(members.map((id) => joined(id, network, { members, causal: options })));
  return { network, all: all as [Memory, Memory, Memory] };
}

/** Dies without a word. */
function kill(memory: Memory): Promise<void> {
  return memory.close({ leave: false });
}

async function sees(memory: Memory, key: string, value: unknown): Promise<void> {
  await expect.poll(() => memory.peek(key), { timeout: 10_000 }).toEqual(value);
}

async function hasMembers(memories: readonly Memory[], names: readonly string[]): Promise<void> {
  for (const memory of memories) {
    const members = () => [...(memory.status().view?.members ?? [])].sort();
    await expect.poll(members, { timeout: 10_000 }).toEqual(names);
  }
}

/** Everybody writes, and everybody sees it. */
async function work(memories: readonly Memory[], round: string): Promise<void> {
  const written = memories.map((memory, index) => [`${round}${index}`, `${memory.id} in ${round}`] as const);
  await Promise.all(memories.map((memory, index) => memory.write(...(written[index] as [string, string]))));
  for (const memory of memories) for (const [key, value] of written) await sees(memory, key, value);
}

describe('a member that comes later', () => {
  it.each(three)('has what the others have and takes part, whoever takes it in: %s', async (contact) => {
    const { network, all } = await group();
    await all[0].write('x', 1);
    await all[1].write('gone', 1);
    await sees(all[2], 'gone', 1);
    await all[2].delete('gone');
    for (const memory of all) await sees(memory, 'x', 1);
    const d = await joined('d', network, { contact: [contact] });
    expect(d.status().state).toBe('ready');
    await sees(d, 'x', 1);
    await sees(d, 'gone', undefined);
    await hasMembers([...all, d], ['a', 'b', 'c', 'd']);
    await work([...all, d], 'with d');
    expect((await d.entry('with d3')).version).toBe((await all[0].entry('with d3')).version);
  });

  it('is there at once where it and the others have written for long', async () => {
    const { network, all } = await group();
    for (let count = 0; count < 300; count += 1) await all[count % 3]?.write(`k${count % 20}`, count);
    const d = await joined('d', network, { contact: ['b'] });
    for (let key = 0; key < 20; key += 1) await sees(d, `k${key}`, 280 + key);
    const e = await joined('e', network, { contact: ['d'] });
    await work([...all, d, e], 'all');
  });

  it('comes in every part of a cut, and the parts agree again', async () => {
    const { network, all } = await group();
    network.cut(['a', 'd'], ['b', 'c', 'e']);
    const d = await joined('d', network, { contact: ['a'] });
    const e = await joined('e', network, { contact: ['b', 'c'] });
    await d.write('x', 'of d');
    await e.write('x', 'of e');
    await Promise.all([d.write('d', 1), e.write('e', 1)]);
    await sees(all[0], 'd', 1);
    await sees(all[2], 'e', 1);
    expect(all[0].peek('e')).toBe(undefined);
    network.heal();
    await hasMembers([...all, d, e], ['a', 'b', 'c', 'd', 'e']);
    await work([...all, d, e], 'healed');
    const values = [...all, d, e].map((memory) => memory.peek('x'));
    expect(new Set(values).size).toBe(1);
  });

  it('is refused under a name that is in use, and gives up where nobody answers', async () => {
    const { network, all } = await group();
    const taken = joined('b', network, { contact: ['a'], listen: 'memory:second' });
    await expect(taken).rejects.toMatchObject({ code: 'DSM_DUPLICATE_MEMBER' });
    expect(all[1].status().state).toBe('ready');
    const lonely = joined('d', network, { contact: ['nobody'], joinTimeout: 100 });
    await expect(lonely).rejects.toMatchObject({
      code: 'DSM_TIMEOUT',
      message: expect.stringContaining('nobody'),
    });
  });

  it('is refused with another protocol option', async () => {
    const { network } = await group();
    const other = joined('d', network, { contact: ['a'], causal: { merge: { x: Math.max as never } } });
    await expect(other).rejects.toMatchObject({ code: 'DSM_PEER_MISMATCH' });
  });
});

describe('a member that has lost its memory', () => {
  it.each([
    ['its list of members', {}],
    ['a contact', { contact: ['c'] }],
  ])('comes back as another one, with %s', async (_, how) => {
    const { network, all } = await group();
    await work(all, 'before');
    await kill(all[1]);
    await all[0].write('x', 'meanwhile');
    const b = await joined('b', network, how);
    await sees(b, 'before1', 'b in before');
    await sees(b, 'x', 'meanwhile');
    await hasMembers([all[0], all[2], b], three);
    await work([all[0], all[2], b], 'after');
    expect(all[0].metrics().dropped['removed-member']).toBe(undefined);
  });

  it('comes back again and again, and first of the view too', async () => {
    const { network, all } = await group();
    let a = all[0];
    for (let round = 0; round < 3; round += 1) {
      await work([a, all[1], all[2]], `round ${round} `);
      await kill(a);
      a = await joined('a', network, {});
    }
    await sees(a, 'round 0 1', 'b in round 0 ');
    await work([a, all[1], all[2]], 'last');
  });
});

describe('a member that leaves', () => {
  it('is waited for no longer, and what it wrote stays', async () => {
    const { all } = await group();
    const [a, b, c] = all;
    await c.write('x', 'of c');
    await c.close();
    await hasMembers([a, b], ['a', 'b']);
    await sees(a, 'x', 'of c');
    await sees(b, 'x', 'of c');
    await work([a, b], 'without c');
    expect(Object.keys(a.status().peers)).toEqual(['b']);
  });

  it('has given what it wrote to somebody before it goes', async () => {
    const { network, all } = await group();
    const [a, b, c] = all;
    network.cut(['a', 'b'], ['c']);
    await c.write('x', 'of c');
    const closed = c.close();
    await work([a, b], 'meanwhile');
    expect(a.peek('x')).toBe(undefined);
    network.heal();
    await closed;
    await sees(a, 'x', 'of c');
    await hasMembers([a, b], ['a', 'b']);
  });

  it('has given on what it got from somebody who has crashed before it goes', async () => {
    const { network, all } = await group();
    const [a, b, c] = all;
    network.cut(['a'], ['b', 'c']);
    await b.write('x', 'of b');
    await sees(c, 'x', 'of b');
    await kill(b);
    // What was for a is dropped; the two compare once they hear of each other. Of b nobody knows yet that it is dead.
    for (const name of ['a', 'b']) await expect.poll(() => c.status().peers[name]?.suspected).toBe(true);
    const closed = c.close({ timeout: 20_000 });
    network.heal();
    await closed;
    await sees(a, 'x', 'of b');
  });

  it('comes back as another one', async () => {
    const { network, all } = await group();
    const [a, b, c] = all;
    await c.write('x', 'of c');
    await c.close();
    const again = await joined('c', network, { contact: ['a'] });
    await sees(again, 'x', 'of c');
    await work([a, b, again], 'again');
  });

  it('leaves a group of which nobody is left', async () => {
    const { all } = await group();
    await Promise.all(all.map((memory) => memory.close()));
    expect(all.map((memory) => memory.status().state)).toEqual(['closed', 'closed', 'closed']);
  });
});

describe('a member that is removed', () => {
  it('is waited for no longer: what was deleted is forgotten, and another one may come', async () => {
    const { network, all } = await group();
    const [a, b, c] = all;
    await work(all, 'before');
    await kill(c);
    await a.remove('c');
    await hasMembers([a, b], ['a', 'b']);
    await work([a, b], 'without c');
    const again = await joined('c', network, { contact: ['b'] });
    await sees(again, 'before2', 'c in before');
    await work([a, b, again], 'again');
  });

  it('is closed at once where it was being closed, and could not give on what it held', async () => {
    const { network, all } = await group();
    const [a, , c] = all;
    network.cut(['a', 'b'], ['c']);
    await c.write('x', 1);
    const closed = c.close({ timeout: 600_000 });
    await a.remove('c');
    network.heal();
    await closed;
    expect(c.status()).toMatchObject({ state: 'closed' });
  });
});

describe('the context of a session', () => {
  it('means the same at members that number the others differently', async () => {
    const { network, all } = await group();
    network.cut(['a', 'd'], ['b', 'c', 'e']);
    const d = await joined('d', network, { contact: ['a'] });
    const e = await joined('e', network, { contact: ['b'] });
    network.heal();
    await work([...all, d, e], 'both');
    const session = d.session();
    await session.write('x', 'of d');
    const moved = await e.attach(session.context);
    expect(await moved.read('x')).toBe('of d');
    await moved.write('y', 'of e, after d');
    const back = await all[2].attach(moved.context);
    expect([await back.read('x'), await back.read('y')]).toEqual(['of d', 'of e, after d']);
  });

  it('of one that was never heard of is waited for', async () => {
    const { network, all } = await group();
    network.cut(['a', 'd'], ['b', 'c']);
    const d = await joined('d', network, { contact: ['a'] });
    const session = d.session();
    await session.write('x', 1);
    const early = all[1].attach(session.context, { timeout: 50 });
    await expect(early).rejects.toMatchObject({ code: 'DSM_TIMEOUT' });
    const waiting = all[1].attach(session.context, { timeout: 10_000 });
    network.heal();
    expect(await (await waiting).read('x')).toBe(1);
  });
});
