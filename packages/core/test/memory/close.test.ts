import { describe, expect, test } from 'vitest';
import { joinVia } from '../../src/memory/join.js';
import { ABSENT } from '../../src/protocol.js';
import { memoryNetwork } from '../../src/transport/memory.js';
import type { Transport } from '../../src/transport/transport.js';
import { eventually, groupOf, members, rejection, thrown } from './fixtures/group-of.js';
import { homeProtocol } from './fixtures/home-protocol.js';

const closed = { code: 'DSM_CLOSED', outcome: 'not-applied' };

describe('after close', () => {
  test('every method says so', async () => {
    const { a, b } = await groupOf(homeProtocol());
    await b.write('k', 1);
    await a.close();
    const operations = [
      a.read('k'),
      a.entry('k'),
      a.write('k', 1),
      a.delete('k'),
      a.compareAndSwap('k', 1, 2),
      a.writeIf('k', '', 1),
      a.deleteIf('k', ''),
      a.update('k', () => 1),
      a.keys(),
      a.remove('b'),
    ];
    for (const operation of operations) expect(await rejection(operation)).toMatchObject(closed);
    expect(thrown(() => a.watch('k'))).toMatchObject(closed);
    expect(thrown(() => a.onChange('k', () => undefined))).toMatchObject(closed);
    expect(thrown(() => (a as unknown as { peek(key: string): unknown }).peek('k'))).toMatchObject(closed);
    expect(a.status().state).toBe('closed');
    expect(a.metrics().operationsPending).toBe(0);
    expect(a.id).toBe('a');
    // Before it looks at anything else.
    expect(await rejection(a.write('', undefined))).toMatchObject(closed);
    const plain = await groupOf(homeProtocol({ swaps: false }));
    await plain.a.close();
    const swapping = plain.a as unknown as typeof a;
    expect(await rejection(swapping.update('k', () => 1))).toMatchObject(closed);
    expect(await rejection(swapping.compareAndSwap('k', 1, 2))).toMatchObject(closed);
  });

  test('it may be closed again, and is disposable', async () => {
    const { a, b, network } = await groupOf(homeProtocol());
    const first = a.close();
    await Promise.all([first, a.close({ leave: false }), a.close(undefined)]);
    await a[Symbol.asyncDispose]();
    {
      await using memory = b;
      expect(memory.status().state).toBe('ready');
    }
    expect(b.status().state).toBe('closed');
    expect(network.closed).toBe(2);
  });

  test('it is closed from the moment that close was called', async () => {
    const { a } = await groupOf(homeProtocol());
    const closing = a.close();
    expect(a.status().state).toBe('closed');
    expect(await rejection(a.read('k'))).toMatchObject(closed);
    await closing;
  });

  test('its address is free, and its timers are gone', async () => {
    const { a, b, c, network, world } = await groupOf(homeProtocol());
    await Promise.all([a.write('k', 1, { timeout: 60_000 }), b.read('k'), c.read('k')]);
    expect(world.timers).toBeGreaterThan(0);
    await Promise.all([a, b, c].map((memory) => memory.close()));
    expect(world.timers).toBe(0);
    const join = joinVia(async () => network);
    const again = await Promise.all(['a', 'b', 'c'].map((id) => join(homeProtocol(), { id, members })));
    expect(await again[1]?.read('k')).toBeUndefined();
    await Promise.all(again.map((memory) => memory.close()));
  });

  test('what would have left a little later leaves no timer', async () => {
    const { a, b, c, world } = await groupOf({ ...homeProtocol(), lingerMs: 5, gathers: true });
    const all = [a, b, c];
    for (let round = 0; round < 10; round += 1)
      await Promise.all(all.map((memory) => memory.write('k', round)));
    const last = all.map((memory) => memory.write('k', 'last').catch(() => undefined));
    await Promise.all([...all.map((memory) => memory.close()), ...last]);
    for (let turns = 3; turns > 0; turns -= 1) await new Promise((resolve) => setImmediate(resolve));
    expect(world.timers).toBe(0);
  });

  test('watches that wait leave no timer either', async () => {
    const { a, b, c, network, world } = await groupOf(homeProtocol(), {
      limits: { operationsPendingMax: 1 },
    });
    network.isolate('b');
    const held = rejection(b.read('k', { timeout: 5 }));
    const waiting = b.watch('k').next();
    await held;
    await eventually(() => expect(b.metrics().operations.read.failed).toBeGreaterThan(2));
    await Promise.all([a, b, c].map((memory) => memory.close()));
    expect(await waiting).toEqual({ done: true, value: undefined });
    expect(world.timers).toBe(0);
  });
});

describe('the replica of a member that is closed', () => {
  test.each([
    ['has a last word', undefined, ['b', 'c']],
    ['has none where the member dies without a word', { leave: false }, []],
  ])('%s', async (_, options, told) => {
    const protocol = homeProtocol();
    const { a, b, c } = await groupOf(
      {
        ...protocol,
        replica: (self) => {
          const replica = protocol.replica(self);
          const goodbye = { type: 'news', key: 'gone', entry: { value: ABSENT, version: 0 } } as const;
          replica.closing = (host) => host.broadcast(goodbye, 0b110);
          return replica;
        },
      },
      { suspectAfterMs: 50 },
    );
    const heard: string[] = [];
    for (const memory of [b, c]) memory.onChange('gone', () => heard.push(memory.id));
    await Promise.all([b.write('k', 1), c.write('k', 1)]);
    await a.close(options);
    await eventually(() => expect(b.status().peers.a?.connected).toBe(false));
    expect(heard.sort()).toEqual(told);
  });
});

describe('close while something is pending', () => {
  test('ends every operation and watch', async () => {
    const { b, network } = await groupOf(homeProtocol());
    const watches = [b.watch('k'), b.watch('*'), b.watch('k', { every: true })];
    for (const watch of [watches[0], watches[2]]) await watch?.next();
    network.isolate('b');
    const parked = watches.map((watch) => watch.next());
    const never = () => new Promise<never>(() => undefined);
    const unknown = [b.write('k', 1), b.delete('k'), b.compareAndSwap('k', 1, 2)].map(rejection);
    const known = [b.read('k'), b.entry('k'), b.update('k', never)].map(rejection);
    await b.close();
    for (const error of await Promise.all(unknown)) {
      expect(error).toMatchObject({ code: 'DSM_CLOSED', outcome: 'unknown' });
    }
    for (const error of await Promise.all(known)) expect(error).toMatchObject(closed);
    for (const each of parked) expect(await each).toEqual({ done: true, value: undefined });
    expect(b.metrics()).toMatchObject({ operationsPending: 0, watchers: 0 });
  });

  test('what completes in the same turn has happened, what does not is closed', async () => {
    const { a } = await groupOf(homeProtocol());
    // Home is its own server: the write completes before the close.
    const write = a.write('k', 1);
    const closing = a.close();
    expect(await write).not.toBe('');
    await closing;
  });

  test('sends what was asked for before', async () => {
    const { a, b } = await groupOf(homeProtocol());
    const write = rejection(b.write('k', 'last words'));
    await b.close();
    expect(await write).toMatchObject({ code: 'DSM_CLOSED', outcome: 'unknown' });
    await eventually(async () => expect(await a.read('k')).toBe('last words'));
  });
});

describe('a transport that does not close', () => {
  const stubborn = (close: () => Promise<void>): Transport => {
    const network = memoryNetwork();
    return {
      name: 'stubborn',
      open: async (options) => {
        const wire = await network.open(options);
        return { send: wire.send, close };
      },
    };
  };
  const join = (transport: Transport, timeout?: number) =>
    joinVia(async () => transport)(homeProtocol(), { id: 'a', members: { a: 'memory://a' }, timeout });

  test('or says why not, does not make close reject', async () => {
    const memory = await join(stubborn(() => Promise.reject(new Error('cannot close'))));
    await memory.close();
    expect(memory.status().state).toBe('closed');
    const throwing = await join(
      stubborn(() => {
        throw new Error('cannot close');
      }),
    );
    await throwing.close();
  });

  test('is waited for, by every call of close', async () => {
    let close: () => void = () => undefined;
    const closing = new Promise<void>((resolve) => {
      close = resolve;
    });
    const memory = await join(stubborn(() => closing));
    let ended = 0;
    const ends = [memory.close(), memory.close(), memory[Symbol.asyncDispose]()].map(async (end) => {
      await end;
      ended += 1;
    });
    for (let turns = 5; turns > 0; turns -= 1) await new Promise((resolve) => setImmediate(resolve));
    expect(ended).toBe(0);
    close();
    await Promise.all(ends);
  });

  test('is waited for by a join that is refused, too', async () => {
    const network = memoryNetwork();
    let open = 0;
    const transport: Transport = {
      name: 'slow to close',
      async open(options) {
        const wire = await network.open(options);
        open += 1;
        return {
          send: wire.send,
          async close() {
            await new Promise((resolve) => setImmediate(resolve));
            await wire.close();
            open -= 1;
          },
        };
      },
    };
    const joining = joinVia(async () => transport);
    const pair = { a: 'memory://a', b: 'memory://b' };
    const errors = await Promise.all([
      rejection(joining(homeProtocol({ colour: 'red' }), { id: 'a', members: pair })),
      rejection(joining(homeProtocol({ colour: 'blue' }), { id: 'b', members: pair })),
    ]);
    for (const error of errors) expect(error).toMatchObject({ code: 'DSM_PEER_MISMATCH' });
    expect(open).toBe(0);
  });

  test('keeps nobody longer than the time limit', async () => {
    const never = () => new Promise<never>(() => undefined);
    const memory = await join(stubborn(never));
    const beganMs = performance.now();
    await memory.close({ timeout: 10 });
    expect(performance.now() - beganMs).toBeLessThan(4_000);
    const other = await join(stubborn(never), 10);
    await other.close({ timeout: Number.NaN });
    expect(other.status().state).toBe('closed');
  });
});
