import { afterEach, describe, expect, test, vi } from 'vitest';
import { encodeValue } from '../../src/codec/value.js';
import { Group } from '../../src/group/group.js';
import { joinVia } from '../../src/memory/join.js';
import { LocalReads } from '../../src/memory/local-reads.js';
import type { TraceEvent } from '../../src/node/trace.js';
import type { RawEntry } from '../../src/protocol.js';
import { memoryNetwork } from '../../src/transport/memory.js';
import { LocalReplica, localProtocol } from './fixtures/local-protocol.js';

const join = joinVia(async () => memoryNetwork());
const joined = () => join(localProtocol(), { id: 'a', members: { a: 'a' } });

describe('a protocol that reads locally', () => {
  test('has what was written, in the same turn', async () => {
    await using memory = await joined();
    expect(memory.peek('x')).toBe(undefined);
    void memory.write('x', 1);
    expect(memory.peek('x')).toBe(1);
    void memory.write('x', 'two');
    expect(memory.peek('x')).toBe('two');
    await memory.delete('x');
    expect(memory.peek('x')).toBe(undefined);
    expect(await memory.read('x')).toBe(undefined);
  });

  test.each([[1], ['text'], [true], [null], [12n], [{ deep: [1] }], [[1, 2]], [new Map([[1, 2]])]])(
    'reads %o as it was written, however often',
    async (value) => {
      await using memory = await joined();
      await memory.write('x', value);
      for (let times = 0; times < 3; times += 1) {
        expect(memory.peek('x')).toEqual(value);
        expect(await memory.read('x')).toEqual(value);
        expect(await memory.read('x', { timeout: 100 })).toEqual(value);
      }
    },
  );

  test('gives each reader an object of its own', async () => {
    await using memory = await joined();
    await memory.write('x', { list: [1] });
    (memory.peek('x') as { list: number[] }).list.push(2);
    ((await memory.read('x')) as { list: number[] }).list.push(3);
    expect(memory.peek('x')).toEqual({ list: [1] });
    expect(await memory.read('x')).toEqual({ list: [1] });
  });

  type Memory = Awaited<ReturnType<typeof joined>>;
  const ways: [string, (memory: Memory) => Promise<unknown>][] = [
    ['read', (memory) => memory.read('x')],
    ['read with a time limit', (memory) => memory.read('x', { timeout: 1_000 })],
    ['entry', (memory) => memory.entry('x')],
    ['keys', (memory) => memory.keys()],
    ['watch', (memory) => memory.watch('x').next()],
    ['read what is large', (memory) => memory.read('large')],
  ];

  test.each(ways)('lets others have their turn while a program does nothing but %s', async (way, act) => {
    await using memory = await joined();
    await memory.write('x', 1);
    await memory.write('large', new Uint8Array(3_000_000));
    let turned = false;
    setImmediate(() => {
      turned = true;
    });
    let times = 0;
    while (!turned && times < 10_000) {
      await act(memory);
      times += 1;
    }
    expect(turned).toBe(true);
    if (way === 'read what is large') expect(times).toBe(1);
  });

  test('shows what is held by every method, however much waits', async () => {
    class Stuck extends LocalReplica {
      override write(...[operation, key, value, host]: Parameters<LocalReplica['write']>): void {
        if (key !== 'stuck') super.write(operation, key, value, host);
      }
    }
    const protocol = { ...localProtocol(), replica: () => new Stuck(false) };
    await using memory = await join(protocol, {
      id: 'a',
      members: { a: 'a' },
      limits: { operationsPendingMax: 1 },
    });
    await memory.write('x', 1);
    const stuck = memory.write('stuck', 1).catch((error: unknown) => error);
    await expect(memory.write('x', 2)).rejects.toMatchObject({ code: 'DSM_OVERLOADED' });
    expect(await memory.read('x', { timeout: 1_000 })).toBe(1);
    expect(await memory.entry('x')).toMatchObject({ value: 1 });
    expect((await memory.watch('x').next()).value).toMatchObject({ value: 1 });
    const { read } = memory.metrics().operations;
    expect([read.ok, read.failed]).toEqual([3, 0]);
    await memory.close();
    await stuck;
  });

  test('refuses the options of a call that cannot be, and has its reads aborted, as everywhere', async () => {
    await using memory = await joined();
    await memory.write('x', 1);
    const reason = new Error('enough');
    for (const read of [memory.read.bind(memory), memory.entry.bind(memory)]) {
      await expect(read('x', { timeout: -1 })).rejects.toMatchObject({ code: 'DSM_INVALID_OPTION' });
      await expect(read('x', { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    }
  });

  test('tells of each read who traces it', async () => {
    const events: string[] = [];
    const trace = ({ kind, operation, key }: TraceEvent) => {
      if (kind === 'invoke' || kind === 'return') events.push(`${kind} ${operation} ${key ?? ''}`.trim());
    };
    await using memory = await join(localProtocol(), { id: 'a', members: { a: 'a' }, trace });
    await memory.read('x');
    await memory.entry('x');
    expect(events).toEqual(['invoke 1 x', 'return 1', 'invoke 2 x', 'return 2']);
  });

  test('keeps nothing of keys that come, are read, and go', async () => {
    const read: string[] = [];
    const replica = { peek: (key: string) => entries.get(key) };
    const member = { node: { replica } } as Parameters<typeof LocalReads.of>[1];
    const reads = LocalReads.of(localProtocol().guarantees, member);
    if (reads === undefined) throw new Error('it reads locally');
    const entries = new Map<string, RawEntry>();
    for (let count = 0; count < 10; count += 1) {
      const key = `session ${count}`;
      const entry = { value: encodeValue(count, 100), version: 1 };
      entries.set(key, entry);
      read.push(String(reads.value(key, entry)));
      expect(reads.size).toBe(1);
      entries.delete(key);
      reads.forget(key);
      expect(reads.size).toBe(0);
    }
    expect(read).toHaveLength(10);
  });

  test('is told of every key that changes, so that it can', async () => {
    const forget = vi.spyOn(LocalReads.prototype, 'forget');
    await using memory = await joined();
    await memory.write('x', 1);
    await memory.delete('x');
    expect(forget.mock.calls).toEqual([['x'], ['x']]);
    forget.mockRestore();
  });

  test('counts its reads', async () => {
    await using memory = await joined();
    await memory.read('x');
    await memory.read('x', {});
    expect(memory.metrics().operations.read).toMatchObject({ ok: 2, failed: 0 });
  });

  test('refuses what any read refuses', async () => {
    const memory = await joined();
    await expect(memory.read('')).rejects.toMatchObject({ code: 'DSM_INVALID_KEY' });
    expect(() => memory.peek('x*')).toThrow(expect.objectContaining({ code: 'DSM_INVALID_KEY' }));
    await memory.close();
    await expect(memory.read('x')).rejects.toMatchObject({ code: 'DSM_CLOSED' });
    expect(() => memory.peek('x')).toThrow(expect.objectContaining({ code: 'DSM_CLOSED' }));
  });
});

test('a key that this member does not subscribe to is refused by everything', async () => {
  await using memory = await joined();
  const refused = { code: 'DSM_NOT_SUBSCRIBED', message: expect.stringContaining("'a'") };
  const key = 'foreign key';
  await expect(memory.read(key)).rejects.toMatchObject(refused);
  await expect(memory.entry(key)).rejects.toMatchObject(refused);
  await expect(memory.write(key, 1)).rejects.toMatchObject(refused);
  await expect(memory.delete(key)).rejects.toMatchObject(refused);
  for (const act of [
    () => memory.peek(key),
    () => memory.watch(key),
    () => memory.onChange(key, () => undefined),
  ]) {
    expect(act).toThrow(expect.objectContaining(refused));
  }
  expect(await memory.keys()).toEqual([]);
});

describe('the extras of a protocol', () => {
  test('are methods of its memory, which begin operations and see values as users do', async () => {
    await using memory = await joined();
    await memory.write('x', 1);
    expect(await memory.countWrites(5)).toBe(1);
    expect(memory.metrics().operations.read.ok).toBe(1);
    expect(await memory.stored('y')).toBe('checked y');
    await expect(memory.stored('')).rejects.toMatchObject({ code: 'DSM_INVALID_KEY' });
  });

  test('may be refused by the replica', async () => {
    await using memory = await joined();
    await memory.write('x', 1);
    const refused = { code: 'DSM_UNSUPPORTED', outcome: 'not-applied', message: 'more than 0' };
    await expect(memory.countWrites(0)).rejects.toMatchObject(refused);
    expect(memory.metrics().operations.read).toMatchObject({ ok: 0, failed: 1 });
  });

  test('end with the memory', async () => {
    const memory = await joined();
    await memory.close();
    await expect(memory.countWrites(5)).rejects.toMatchObject({ code: 'DSM_CLOSED' });
  });
});

describe('a protocol that holds copies', () => {
  const cached = () => join(localProtocol('cached'), { id: 'a', members: { a: 'a' } });

  afterEach(() => vi.restoreAllMocks());

  test('reads what it may show at once, and asks for the rest', async () => {
    const asking = vi.spyOn(LocalReplica.prototype, 'read');
    await using memory = await cached();
    await memory.write('x', 1);
    await memory.write('asked', 2);
    expect(await memory.read('x')).toBe(1);
    expect(asking).toHaveBeenCalledTimes(0);
    expect(await memory.read('asked')).toBe(2);
    expect(asking).toHaveBeenCalledTimes(1);
    expect(memory.metrics().operations.read).toMatchObject({ ok: 2 });
  });

  test('cannot be peeked into, since there may be nothing', async () => {
    await using memory = await cached();
    await memory.write('x', 1);
    expect(() => memory.peek('x')).toThrow(expect.objectContaining({ code: 'DSM_UNSUPPORTED' }));
  });

  test('shows nothing without a lease', async () => {
    await using memory = await cached();
    await memory.write('x', 1);
    const lease = vi.spyOn(Group.prototype, 'leased', 'get').mockReturnValue(false);
    const lapsed = { code: 'DSM_UNAVAILABLE', outcome: 'not-applied' };
    await expect(memory.read('x')).rejects.toMatchObject(lapsed);
    await expect(memory.read('x', { timeout: 100 })).rejects.toMatchObject(lapsed);
    await expect(memory.write('x', 2)).rejects.toMatchObject({ ...lapsed, outcome: 'unknown' });
    // None of them counts as pending for ever.
    expect(memory.metrics().operationsPending).toBe(0);
    lease.mockReturnValue(true);
    expect(await memory.read('x')).toBe(2);
  });

  test('needs no lease where reads are sequential', async () => {
    await using memory = await joined();
    await memory.write('x', 1);
    vi.spyOn(Group.prototype, 'leased', 'get').mockReturnValue(false);
    expect(await memory.read('x')).toBe(1);
  });
});
