import { describe, expect, test } from 'vitest';
import { readReplication } from '../src/index.js';
import { type Memory, memories } from './fixtures/memories.js';

const trio = async (options: Parameters<typeof memories>[1] = {}) =>
  (await memories(3, options)) as [Memory, Memory, Memory];

describe('write access', () => {
  test('ends with its block', async () => {
    const [a, b] = await trio();
    {
      await using access = await a.acquireWrite('x');
      expect([await a.hasWriteAccess('x'), await b.hasWriteAccess('x')]).toEqual([true, false]);
      const version = await access.write({ n: 1 });
      expect(await access.read()).toEqual({ n: 1 });
      expect((await a.entry('x')).version).toBe(version);
      expect(access.key).toBe('x');
    }
    expect(await a.hasWriteAccess('x')).toBe(false);
    expect(await b.read('x')).toEqual({ n: 1 });
  });

  test('lets others write and read when it has ended', async () => {
    const [a, b, c] = await trio();
    const access = await a.acquireWrite('x');
    let ended = 0;
    const others = [b.write('x', 'b'), c.write('x', 'c'), b.read('x'), c.read('x')].map((other) =>
      other.finally(() => {
        ended += 1;
      }),
    );
    for (let n = 0; n < 10; n += 1) await access.write(n);
    expect(ended).toBe(0);
    await access.release();
    await Promise.all(others);
    const last = await a.read('x');
    expect(['b', 'c']).toContain(last);
    expect([await b.read('x'), await c.read('x')]).toEqual([last, last]);
  });

  test('lets others read meanwhile, where that is chosen', async () => {
    const [a, b, c] = await trio({ whileHeld: 'serve' });
    await b.write('x', 'before');
    await using access = await a.acquireWrite('x');
    expect([await b.read('x'), await c.read('x')]).toEqual(['before', 'before']);
    await access.write('after');
    expect([await a.read('x'), await b.read('x'), await c.read('x')]).toEqual(['after', 'after', 'after']);
  });

  test('is refused once it was given back, and may be given back again', async () => {
    const [a] = await trio();
    const access = await a.acquireWrite('x');
    await access.release();
    await access.release();
    const refused = { code: 'DSM_CLOSED', outcome: 'not-applied' };
    await expect(access.write(1)).rejects.toMatchObject(refused);
    await expect(access.read()).rejects.toMatchObject(refused);
    expect(await a.read('x')).toBe(undefined);
  });

  test('that was not waited for to the end is given back', async () => {
    const [a, b, c] = await trio();
    const access = await a.acquireWrite('x');
    await expect(b.acquireWrite('x', { timeout: 20 })).rejects.toMatchObject({ code: 'DSM_TIMEOUT' });
    const controller = new AbortController();
    const aborted = c.acquireWrite('x', { signal: controller.signal });
    const reason = new Error('enough');
    controller.abort(reason);
    await expect(aborted).rejects.toBe(reason);
    await access.release();
    await c.write('x', 'free');
    expect([await b.hasWriteAccess('x'), await c.hasWriteAccess('x')]).toEqual([false, false]);
    await using again = await b.acquireWrite('x');
    expect(await again.read()).toBe('free');
    // The abandoned ones have ended at the replicas, too.
    for (const member of [a, b, c]) expect(member.metrics().operationsPending).toBe(0);
  });

  test('that was given up again and again does not keep its member from anything', async () => {
    const limits = { operationsPendingMax: 50 };
    const [a, b] = (await memories(2, { directory: 'a' }, limits)) as [Memory, Memory];
    const access = await a.acquireWrite('x');
    for (let round = 0; round < 4; round += 1) {
      const all = Array.from({ length: 50 }, () => b.acquireWrite('x', { timeout: 1 }));
      for (const { status } of await Promise.allSettled(all)) expect(status).toBe('rejected');
      await expect.poll(() => b.metrics().operationsPending).toBe(0);
    }
    expect(await b.read('y')).toBe(undefined);
    const waits = b.acquireWrite('x');
    await access.release();
    await (await waits).release();
  });

  test('ends when its member is closed, and so does what it waits for', async () => {
    const [a, b, c] = (await memories(3, { directory: 'a', replicas: 1 })) as [Memory, Memory, Memory];
    await c.acquireWrite('x');
    await c.read('y');
    const held = await b.acquireWrite('z');
    const waits = c.acquireWrite('z').catch((error: unknown) => error);
    await expect.poll(() => c.metrics().operationsPending).toBe(1);
    const writes = b.write('x', 'free');
    await c.close();
    expect(await waits).toMatchObject({ code: 'DSM_CLOSED' });
    await writes;
    // It had copies of both, which nobody waits to halt.
    await Promise.all([b.write('x', 'again'), b.write('y', 'free')]);
    await held.release();
    await using again = await a.acquireWrite('z');
    await again.write('free');
    expect(await b.read('x')).toBe('again');
  });

  test('lets others carry no more to the home than may be under way', async () => {
    const limits = { bytesInFlightMax: 10_000 };
    const [a, b] = (await memories(2, { directory: 'a' }, limits)) as [Memory, Memory];
    const access = await a.acquireWrite('x');
    const sent = () => b.metrics().messages.out.write;
    const before = sent();
    const shares = Array.from({ length: 5 }, () => b.share('x', new Uint8Array(4_000)));
    await expect.poll(sent).toBe(before + 2);
    await expect.poll(() => b.metrics().bytesInFlight).toBe(0);
    expect([sent() - before, b.metrics().operationsPending]).toEqual([2, 5]);
    await access.release();
    expect(await Promise.all(shares)).toHaveLength(5);
  });

  test('is given back by a member that has too much under way for anything else', async () => {
    const limits = { operationsPendingMax: 2 };
    const [a, b] = (await memories(2, { directory: 'b' }, limits)) as [Memory, Memory];
    const access = await a.acquireWrite('x');
    const other = await b.acquireWrite('y');
    const waiting = [a.write('y', 1), a.write('y', 2)];
    await expect(a.read('z')).rejects.toMatchObject({ code: 'DSM_OVERLOADED' });
    await access.release();
    await b.write('x', 'free');
    await other.release();
    await Promise.all(waiting);
  });

  test('is for one at a time, of one member too', async () => {
    const [a] = await trio();
    const order: string[] = [];
    const section = async (name: string) => {
      await using access = await a.acquireWrite('x');
      order.push(`${name} begins`);
      await access.write(name);
      order.push(`${name} ends`);
    };
    await Promise.all([section('first'), section('second')]);
    expect(order).toEqual(['first begins', 'first ends', 'second begins', 'second ends']);
  });

  test('under contention of all members loses no increment', async () => {
    const members = await memories(3);
    const increment = async (member: Memory) => {
      await using access = await member.acquireWrite('counter');
      await access.write((((await access.read()) as number | undefined) ?? 0) + 1);
    };
    await Promise.all(members.flatMap((member) => Array.from({ length: 20 }, () => increment(member))));
    for (const member of members) expect(await member.read('counter')).toBe(60);
  });

  test('does not write what cannot be a value, and checks keys', async () => {
    const [a] = await trio();
    await using access = await a.acquireWrite('x');
    await expect(access.write(() => 1)).rejects.toMatchObject({ code: 'DSM_INVALID_VALUE' });
    await expect(access.write(undefined)).rejects.toMatchObject({ code: 'DSM_INVALID_VALUE' });
    for (const call of [a.acquireWrite('x*'), a.hasWriteAccess(''), a.share('*', 1), a.revoke('x*')]) {
      await expect(call).rejects.toMatchObject({ code: 'DSM_INVALID_KEY' });
    }
    await expect(a.share('x', undefined)).rejects.toMatchObject({ code: 'DSM_INVALID_VALUE' });
  });

  test('of a member that has left is over', async () => {
    const [a] = await trio();
    const access = await a.acquireWrite('x');
    await a.close();
    await expect(access.write(1)).rejects.toMatchObject({ code: 'DSM_CLOSED' });
    await expect(a.acquireWrite('y')).rejects.toMatchObject({ code: 'DSM_CLOSED' });
    await access.release();
  });
});

describe('share and revoke', () => {
  test('the one that shared takes it away; the others cannot, and are told', async () => {
    const [a, b, c] = await trio();
    const version = await a.share('x', { shared: true });
    expect((await b.entry('x')).version).toBe(version);
    for (const member of [a, b, c]) await expect.poll(() => member.keys()).toEqual(['x']);
    const watch = c.watch('x');
    expect((await watch.next()).value).toMatchObject({ value: { shared: true } });
    const refused = { code: 'DSM_UNSUPPORTED', outcome: 'not-applied' };
    await expect(b.revoke('x')).rejects.toMatchObject(refused);
    await expect(c.share('x', 'mine')).rejects.toMatchObject(refused);
    const next = watch.next();
    await a.revoke('x');
    expect((await next).value).toEqual({ key: 'x', value: undefined, version: '' });
    for (const member of [a, b, c]) {
      expect(await member.read('x')).toBe(undefined);
      await expect.poll(() => member.keys()).toEqual([]);
    }
    await c.share('x', 'now mine');
    expect(await a.read('x')).toBe('now mine');
  });
});

test('what a closed member was the home of keeps nobody from anything else, however often it is read', async () => {
  const [a, b] = (await memories(2, { directory: 'b', replicas: 1 }, { operationsPendingMax: 50 })) as [
    Memory,
    Memory,
  ];
  await b.write('x', 1);
  expect(await a.read('x')).toBe(1);
  await b.close();
  const message = "the member that is the home of 'lost' was closed";
  const lost = () => a.read('lost', { timeout: 20 }).catch((error: unknown) => error);
  await expect.poll(lost).toMatchObject({ code: 'DSM_UNAVAILABLE', message });
  expect(a.metrics().operationsPending).toBe(0);
  for (let round = 0; round < 4; round += 1) {
    const all = Array.from({ length: 50 }, (_, n) => a.read(`lost ${n}`));
    for (const end of await Promise.allSettled(all)) {
      expect(end).toMatchObject({ status: 'rejected', reason: { code: 'DSM_UNAVAILABLE' } });
    }
  }
  await expect(a.write('x', 2)).rejects.toMatchObject({ code: 'DSM_UNAVAILABLE', outcome: 'not-applied' });
  expect(await a.read('x')).toBe(1);
});

describe('a change reaches every watcher', () => {
  test.each([
    ['where copies are halted', { policy: 'invalidate' }],
    ['where they are renewed', { policy: 'update' }],
  ] as const)('%s', async (_, options) => {
    const members = await memories(5, options);
    const [a] = members as [Memory];
    const heard = members.map((): unknown[] => []);
    for (const [slot, member] of members.entries()) {
      member.onChange('k*', ({ value }) => heard[slot]?.push(value));
    }
    // The first write finds no copies; what the listeners read makes copies, which the others find.
    for (const value of ['one', 'two', 'three']) {
      await a.write('key', value);
      await expect.poll(() => heard.map((values) => values.at(-1))).toEqual(Array(5).fill(value));
    }
    expect(heard).toEqual(Array(5).fill(['one', 'two', 'three']));
  });

  test('at a member that was never asked for the key, by its pattern', async () => {
    const [a, b] = await trio();
    const watch = b.watch('user:*');
    const next = watch.next();
    await a.write('users', 'none');
    await a.write('user:1', 'one');
    expect((await next).value).toMatchObject({ key: 'user:1', value: 'one' });
  });

  test('while another member has write access and reads are served', async () => {
    const [a, b] = await trio({ whileHeld: 'serve' });
    const watch = b.watch('x');
    await watch.next();
    await using access = await a.acquireWrite('x');
    for (const value of ['one', 'two']) {
      const next = watch.next();
      await access.write(value);
      expect((await next).value).toMatchObject({ value });
    }
  });
});

describe('options', () => {
  test('that make no sense are refused', () => {
    for (const options of [
      { policy: 'both' },
      { whileHeld: 'never' },
      { replicas: 0 },
      { replicas: 1.5 },
      { replicas: 32 },
      { directory: '' },
      { directory: 7 },
    ]) {
      expect(() => readReplication(options as object)).toThrowError(
        expect.objectContaining({ code: 'DSM_INVALID_OPTION' }),
      );
    }
  });

  test('must be the same at every member', () => {
    expect(readReplication().options).not.toEqual(readReplication({ policy: 'update' }).options);
    expect(readReplication({ directory: 'a' }).options).not.toEqual(readReplication().options);
    expect(readReplication({ replicas: 2 }).options).not.toEqual(readReplication().options);
    expect(readReplication({ whileHeld: 'serve' }).options).not.toEqual(readReplication().options);
  });
});
