import { describe, expect, test } from 'vitest';
import type { SharedMemory } from '../../src/memory/shared-memory.js';
import type { TraceEvent } from '../../src/node/trace.js';
import type { Guarantees, Protocol } from '../../src/protocol.js';
import { eventually, groupOf, rejection } from './fixtures/group-of.js';
import { homeProtocol } from './fixtures/home-protocol.js';

/** The protocol, with a note of how many handlers of one replica ran at the same time. */
function watched<G extends Guarantees, Message>(
  protocol: Protocol<G, Message>,
  nesting: { most: number },
): Protocol<G, Message> {
  const replica = (self: number) => {
    let running = 0;
    return new Proxy(protocol.replica(self), {
      get(inner, name) {
        const part: unknown = Reflect.get(inner, name);
        if (typeof part !== 'function') return part;
        return (...given: unknown[]) => {
          running += 1;
          nesting.most = Math.max(nesting.most, running);
          const result: unknown = part.apply(inner, given);
          running -= 1;
          return result;
        };
      },
    });
  };
  return { ...protocol, replica };
}

/** A group whose member b is traced. */
async function traced() {
  const events: TraceEvent[] = [];
  const trace = (event: TraceEvent) => events.push(event);
  const group = await groupOf(homeProtocol(), { only: { b: { trace } } });
  const of = (kind: TraceEvent['kind']) => events.filter((event) => event.kind === kind);
  return { ...group, events, of };
}

describe('trace', () => {
  test('is told of each kind, with member, time and what it is about', async () => {
    const { b, events, of } = await traced();
    await b.write('k', 1);
    const kinds = events.map(({ kind }) => kind);
    expect(kinds).toEqual(['view', 'state', 'invoke', 'send', 'receive', 'apply', 'receive', 'return']);
    expect(new Set(events.map(({ member }) => member))).toEqual(new Set(['b']));
    const times = events.map(({ atMs }) => atMs);
    expect(times).toEqual(times.toSorted((x, y) => x - y));

    const [view] = of('view');
    expect(view?.detail).toMatchObject({ epoch: 1, members: [{ name: 'a' }, { name: 'b' }, { name: 'c' }] });
    expect(of('state')[0]?.detail).toBe('ready');
    const [invoke] = of('invoke');
    expect(invoke).toMatchObject({ key: 'k', detail: 'write', operation: expect.any(Number) });
    expect(of('send')[0]).toMatchObject({ peer: 'a', detail: { type: 'ask' } });
    expect(of('receive')).toMatchObject([
      { peer: 'a', detail: { type: 'news' } },
      { peer: 'a', detail: { type: 'answer' } },
    ]);
    expect(of('apply')[0]).toMatchObject({ key: 'k' });
    expect(of('return')[0]).toMatchObject({ operation: invoke?.operation, detail: 'written' });
  });

  test('every operation has a number of its own, from beginning to end', async () => {
    const { b, of } = await traced();
    await Promise.all([b.read('k'), b.write('k', 1), b.entry('k'), b.compareAndSwap('k', 1, 2)]);
    await b.update('k', () => 3);
    await rejection(b.write('', 1));
    await rejection(b.read('k', { signal: AbortSignal.abort() }));
    const invoked = of('invoke').map(({ operation }) => operation);
    expect(invoked).toHaveLength(6);
    expect(new Set(invoked).size).toBe(6);
    expect(new Set(of('return').map(({ operation }) => operation))).toEqual(new Set(invoked));
    expect(of('return').map(({ detail }) => detail)).toEqual([
      'read',
      'written',
      'read',
      'swapped',
      'read',
      'swapped',
    ]);
  });

  test('of an operation that was given up says its outcome, once', async () => {
    const { a, b, network, of } = await traced();
    network.cut('a', 'b');
    await rejection(b.write('k', 1, { timeout: 10 }));
    await rejection(b.read('k', { timeout: 10 }));
    expect(of('return').map(({ detail }) => detail)).toEqual(['unknown', 'not-applied']);
    network.heal();
    await eventually(async () => expect(await a.read('k')).toBe(1));
    await b.read('k');
    expect(of('return')).toHaveLength(3);
    expect(of('return').map(({ operation }) => operation)).toEqual(
      of('invoke').map(({ operation }) => operation),
    );
  });

  test('of close says the state', async () => {
    const { b, of } = await traced();
    await b.close();
    expect(of('state').map(({ detail }) => detail)).toEqual(['ready', 'closed']);
  });

  test('does no harm by what it does to an event', async () => {
    const trace = (event: TraceEvent) => {
      if (event.kind === 'view') (event.detail as { members: unknown[] }).members.length = 0;
      Object.assign(event, { kind: 'spoilt', member: 'nobody' });
    };
    const { b } = await groupOf(homeProtocol(), { trace });
    expect(b.status().view?.members).toEqual(['a', 'b', 'c']);
    await b.write('k', 1);
    expect(await b.read('k')).toBe(1);
  });

  test('that throws, or rejects, disturbs nobody and is counted', async () => {
    let calls = 0;
    const trace = () => {
      calls += 1;
      if (calls % 2 === 0) return Promise.reject(new Error('rejected'));
      throw new Error('thrown');
    };
    const { a, b, c } = await groupOf(homeProtocol(), { only: { b: { trace } } });
    await b.write('k', 1);
    expect(await b.read('k')).toBe(1);
    await a.write('k', 2);
    await eventually(async () => expect(await b.read('k')).toBe(2));
    await eventually(() => expect(b.metrics().listenerErrors).toBe(calls));
    expect(calls).toBeGreaterThan(10);
    await b.close();
    expect([a.status().state, b.status().state, c.status().state]).toEqual(['ready', 'closed', 'ready']);
  });

  test('may use the memory, whatever is going on in it', async () => {
    let memory: SharedMemory<Record<string, unknown>, Guarantees> | undefined;
    const reads = new Map<string, Promise<unknown>>();
    const trace = ({ kind }: TraceEvent) => {
      if (memory === undefined || kind === 'state' || reads.has(kind)) return;
      reads.set(kind, Promise.resolve()); // Its own events begin no more.
      reads.set(kind, memory.read('k'));
    };
    const nesting = { most: 0 };
    const { a, b } = await groupOf(watched(homeProtocol(), nesting), { only: { a: { trace } } });
    memory = a;
    await a.write('k', 1);
    await b.write('k', 2);
    await b.read('k');
    expect([...reads.keys()].toSorted()).toEqual(['apply', 'invoke', 'receive', 'return', 'send']);
    await Promise.all(reads.values());
    expect(a.status().state).toBe('ready');
    expect(await a.read('k')).toBe(2);
    // What it asks for while a handler of the replica runs comes after that handler.
    expect(nesting.most).toBe(1);
  });
});
