import { afterEach, describe, expect, expectTypeOf, test } from 'vitest';
import { joinEngine } from '../../src/engine/join-engine.js';
import { DsmError } from '../../src/error.js';
import { types } from '../../src/memory/schema.js';
import { StillWorld } from '../fixtures/still-world.js';
import { CountingWorld } from '../memory/fixtures/counting-world.js';
import { eventually, rejection } from '../memory/fixtures/group-of.js';
import { Shelf } from './fixtures/shelf.js';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** A memory on a shelf, closed when the test is over. */
async function stage(
  options: Partial<Parameters<ReturnType<typeof joinEngine>>[1]> = {},
  shelf = new Shelf(),
) {
  const world = new CountingWorld();
  const memory = await joinEngine(world)(shelf.engine(), { id: 'a', timeout: 5_000, ...options });
  closing.push(() => memory.close());
  return { memory, shelf, world };
}

async function codeOf(promise: Promise<unknown>): Promise<[string, string]> {
  const error = await rejection(promise);
  if (!DsmError.is(error)) throw error;
  return [error.code, error.outcome];
}

describe('a memory on a server', () => {
  test('has the methods and the types of every other one', async () => {
    const shelf = new Shelf();
    const schema = types<{ counter: number }>();
    const memory = await joinEngine()(shelf.engine(), { id: 'a', schema });
    closing.push(() => memory.close());
    expectTypeOf(memory.read('counter')).toEqualTypeOf<Promise<number | undefined>>();
    // @ts-expect-error there are no local reads
    expect(() => memory.peek('counter')).toThrow(DsmError);
    await memory.write('counter', 10);
    expect(await memory.compareAndSwap('counter', 10, 20)).toMatchObject({ ok: true });
    expect(await memory.update('counter', (n) => (n ?? 0) + 1)).toMatchObject({ value: 21 });
    expect([memory.id, memory.protocol, memory.status().state]).toEqual(['a', 'shelf', 'ready']);
    expect(memory.server()).toEqual({ software: 'shelf 1', durability: 'none' });
    expect(memory.status().peers.shelf).toMatchObject({ connected: true, suspected: false });
  });

  test('takes the options that only a group needs, and ignores them', async () => {
    const ignored = { members: { x: 'tcp://1' }, contact: 3, address: 4, listen: '', store: {} };
    const { memory } = await stage({ ...ignored, transport: undefined });
    expect(memory.id).toBe('a');
  });

  test('refuses options that cannot be meant', async () => {
    const shelf = new Shelf();
    const join = joinEngine();
    for (const [engine, options] of [
      [undefined, { id: 'a' }],
      [{ name: 'x', guarantees: {} }, { id: 'a' }],
      [shelf.engine(), undefined],
      [shelf.engine(), {}],
      [shelf.engine(), { id: 'a', timeout: -1 }],
      [shelf.engine(), { id: 'a', limits: { valueBytesMax: 1_001 } }],
      [shelf.engine(), { id: 'a', limits: 3 }],
    ] as const) {
      expect(await codeOf(join(engine as never, options as never))).toEqual([
        'DSM_INVALID_OPTION',
        'not-applied',
      ]);
    }
    expect(shelf.attempts).toBe(0);
  });

  test('has the limit of its server for values, or a smaller one', async () => {
    const { memory } = await stage();
    expect((await codeOf(memory.write('k', 'x'.repeat(1_001))))[0]).toBe('DSM_INVALID_VALUE');
    const small = await stage({ limits: { valueBytesMax: 10, watchPendingMax: undefined } });
    expect((await codeOf(small.memory.write('k', 'x'.repeat(11))))[0]).toBe('DSM_INVALID_VALUE');
  });

  test('compares values here and versions there, and loses a race without an error', async () => {
    const { memory, shelf } = await stage();
    await memory.write('k', { a: 1, b: 2 });
    const first = memory.compareAndSwap('k', { b: 2, a: 1 }, 'first');
    const second = memory.compareAndSwap('k', { b: 2, a: 1 }, 'second');
    const [one, other] = await Promise.all([first, second]);
    expect([one.ok, other]).toMatchObject([true, { ok: false, current: { value: 'first' } }]);
    expect((await memory.compareAndSwap('none', undefined, 1)).ok).toBe(true);
    expect(shelf.entries.size).toBe(2);
  });

  test('swaps again where the race was lost against an equal value', async () => {
    const { memory, shelf } = await stage();
    await memory.write('k', 1);
    // Between the look and the swap somebody writes what was there: another version of the same value.
    const [connection] = [...shelf.connections];
    const { value } = shelf.at('k');
    const read = connection?.read.bind(connection);
    if (connection === undefined || read === undefined) throw new Error('there is no connection');
    connection.read = async (key) => {
      const entry = await read(key);
      shelf.put(key, value);
      return entry;
    };
    expect((await memory.compareAndSwap('k', 1, 2)).ok).toBe(true);
    connection.read = read;
    expect(await memory.read('k')).toBe(2);
  });
});

describe('joining a server', () => {
  test('waits for a server that comes up', async () => {
    const shelf = new Shelf();
    shelf.unreachable = new Error('refused');
    const joining = stage({}, shelf);
    await eventually(() => expect(shelf.attempts).toBeGreaterThan(2));
    shelf.unreachable = undefined;
    expect((await joining).memory.status().state).toBe('ready');
  });

  test('ends with DSM_TIMEOUT and the reason, and leaves nothing behind', async () => {
    const shelf = new Shelf();
    shelf.unreachable = new Error('refused');
    const world = new CountingWorld();
    const error = await rejection(joinEngine(world)(shelf.engine(), { id: 'a', joinTimeout: 40 }));
    expect(DsmError.is(error, 'DSM_TIMEOUT') && error.message).toMatch(/within 40 ms: refused/);
    expect(world.timers).toBe(0);
  });

  test('ends at once where the server says that it is of no use', async () => {
    const shelf = new Shelf();
    shelf.unreachable = new DsmError('DSM_INVALID_OPTION', 'it is a replica');
    const error = await rejection(stage({}, shelf));
    expect(error).toBe(shelf.unreachable);
    expect(shelf.attempts).toBe(1);
  });

  test('is aborted by its signal, before and while', async () => {
    const shelf = new Shelf();
    expect(await rejection(stage({ signal: AbortSignal.abort('early') }, shelf))).toBe('early');
    expect(shelf.attempts).toBe(0);
    shelf.mute = true;
    const controller = new AbortController();
    const joining = rejection(stage({ signal: controller.signal }, shelf));
    await eventually(() => expect(shelf.attempts).toBe(1));
    controller.abort('late');
    expect(await joining).toBe('late');
    expect(shelf.connections.size).toBe(0);
  });
});

describe('a server that does not answer', () => {
  test('leaves writes and swaps of unknown outcome, and reads asked again', async () => {
    const { memory, shelf } = await stage();
    await memory.write('k', 1);
    shelf.fate = 'break';
    const writes = [memory.write('k', 2), memory.writeIf('new', '', 3), memory.delete('k')];
    for (const write of writes) expect(await codeOf(write)).toEqual(['DSM_UNAVAILABLE', 'unknown']);
    const reading = memory.read('new');
    const swapping = memory.compareAndSwap('new', 3, 4);
    await new Promise((resolve) => setImmediate(resolve));
    shelf.fate = 'answer';
    expect(await reading).toBe(3);
    expect((await swapping).ok).toBe(true);
    const { write, swap } = memory.metrics().operations;
    expect([write.unknown, swap.unknown, memory.metrics().operationsPending]).toEqual([2, 1, 0]);
  });

  test('passes on what a server refuses', async () => {
    const { memory, shelf } = await stage();
    shelf.fate = 'refuse';
    shelf.refusal = new DsmError('DSM_STORE', 'disk full');
    for (const act of [memory.read('k'), memory.write('k', 1), memory.keys()]) {
      expect(await codeOf(act)).toEqual(['DSM_STORE', 'not-applied']);
    }
    shelf.refusal = new DsmError('DSM_STORE', 'perhaps', { outcome: 'unknown' });
    expect(await codeOf(memory.write('k', 1))).toEqual(['DSM_STORE', 'unknown']);
  });

  test('is not taken for silent while it answers, though a ping waits behind much else', async () => {
    const shelf = new Shelf();
    const world = new StillWorld();
    const memory = await joinEngine(world)(shelf.engine(), { id: 'a', suspectAfterMs: 400 });
    closing.push(() => memory.close());
    const [connection] = [...shelf.connections];
    if (connection === undefined) throw new Error('there is no connection');
    connection.ping = () => new Promise(() => undefined);
    const acts = [
      () => memory.write('k', 1),
      () => memory.read('k'),
      () => memory.compareAndSwap('k', 1, 1),
      () => memory.writeIf('k', 'lost', 1),
    ];
    for (const act of acts) {
      for (let beats = 0; beats < 14; beats += 1) {
        world.pass(100);
        expect([memory.status().state, shelf.attempts]).toEqual(['ready', 1]);
        await act();
      }
    }
  });

  test('keeps back what is begun meanwhile', async () => {
    const { memory, shelf } = await stage();
    shelf.unreachable = new Error('refused');
    shelf.cut();
    expect(memory.status()).toMatchObject({
      state: 'suspended',
      reason: expect.stringMatching(/broke: cut/),
    });
    expect(memory.status().peers.shelf).toMatchObject({ connected: false, suspected: true });
    expect(await codeOf(memory.write('k', 1, { timeout: 20 }))).toEqual(['DSM_UNAVAILABLE', 'not-applied']);
    const waiting = memory.write('k', 2);
    shelf.unreachable = undefined;
    await waiting;
    expect(memory.status()).toMatchObject({ state: 'ready', reason: undefined });
  });

  test('lists no keys, and says so in time', async () => {
    const { memory, shelf } = await stage({ timeout: 30 });
    shelf.fate = 'hang';
    expect((await codeOf(memory.keys()))[0]).toBe('DSM_TIMEOUT');
    shelf.unreachable = new Error('refused');
    shelf.cut();
    expect((await codeOf(memory.keys()))[0]).toBe('DSM_UNAVAILABLE');
  });

  test('keeps nobody waiting at the end', async () => {
    const { memory, shelf, world } = await stage();
    shelf.fate = 'hang';
    const pending = [memory.read('k'), memory.write('k', 1), memory.compareAndSwap('k', 1, 2)].map(codeOf);
    await memory.close();
    expect(await Promise.all(pending)).toEqual([
      ['DSM_CLOSED', 'not-applied'],
      ['DSM_CLOSED', 'unknown'],
      ['DSM_CLOSED', 'unknown'],
    ]);
    expect([world.timers, shelf.connections.size]).toEqual([0, 0]);
  });
});

describe('what is traced', () => {
  test('operations, changes and states', async () => {
    const kinds: string[] = [];
    const { memory, shelf } = await stage({
      trace: ({ kind, detail }) => kinds.push(kind === 'state' ? `state ${String(detail)}` : kind),
    });
    await memory.write('k', 1);
    shelf.cut();
    await eventually(() => expect(memory.status().state).toBe('ready'));
    expect(kinds).toContain('state suspended: the connection to the server broke: cut');
    expect(kinds.slice(0, 4)).toEqual(['state ready', 'invoke', 'apply', 'return']);
  });
});
