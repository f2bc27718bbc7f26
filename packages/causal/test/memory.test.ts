import { GatedNetwork } from '@dsm/conformance/gated-network';
import { afterEach, describe, expect, it } from 'vitest';
import { type CausalOptions, causal, join } from '../src/index.js';

type Memory = Awaited<ReturnType<typeof joined>>;
let open: { close(): Promise<void> }[] = [];
afterEach(() => Promise.all(open.map((member) => member.close())));

async function joined(
  id: string,
  names: readonly string[],
  network: GatedNetwork,
  options: CausalOptions = {},
) {
  const members = Object.fromEntries(names.map((name) => [name, `memory:${name}`]));
  const memory = await join(causal(options as CausalOptions<0>), {
    id,
    members,
    transport: network.transport,
  });
  open.push(memory);
  return memory;
}

async function group(names: readonly string[], options: CausalOptions = {}) {
  const network = new GatedNetwork();
  open = [];
  const members = await Promise.all(names.map((id) => joined(id, names, network, options)));
  return { network, members };
}

const three = ['a', 'b', 'c'];

/** Waits until a member sees a value. */
async function sees(memory: Memory, key: string, value: unknown): Promise<void> {
  await expect.poll(() => memory.peek(key)).toEqual(value);
}

describe('a session that moves', () => {
  it('times out while the link is cut, is never stale, and goes on when it has healed', async () => {
    const { network, members } = await group(three);
    const [a, b] = members as [Memory, Memory];
    await a.write('x', 'old');
    await sees(b, 'x', 'old');
    const session = a.session();
    network.hold('a', 'b');
    await session.write('x', 'new');
    expect(await session.read('x')).toBe('new');
    await expect(b.attach(session.context, { timeout: 50 })).rejects.toMatchObject({ code: 'DSM_TIMEOUT' });
    expect(b.peek('x')).toBe('old');

    const attached = b.attach(session.context);
    network.release();
    const moved = await attached;
    expect(await moved.read('x')).toBe('new');
    await moved.write('y', 'after');
    expect(await moved.read('y')).toBe('after');
    expect(moved.context).not.toBe(session.context);
  });

  it('carries its context as a text, through JSON and back', async () => {
    const { members } = await group(three);
    const [a, b] = members as [Memory, Memory];
    const session = a.session();
    expect(await session.write('x', { deep: [1] })).toMatch(/^\d+$/);
    const { context } = JSON.parse(JSON.stringify({ context: session.context })) as { context: string };
    expect(await (await b.attach(context)).read('x')).toEqual({ deep: [1] });
    expect(await session.delete('x')).toBe('');
    expect(await (await b.attach(session.context)).read('x')).toBe(undefined);
  });

  it('is refused with what is no context', async () => {
    const { members } = await group(['a']);
    const [a] = members as [Memory];
    for (const context of ['', 'nonsense', 7, undefined, `${a.session().context}:1:1`]) {
      const refused = a.attach(context as string);
      await expect(refused).rejects.toMatchObject({ code: 'DSM_INVALID_OPTION', outcome: 'not-applied' });
    }
  });
});

describe('sessions and snapshots', () => {
  it('refuse keys and values as the memory does, and end with it', async () => {
    const { members } = await group(['a']);
    const [a] = members as [Memory];
    const session = a.session();
    await expect(session.read('')).rejects.toMatchObject({ code: 'DSM_INVALID_KEY' });
    await expect(session.delete('x*')).rejects.toMatchObject({ code: 'DSM_INVALID_KEY' });
    await expect(session.write('x', undefined)).rejects.toMatchObject({ code: 'DSM_INVALID_VALUE' });
    await expect(a.snapshot(['x', ''])).rejects.toMatchObject({ code: 'DSM_INVALID_KEY' });
    await expect(a.snapshot('x' as never)).rejects.toMatchObject({ code: 'DSM_INVALID_OPTION' });
    await a.close();
    await expect(session.read('x')).rejects.toMatchObject({ code: 'DSM_CLOSED' });
  });

  it('show several keys of one moment, `__proto__` too', async () => {
    const { members } = await group(['a']);
    const [a] = members as [Memory];
    await a.write('x', { one: 1 });
    await a.write('__proto__', 2);
    const shown = await a.snapshot(['x', '__proto__', 'z']);
    expect(Object.entries(shown)).toEqual([
      ['x', { one: 1 }],
      ['__proto__', 2],
      ['z', undefined],
    ]);
    (shown.x as { one: number }).one = 7;
    expect(await a.read('x')).toEqual({ one: 1 });
  });
});

describe('watchers', () => {
  it('are never shown "glad" before "found", whatever the delays', async () => {
    const { network, members } = await group(three);
    const [a, b, c] = members as [Memory, Memory, Memory];
    const shown: unknown[] = [];
    c.onChange('*', ({ value }) => shown.push(value));
    await a.write('alice', 'lost');
    await sees(c, 'alice', 'lost');
    network.hold('a', 'c');
    network.hold('b', 'c');
    await a.write('alice', 'found');
    await sees(b, 'alice', 'found');
    expect(await b.read('alice')).toBe('found');
    await b.write('bob', 'glad');
    network.releaseOf('b', 'c');
    await expect.poll(() => c.metrics().messages.in).toBeGreaterThanOrEqual(2);
    expect([c.peek('alice'), c.peek('bob')].join()).not.toBe('lost,glad');
    network.release();
    await sees(c, 'bob', 'glad');
    await expect.poll(() => shown).toEqual(['lost', 'found', 'glad']);
  });
});

describe('a merged key', () => {
  const union = (one: unknown, other: unknown) =>
    [...new Set([...(one as string[]), ...(other as string[])])].sort();

  it('has what all have written, of whatever parts', async () => {
    const { network, members } = await group(three, { merge: { 'cart:*': union } });
    const [a, b, c] = members as [Memory, Memory, Memory];
    network.hold('a', 'b');
    await a.write('cart:1', ['apple']);
    await b.write('cart:1', ['bread']);
    network.release();
    for (const memory of [a, b, c]) await sees(memory, 'cart:1', ['apple', 'bread']);
    const version = await c.write('cart:1', ['cheese']);
    expect(await c.entry('cart:1')).toMatchObject({ value: ['apple', 'bread', 'cheese'], version });
    await a.write('plain', ['apple']);
    await a.write('plain', ['bread']);
    expect(await a.read('plain')).toEqual(['bread']);
    for (const memory of [a, b]) await sees(memory, 'cart:1', ['apple', 'bread', 'cheese']);
    expect((await a.entry('cart:1')).version).toBe((await b.entry('cart:1')).version);
  });

  it('cannot be deleted', async () => {
    const { members } = await group(['a'], { merge: { 'cart:*': union } });
    const [a] = members as [Memory];
    await a.write('cart:1', ['apple']);
    const refused = { code: 'DSM_UNSUPPORTED', outcome: 'not-applied' };
    await expect(a.delete('cart:1')).rejects.toMatchObject(refused);
    await expect(a.session().delete('cart:1')).rejects.toMatchObject(refused);
    expect(await a.read('cart:1')).toEqual(['apple']);
  });
});

describe('subscriptions', () => {
  it('keep values from who does not subscribe, and its refusals say so', async () => {
    const { members } = await group(three, { subscriptions: { 'hr:*': ['a', 'b'], 'hr:public': three } });
    const [a, b, c] = members as [Memory, Memory, Memory];
    await a.write('hr:7', 'secret');
    await a.write('hr:public', 'known');
    await sees(b, 'hr:7', 'secret');
    await sees(c, 'hr:public', 'known');
    await expect(c.read('hr:7')).rejects.toMatchObject({ code: 'DSM_NOT_SUBSCRIBED' });
    await expect(c.session().write('hr:7', 1)).rejects.toMatchObject({ code: 'DSM_NOT_SUBSCRIBED' });
    expect(await c.keys()).toEqual(['hr:public']);
  });
});

describe('options', () => {
  it.each([
    { acknowledgements: -1 },
    { acknowledgements: 0.5 },
    { acknowledgements: 31 },
    { merge: { x: 'max' as never } },
    { subscriptions: { x: [] } },
    { subscriptions: { x: 'a' as never } },
  ])('%o are refused', (options) => {
    expect(() => causal(options)).toThrow(expect.objectContaining({ code: 'DSM_INVALID_OPTION' }));
  });

  it('are seen in the guarantees', () => {
    expect(causal().guarantees).toEqual({
      consistency: 'causal',
      compareAndSwap: false,
      reads: 'local',
      writes: 'local',
      survives: 'none',
      onPartition: 'all-continue',
    });
    expect(causal({ acknowledgements: 2 }).guarantees).toMatchObject({
      writes: 'quorum',
      survives: { crashes: 2 },
      onPartition: 'minority-stops',
    });
    expect([1, 2, 3, 5].map((size) => causal({ acknowledgements: 2 }).answersNeeded(size))).toEqual([
      1, 2, 3, 3,
    ]);
  });
});

it('what was written is sent, though its member goes at once and without a word', async () => {
  const { members } = await group(three);
  const [a, b, c] = members as [Memory, Memory, Memory];
  const written = a.write('x', 'last words');
  await a.close({ leave: false });
  await written;
  for (const other of [b, c]) await sees(other, 'x', 'last words');
  // Nobody knows yet that it has gone: who leaves would wait for it.
  await Promise.all([b, c].map((member) => member.close({ leave: false })));
});
