import { describe, expect, test } from 'vitest';
import { joinVia } from '../../src/memory/join.js';
import type { Metrics, Status } from '../../src/memory/shared-memory.js';
import type { TraceEvent } from '../../src/node/trace.js';
import { CutNetwork } from './fixtures/cut-network.js';
import { eventually, groupOf, members, names, rejection } from './fixtures/group-of.js';
import { homeProtocol } from './fixtures/home-protocol.js';

describe('status', () => {
  test('of a group that is complete', async () => {
    const before = Date.now();
    const { b } = await groupOf(homeProtocol());
    const { state, since, reason, view, peers } = b.status();
    expect([state, reason]).toEqual(['ready', undefined]);
    expect(since.getTime()).toBeGreaterThanOrEqual(before);
    expect(since.getTime()).toBeLessThanOrEqual(Date.now());
    expect(view).toEqual({ epoch: 1, members: ['a', 'b', 'c'] });
    const reachable = { connected: true, suspected: false, lastSeenMs: expect.any(Number) };
    expect(peers).toEqual({ a: reachable, c: reachable });
    expect(peers.a?.lastSeenMs).toBeLessThan(10_000);
  });

  test('suspended while too few are in reach, and back', async () => {
    const events: TraceEvent[] = [];
    const trace = (event: TraceEvent) => {
      if (event.kind === 'state') events.push(event);
    };
    const { a, b, c, network } = await groupOf(homeProtocol(), {
      suspectAfterMs: 60,
      only: { b: { trace } },
    });
    const ready = b.status().since;
    network.isolate('b');
    await eventually(() => expect(b.status().state).toBe('suspended'));
    const suspended = b.status();
    expect(suspended.reason).toBe('1 of the 2 members needed are in reach');
    expect(suspended.since.getTime()).toBeGreaterThanOrEqual(ready.getTime());
    expect(suspended.peers).toMatchObject({ a: { suspected: true }, c: { suspected: true } });
    expect(suspended.peers.a?.lastSeenMs).toBeGreaterThanOrEqual(30);
    // The two others do without it, and say which one they miss.
    expect([a.status().state, c.status().state]).toEqual(['ready', 'ready']);
    await eventually(() => expect(a.status().peers.b).toMatchObject({ connected: false, suspected: true }));
    const read = b.read('k');

    network.heal();
    expect(await read).toBeUndefined();
    await eventually(() => expect(b.status().state).toBe('ready'));
    expect(b.status().reason).toBeUndefined();
    expect(b.status().since.getTime()).toBeGreaterThanOrEqual(suspended.since.getTime());
    expect(events.map(({ detail }) => detail)).toEqual([
      'ready',
      'suspended: 1 of the 2 members needed are in reach',
      'ready',
    ]);
  });

  test('the moment is that of the change, not of the question', async () => {
    const { a } = await groupOf(homeProtocol(), { suspectAfterMs: 20 });
    const { since } = a.status();
    // Some beats later, each of which found it ready.
    const frames = a.metrics().frames.in;
    await eventually(() => expect(a.metrics().frames.in).toBeGreaterThan(frames + 6));
    expect(a.status().since).toEqual(since);
  });

  test('of a member that was never heard of', async () => {
    const network = new CutNetwork();
    network.cut('b', 'c');
    const join = joinVia(async () => network);
    const all = await Promise.all(names.map((id) => join(homeProtocol(), { id, members })));
    const unheard = { connected: false, lastSeenMs: Number.POSITIVE_INFINITY };
    expect(all[1]?.status().peers).toMatchObject({ a: { connected: true }, c: unheard });
    expect(all[1]?.status().view?.members).toEqual([...names]);
    network.heal();
    await eventually(() => expect(all[1]?.status().peers.c).toMatchObject({ connected: true }));
    await Promise.all(all.map((memory) => memory.close()));
  });

  test('after close nobody is connected', async () => {
    const { a, b } = await groupOf(homeProtocol(), { suspectAfterMs: 100 });
    await a.close();
    expect(a.status()).toMatchObject({ state: 'closed', reason: undefined });
    expect(a.status().peers).toMatchObject({ b: { connected: false }, c: { connected: false } });
    await eventually(() => expect(b.status().peers.a).toMatchObject({ connected: false }));
  });

  test('is plain data of its own', async () => {
    const { a } = await groupOf(homeProtocol());
    const status = a.status() as Status & { peers: Record<string, unknown> };
    expect(structuredClone(status)).toEqual(status);
    expect(Object.getPrototypeOf(status)).toBe(Object.prototype);
    status.since.setTime(0);
    const view = status.view as { members: readonly string[] };
    (view.members as string[]).push('d');
    delete status.peers.b;
    expect(a.status().since.getTime()).toBeGreaterThan(0);
    expect(a.status().view?.members).toEqual([...names]);
    expect(Object.keys(a.status().peers)).toEqual(['b', 'c']);
  });
});

describe('metrics', () => {
  test('count operations by kind and outcome, with their latencies', async () => {
    const { b } = await groupOf(homeProtocol());
    await b.write('k', 1);
    await b.delete('k');
    await b.read('k');
    await b.entry('k');
    await b.read('k');
    await b.compareAndSwap('k', undefined, 1);
    await b.compareAndSwap('k', 5, 1);
    await b.update('k', () => 2);
    const { read, write, swap } = b.metrics().operations;
    expect(write).toMatchObject({ ok: 2, failed: 0, unknown: 0, latency: { count: 2 } });
    expect(read).toMatchObject({ ok: 4, failed: 0, unknown: 0, latency: { count: 4 } });
    expect(swap).toMatchObject({ ok: 3, failed: 0, unknown: 0, latency: { count: 3 } });
    const { meanUs, p50Us, p99Us, p999Us, maxUs } = read.latency;
    expect(meanUs).toBeGreaterThan(0);
    expect(maxUs).toBeLessThan(10_000_000);
    expect([p50Us, p99Us, p999Us, maxUs].toSorted((x, y) => x - y)).toEqual([p50Us, p99Us, p999Us, maxUs]);
    expect(meanUs).toBeLessThanOrEqual(maxUs);
  });

  test('count messages by the operation that caused them, frames and bytes', async () => {
    const { a, b } = await groupOf(homeProtocol());
    await b.read('k');
    const [before, home] = [b.metrics(), a.metrics()];
    await b.read('k');
    await b.read('k');
    await b.write('k', 1);
    const after = b.metrics();
    expect(after.messages.out.read - before.messages.out.read).toBe(2);
    expect(after.messages.out.write - before.messages.out.write).toBe(1);
    expect(after.messages.in - before.messages.in).toBe(4); // The news of the write too.
    expect(a.metrics().messages.out.read - home.messages.out.read).toBe(2);
    expect(a.metrics().messages.out.write - home.messages.out.write).toBe(3); // News for two, and the answer.
    for (const counted of ['frames', 'bytes'] as const) {
      expect(after[counted].out).toBeGreaterThan(before[counted].out);
      expect(after[counted].in).toBeGreaterThan(before[counted].in);
    }
    expect(after.viewChanges).toBe(1);
    expect(after.dropped).toEqual({});
  });

  test('without batching every message has a frame of its own', async () => {
    const { b } = await groupOf(homeProtocol(), { batch: false });
    const together = await groupOf(homeProtocol());
    const sent = async (memory: typeof b) => {
      const { frames, messages } = memory.metrics();
      await Promise.all(Array.from({ length: 20 }, () => memory.read('k')));
      const after = memory.metrics();
      return { frames: after.frames.out - frames.out, messages: after.messages.out.read - messages.out.read };
    };
    expect(await sent(together.b)).toMatchObject({ messages: 20 });
    expect((await sent(together.b)).frames).toBeLessThan(10);
    const alone = await sent(b);
    expect(alone.messages).toBe(20);
    expect(alone.frames).toBeGreaterThanOrEqual(20);
  });

  test('know what is under way: operations, bytes, watchers', async () => {
    const { b, network } = await groupOf(homeProtocol());
    const idle = { operationsPending: 0, bytesInFlight: 0, watchers: 0, listenerErrors: 0 };
    await eventually(() => expect(b.metrics()).toMatchObject({ ...idle, retransmissions: 0 }));
    const off = b.onChange('*', () => undefined);
    const watch = b.watch('k');
    await watch.next();
    expect(b.metrics().watchers).toBe(2);
    network.cut('a', 'b');
    const write = b.write('k', new Uint8Array(1_000));
    await eventually(() => expect(b.metrics().bytesInFlight).toBeGreaterThan(1_000));
    expect(b.metrics().operationsPending).toBe(1);
    network.heal();
    await write;
    off();
    await watch.return?.();
    await eventually(() => expect(b.metrics()).toMatchObject(idle));
    expect(b.metrics().retransmissions).toBeGreaterThan(0);
  });

  test('are plain data of their own', async () => {
    const { a } = await groupOf(homeProtocol());
    const metrics = a.metrics() as Metrics & { messages: { out: { read: number } } };
    expect(structuredClone(metrics)).toEqual(metrics);
    expect(JSON.parse(JSON.stringify(metrics))).toEqual(metrics);
    metrics.messages.out.read = 1_000;
    expect(a.metrics().messages.out.read).toBe(0);
  });
});

describe('what a member says of itself', () => {
  test('its name and protocol', async () => {
    const { a, c } = await groupOf(homeProtocol({ name: 'house' }));
    expect([a.id, c.id, c.protocol]).toEqual(['a', 'c', 'house']);
    expect(c.guarantees.consistency).toBe('linearizable');
  });

  test('who it cannot remove', async () => {
    const { a } = await groupOf(homeProtocol());
    expect(await rejection(a.remove('b'))).toMatchObject({ code: 'DSM_UNSUPPORTED' });
  });
});
