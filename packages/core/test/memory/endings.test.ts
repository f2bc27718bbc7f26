import { describe, expect, test } from 'vitest';
import type { DsmError } from '../../src/error.js';
import type { SharedMemory } from '../../src/memory/shared-memory.js';
import type { Protocol } from '../../src/protocol.js';
import { eventually, groupOf, rejection } from './fixtures/group-of.js';
import { type HomeGuarantees, type HomeMessage, homeProtocol } from './fixtures/home-protocol.js';

type Memory = SharedMemory<Record<string, unknown>, HomeGuarantees<true>>;

/** The home hears requests, and answers none. */
function withDeafHome(): Protocol<HomeGuarantees<true>, HomeMessage> {
  const protocol = homeProtocol();
  return {
    ...protocol,
    replica: (self) => {
      const replica = protocol.replica(self);
      if (self === 0) replica.receive = () => undefined;
      return replica;
    },
  };
}

describe('a time limit', () => {
  test('of all operations, or of one', async () => {
    const { b, network } = await groupOf(homeProtocol(), { timeout: 30 });
    network.cut('a', 'b');
    expect(await rejection(b.read('k'))).toMatchObject({
      code: 'DSM_TIMEOUT',
      message: 'the read did not complete within 30 ms',
    });
    expect(await rejection(b.read('k', { timeout: 10 }))).toMatchObject({
      message: 'the read did not complete within 10 ms',
    });
  });

  test('each operation has its own, and does not end before it', async () => {
    const { b, network } = await groupOf(homeProtocol());
    network.cut('a', 'b');
    const ended: number[] = [];
    const limits = [120, 20, 60, 21];
    await Promise.all(
      limits.map(async (timeout) => {
        const beganMs = performance.now();
        await rejection(b.read('k', { timeout }));
        ended.push(timeout);
        expect(performance.now() - beganMs).toBeGreaterThan(timeout - 2);
      }),
    );
    expect(ended.toSorted((x, y) => x - y)).toEqual([20, 21, 60, 120]);
  });

  test('may be longer than a timer can hold', async () => {
    const { a } = await groupOf(homeProtocol(), { timeout: Number.POSITIVE_INFINITY });
    const reads = Array.from({ length: 20 }, () => a.read('k', { timeout: 1e12 }));
    expect(await Promise.all([...reads, a.read('k')])).toHaveLength(21);
  });

  test('says unavailable while the member is suspended', async () => {
    const { b, network } = await groupOf(homeProtocol(), { suspectAfterMs: 40 });
    network.isolate('b');
    await eventually(() => expect(b.status().state).toBe('suspended'));
    expect(await rejection(b.read('k', { timeout: 10 }))).toMatchObject({
      code: 'DSM_UNAVAILABLE',
      outcome: 'not-applied',
    });
    expect(await rejection(b.write('k', 1, { timeout: 10 }))).toMatchObject({
      code: 'DSM_UNAVAILABLE',
      outcome: 'unknown',
    });
    const update = b.update('k', () => 1, { timeout: 10 });
    expect(await rejection(update)).toMatchObject({ code: 'DSM_UNAVAILABLE', outcome: 'not-applied' });
  });
});

describe('an abort', () => {
  test('that came before: with its reason, and nothing is sent', async () => {
    const { b } = await groupOf(homeProtocol());
    const before = b.metrics().messages.out;
    const signal = AbortSignal.abort('early');
    expect(await rejection(b.read('k', { signal }))).toBe('early');
    expect(await rejection(b.entry('k', { signal }))).toBe('early');
    expect(await rejection(b.write('k', 1, { signal }))).toBe('early');
    expect(await rejection(b.delete('k', { signal }))).toBe('early');
    expect(await rejection(b.compareAndSwap('k', 1, 2, { signal }))).toBe('early');
    expect(b.metrics().messages.out).toEqual(before);
    expect(b.metrics().operations.write).toMatchObject({ ok: 0, failed: 0, unknown: 0 });
  });

  test('during an operation: at once, though what was sent may still happen', async () => {
    const { a, b, network } = await groupOf(homeProtocol());
    network.cutOneWay('a', 'b');
    const controller = new AbortController();
    const write = rejection(b.write('k', 1, { signal: controller.signal }));
    await eventually(async () => expect(await a.read('k')).toBe(1));
    const reason = new Error('enough');
    controller.abort(reason);
    expect(await write).toBe(reason);
    expect(b.metrics().operations.write).toMatchObject({ ok: 0, failed: 0, unknown: 1 });
  });

  test('without a reason of its own, and by time', async () => {
    const { b, network } = await groupOf(homeProtocol());
    network.cut('a', 'b');
    const controller = new AbortController();
    const read = rejection(b.read('k', { signal: controller.signal }));
    controller.abort();
    expect(await read).toMatchObject({ name: 'AbortError' });
    expect(await rejection(b.read('k', { signal: AbortSignal.timeout(5) }))).toMatchObject({
      name: 'TimeoutError',
    });
  });

  test('after the end of an operation changes nothing', async () => {
    const { a } = await groupOf(homeProtocol());
    const controller = new AbortController();
    const options = { signal: controller.signal };
    await a.write('k', 1, options);
    expect(await a.read('k', options)).toBe(1);
    controller.abort();
    expect(a.metrics().operations.write).toMatchObject({ ok: 1, failed: 0, unknown: 0 });
    expect(a.metrics().operations.read).toMatchObject({ ok: 1, failed: 0 });
  });

  test('of many operations by one signal', async () => {
    const { b, network } = await groupOf(homeProtocol());
    network.cut('a', 'b');
    const controller = new AbortController();
    const reads = Array.from({ length: 50 }, () => rejection(b.read('k', { signal: controller.signal })));
    controller.abort('all');
    expect(new Set(await Promise.all(reads))).toEqual(new Set(['all']));
  });
});

describe('the outcome', () => {
  test('of a write that may have happened is unknown, that of a read never', async () => {
    const { a, b, network } = await groupOf(homeProtocol());
    network.cutOneWay('a', 'b');
    const unknown = { code: 'DSM_TIMEOUT', outcome: 'unknown' };
    const options = { timeout: 20 };
    expect(await rejection(b.write('written', 1, options))).toMatchObject(unknown);
    expect(await rejection(b.delete('deleted', options))).toMatchObject(unknown);
    expect(await rejection(b.compareAndSwap('swapped', undefined, 1, options))).toMatchObject(unknown);
    expect(await rejection(b.writeIf('k', '', 1, options))).toMatchObject(unknown);
    expect(await rejection(b.deleteIf('k', '', options))).toMatchObject(unknown);
    const read = rejection(b.read('k', options));
    expect(await read).toMatchObject({ code: 'DSM_TIMEOUT', outcome: 'not-applied' });
    // They did happen.
    await eventually(async () => expect(await a.read('written')).toBe(1));
    expect(await a.read('swapped')).toBe(1);
    const { write, swap, read: reads } = b.metrics().operations;
    expect(write).toMatchObject({ ok: 0, failed: 0, unknown: 2 });
    expect(swap).toMatchObject({ ok: 0, failed: 0, unknown: 3 });
    expect(reads).toMatchObject({ ok: 0, failed: 1, unknown: 0 });
  });

  test('of a write that still waited for room is known: it was not applied', async () => {
    const { a, b, network } = await groupOf(homeProtocol(), { limits: { bytesInFlightMax: 1_000 } });
    network.cut('a', 'b');
    const large = rejection(b.write('large', new Uint8Array(2_000), { timeout: 60 }));
    await eventually(() => expect(b.metrics().bytesInFlight).toBeGreaterThan(2_000));
    const sent = b.metrics().messages.out;
    const waiting = await rejection(b.write('k', 1, { timeout: 20 }));
    expect(waiting).toMatchObject({ code: 'DSM_TIMEOUT', outcome: 'not-applied' });
    expect((waiting as Error).message).toContain('no room');
    const controller = new AbortController();
    const aborted = rejection(b.write('k', 1, { signal: controller.signal }));
    controller.abort('enough');
    expect(await aborted).toBe('enough');
    expect(await large).toMatchObject({ code: 'DSM_TIMEOUT', outcome: 'unknown' });
    expect(b.metrics().messages.out).toEqual(sent);
    expect(b.metrics().operations.write).toMatchObject({ failed: 2, unknown: 1 });

    // Those that wait go ahead in their order when there is room again.
    const later = [b.write('k', 2), b.write('k', 3), b.read('k')];
    network.heal();
    await Promise.all(later);
    expect(await later[2]).toBe(3);
    expect(await a.read('large')).toEqual(new Uint8Array(2_000));
  });

  test('of one that waits while the memory is closed too', async () => {
    const { b, network } = await groupOf(homeProtocol(), { limits: { bytesInFlightMax: 1_000 } });
    network.cut('a', 'b');
    const begun = rejection(b.write('large', new Uint8Array(2_000)));
    await eventually(() => expect(b.metrics().bytesInFlight).toBeGreaterThan(2_000));
    const waiting = rejection(b.write('k', 1));
    const reading = rejection(b.read('k'));
    await b.close();
    expect(await begun).toMatchObject({ code: 'DSM_CLOSED', outcome: 'unknown' });
    expect(await waiting).toMatchObject({ code: 'DSM_CLOSED', outcome: 'not-applied' });
    expect(await reading).toMatchObject({ code: 'DSM_CLOSED', outcome: 'not-applied' });
  });
});

describe('the limit of what operations carry', () => {
  test.each([
    ['writes', (b: Memory, value: Uint8Array) => b.write('k', value)],
    ['swaps', (b: Memory, value: Uint8Array) => b.compareAndSwap('k', value, 0)],
    ['swaps that write', (b: Memory, value: Uint8Array) => b.compareAndSwap('k', undefined, value)],
  ])('lets %s wait, though all that was sent has arrived', async (_, begin) => {
    const { b } = await groupOf(withDeafHome(), { limits: { bytesInFlightMax: 10_000 } });
    const all = Array.from({ length: 5 }, () => rejection(begin(b, new Uint8Array(4_000))));
    await eventually(() => expect(b.metrics().messages.out).toMatchObject({ write: 2 }));
    await eventually(() => expect(b.metrics().bytesInFlight).toBe(0));
    expect(b.metrics().messages.out).toMatchObject({ write: 2 });
    await b.close();
    const outcomes = (await Promise.all(all)).map((error) => (error as DsmError).outcome);
    expect(outcomes).toEqual(['unknown', 'unknown', ...Array.from({ length: 3 }, () => 'not-applied')]);
  });
});

describe('the limit of pending operations', () => {
  test('refuses at once, and counts those given up while the replica holds them', async () => {
    const { b, network } = await groupOf(homeProtocol(), { limits: { operationsPendingMax: 3 } });
    network.cut('a', 'b');
    const controller = new AbortController();
    const held = [
      rejection(b.write('k', 1, { timeout: 10 })),
      rejection(b.read('k', { timeout: 10 })),
      rejection(b.read('k', { signal: controller.signal })),
    ];
    const overloaded = { code: 'DSM_OVERLOADED', outcome: 'not-applied' };
    expect(await rejection(b.read('k'))).toMatchObject(overloaded);
    controller.abort();
    await Promise.all(held);
    for (const operation of [() => b.read('k'), () => b.write('k', 2), () => b.update('k', () => 1)]) {
      expect(await rejection(operation())).toMatchObject(overloaded);
    }
    expect(b.metrics().operationsPending).toBe(3);
    expect(b.metrics().operations.read.failed).toBe(5);
    expect(b.metrics().operations.write).toMatchObject({ failed: 1, unknown: 1 });

    network.heal();
    await eventually(() => expect(b.metrics().operationsPending).toBe(0));
    // What was completed late is told to nobody, and counted as it was.
    expect(b.metrics().operations.write).toMatchObject({ ok: 0, failed: 1, unknown: 1 });
    expect(await b.read('k')).toBe(1);
  });

  test('a completed operation makes room', async () => {
    const { b } = await groupOf(homeProtocol(), { limits: { operationsPendingMax: 2 } });
    for (let round = 0; round < 5; round += 1) {
      const two = [b.write('k', round), b.read('k')];
      expect(await rejection(b.read('k'))).toMatchObject({ code: 'DSM_OVERLOADED' });
      await Promise.all(two);
    }
  });
});
