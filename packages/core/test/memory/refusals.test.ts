import { describe, expect, test } from 'vitest';
import { DsmError } from '../../src/error.js';
import { eventually, groupOf, rejection, thrown } from './fixtures/group-of.js';
import { homeProtocol } from './fixtures/home-protocol.js';

/** A memory as code without types sees it. */
type Untyped = Record<string, (...given: unknown[]) => unknown>;
const untyped = (memory: object) => memory as Untyped;

async function asked(memory: object, method: string, ...given: unknown[]): Promise<unknown> {
  const promise = untyped(memory)[method]?.(...given);
  expect(promise).toBeInstanceOf(Promise);
  return rejection(promise as Promise<unknown>);
}

const cyclic: unknown[] = [];
cyclic.push(cyclic);

const badKeys: [string, unknown][] = [
  ['empty', ''],
  ['more than a kilobyte', 'x'.repeat(1025)],
  ['more than a kilobyte of UTF-8', '€'.repeat(342)],
  ['a pattern', 'user:*'],
  ['half of a pair', '\ud800'],
  ['a number', 7],
  ['missing', undefined],
  ['null', null],
  ['an object', {}],
];

const badValues: [string, unknown][] = [
  ['undefined', undefined],
  ['a function', () => 1],
  ['a symbol', Symbol('s')],
  ['an instance', new (class Point {})()],
  ['a cycle', cyclic],
  ['undefined inside', { a: undefined }],
  ['too large', new Uint8Array(1_001)],
];

const badCalls: [string, unknown][] = [
  ['a number', 5],
  ['null', null],
  ['a time limit of 0', { timeout: 0 }],
  ['a time limit of less', { timeout: -1 }],
  ['a time limit of NaN', { timeout: Number.NaN }],
  ['a time limit in words', { timeout: '5' }],
  ['a time limit of null', { timeout: null }],
  ['a signal that is none', { signal: {} }],
  ['a controller for its signal', { signal: new AbortController() }],
  ['an event target for its signal', { signal: new EventTarget() }],
  ['a signal that cannot be listened to', { signal: { aborted: true } }],
  ['null for a signal', { signal: null }],
];

/** Every method that takes a key, with arguments that fit. */
const calls: [string, unknown[]][] = [
  ['read', []],
  ['entry', []],
  ['write', [1]],
  ['delete', []],
  ['compareAndSwap', [1, 2]],
  ['writeIf', ['', 1]],
  ['deleteIf', ['']],
  ['update', [() => 1]],
];

describe('refused with a typed error, and nothing is sent', () => {
  test('keys, values and options that cannot be', async () => {
    const { b } = await groupOf(homeProtocol(), { limits: { valueBytesMax: 1_000 } });
    const before = b.metrics().messages.out;
    const expectRefused = (error: unknown, code: string, what: string) => {
      expect(DsmError.is(error) ? error.code : error, what).toBe(code);
      expect((error as DsmError).outcome).toBe('not-applied');
      expect((error as DsmError).message.length).toBeGreaterThan(20);
    };

    for (const [method, given] of calls) {
      for (const [what, key] of badKeys) {
        expectRefused(await asked(b, method, key, ...given), 'DSM_INVALID_KEY', `${method}: ${what}`);
      }
      for (const [what, options] of badCalls) {
        const error = await asked(b, method, 'k', ...given, options);
        expectRefused(error, 'DSM_INVALID_OPTION', `${method}: ${what}`);
      }
    }
    for (const [what, value] of badValues) {
      expectRefused(await asked(b, 'write', 'k', value), 'DSM_INVALID_VALUE', what);
      expectRefused(await asked(b, 'compareAndSwap', 'k', 1, value), 'DSM_INVALID_VALUE', what);
      expectRefused(await asked(b, 'writeIf', 'k', '', value), 'DSM_INVALID_VALUE', what);
      if (value === undefined) continue;
      expectRefused(await asked(b, 'compareAndSwap', 'k', value, 1), 'DSM_INVALID_VALUE', what);
    }
    for (const version of [undefined, null, 1, {}, 'x'.repeat(257)]) {
      expectRefused(await asked(b, 'writeIf', 'k', version, 1), 'DSM_INVALID_OPTION', 'a version');
      expectRefused(await asked(b, 'deleteIf', 'k', version), 'DSM_INVALID_OPTION', 'a version');
    }
    for (const fn of [undefined, null, 1, {}]) {
      expectRefused(await asked(b, 'update', 'k', fn), 'DSM_INVALID_OPTION', 'a function');
    }

    expect(b.metrics().messages.out).toEqual(before);
    expect(b.metrics().operationsPending).toBe(0);
    expect(b.status().state).toBe('ready');
    await expect(b.read('k')).resolves.toBeUndefined();
  });

  test('undefined is not written, and the message names delete', async () => {
    const { a } = await groupOf(homeProtocol());
    expect(await asked(a, 'write', 'k', undefined)).toMatchObject({
      code: 'DSM_INVALID_VALUE',
      message: expect.stringContaining('delete'),
    });
  });

  test('keys() takes a key or a pattern', async () => {
    const { a } = await groupOf(homeProtocol());
    for (const pattern of ['', 5, null, {}]) {
      expect(await asked(a, 'keys', pattern)).toMatchObject({ code: 'DSM_INVALID_KEY' });
    }
  });

  test('watch and onChange throw, since they return no promise', async () => {
    const { a } = await groupOf(homeProtocol());
    const refused = (method: string, ...given: unknown[]) => {
      const error = thrown(() => untyped(a)[method]?.(...given));
      return DsmError.is(error) ? error.code : error;
    };
    for (const pattern of ['', undefined, null, 7, 'x'.repeat(1025), '\ud800']) {
      expect(refused('watch', pattern)).toBe('DSM_INVALID_KEY');
      expect(refused('onChange', pattern, () => undefined)).toBe('DSM_INVALID_KEY');
    }
    const options = [5, null, { signal: {} }, { signal: null }, { every: 1 }, { every: 'yes' }];
    for (const given of options) expect(refused('watch', 'k', given)).toBe('DSM_INVALID_OPTION');
    for (const listener of [undefined, null, {}, 'k']) {
      expect(refused('onChange', 'k', listener)).toBe('DSM_INVALID_OPTION');
    }
    expect(a.metrics().watchers).toBe(0);
  });
});

describe('methods that the type hides', () => {
  test('exist and are unsupported', async () => {
    const { b } = await groupOf(homeProtocol({ swaps: false, changes: 'newest' }));
    const before = b.metrics().messages.out;
    for (const [method, given] of calls.slice(4)) {
      expect(await asked(b, method, 'k', ...given)).toMatchObject({
        code: 'DSM_UNSUPPORTED',
        outcome: 'not-applied',
        message: expect.stringContaining('home'),
      });
    }
    expect(thrown(() => untyped(b).peek?.('k'))).toMatchObject({ code: 'DSM_UNSUPPORTED' });
    expect(thrown(() => b.watch('k', { every: true }))).toMatchObject({ code: 'DSM_UNSUPPORTED' });
    expect(await asked(b, 'remove', 'a')).toMatchObject({ code: 'DSM_UNSUPPORTED' });
    expect(b.metrics().messages.out).toEqual(before);
    expect(b.metrics().watchers).toBe(0);
  });

  test('peek checks its key', async () => {
    const { a } = await groupOf(homeProtocol());
    expect(thrown(() => untyped(a).peek?.(''))).toMatchObject({ code: 'DSM_INVALID_KEY' });
  });

  test('guarantees can be read and not be changed', async () => {
    const protocol = homeProtocol({ swaps: false });
    const { a } = await groupOf(protocol);
    expect(a.guarantees).toEqual(protocol.guarantees);
    expect(structuredClone(a.guarantees)).toEqual(protocol.guarantees);
    expect(() => Object.assign(a.guarantees, { compareAndSwap: true })).toThrow(TypeError);
    expect(await asked(a, 'update', 'k', () => 1)).toMatchObject({ code: 'DSM_UNSUPPORTED' });
  });

  test('neither can the number of crashes it survives', async () => {
    const protocol = homeProtocol();
    const survives = { crashes: 2 };
    const counted = { ...protocol, guarantees: { ...protocol.guarantees, survives } };
    const { a } = await groupOf(counted);
    expect(() => Object.assign(a.guarantees.survives, { crashes: 3 })).toThrow(TypeError);
    survives.crashes = 9;
    expect(a.guarantees.survives).toEqual({ crashes: 2 });
  });
});

describe('a replica that fails', () => {
  test('ends its member, with the cause; the others go on', async () => {
    const cause = new RangeError('a defect');
    const onServe = ({ key }: { key: string }) => {
      if (key === 'bad') throw cause;
    };
    const { a, b } = await groupOf(homeProtocol({ onServe }), { suspectAfterMs: 100 });
    const watch = a.watch('k');
    await watch.next();
    const parked = rejection(watch.next());
    const error = await rejection(a.write('bad', 1));
    expect(error).toMatchObject({ code: 'DSM_CLOSED', outcome: 'unknown' });
    expect((error as DsmError).message).toContain('a defect');
    expect(((error as DsmError).cause as DsmError).cause).toBe(cause);
    expect(await parked).toMatchObject({ code: 'DSM_CLOSED' });
    expect(await watch.next()).toEqual({ done: true, value: undefined });

    expect(a.status()).toMatchObject({ state: 'closed', reason: expect.stringContaining('a defect') });
    expect(await rejection(a.read('k'))).toMatchObject({
      code: 'DSM_CLOSED',
      message: expect.stringContaining('a defect'),
    });
    expect(b.status().state).toBe('ready');
    // It leaves the network by itself, and does not forget why.
    await eventually(() => expect(b.status().peers.a).toMatchObject({ suspected: true }));
    expect(a.status()).toMatchObject({ state: 'closed', reason: expect.stringContaining('a defect') });
    await a.close();
    expect(a.status()).toMatchObject({ state: 'closed', reason: expect.stringContaining('a defect') });
  });

  test('with something that has no text ends it, too', async () => {
    const onServe = ({ key }: { key: string }) => {
      if (key === 'bad') throw Object.create(null);
    };
    const { a, b } = await groupOf(homeProtocol({ onServe }));
    await rejection(b.write('bad', 1, { timeout: 100 }));
    await eventually(() =>
      expect(a.status()).toMatchObject({ state: 'closed', reason: expect.stringContaining('no text') }),
    );
  });
});

describe('a member that is removed', () => {
  test('says so until it is closed', async () => {
    const { a, network, world } = await groupOf(homeProtocol(), { suspectAfterMs: 60 });
    const watch = a.watch('k');
    await watch.next();
    const parked = rejection(watch.next());
    let gone = false;
    // What the node tells its memory; nothing leads to it yet, since views do not change.
    const told = a as unknown as { failed(error: DsmError, gone: () => void): void };
    told.failed(new DsmError('DSM_REMOVED', 'the group went on'), () => {
      gone = true;
    });
    const removed = { code: 'DSM_REMOVED', outcome: 'not-applied', message: 'the group went on' };
    const expectRemoved = async () => {
      expect(a.status()).toMatchObject({ state: 'removed', reason: 'the group went on' });
      expect(await rejection(a.read('k'))).toMatchObject(removed);
      expect(await rejection(a.keys())).toMatchObject(removed);
      expect(thrown(() => a.watch('k'))).toMatchObject(removed);
    };
    expect(await parked).toMatchObject(removed);
    await expectRemoved();
    await eventually(() => expect([gone, network.closed]).toEqual([true, 1]));
    await expectRemoved();
    await a.close();
    expect(a.status().state).toBe('closed');
    expect(await rejection(a.read('k'))).toMatchObject({ code: 'DSM_CLOSED' });
    expect(world.timers).toBeGreaterThan(0); // Those of the two others.
  });

  test('and closed at once leaves no timer', async () => {
    const { a, b, c, world } = await groupOf(homeProtocol());
    const told = a as unknown as { failed(error: DsmError, gone: () => void): void };
    told.failed(new DsmError('DSM_REMOVED', 'the group went on'), () => undefined);
    await Promise.all([a, b, c].map((memory) => memory.close()));
    expect(world.timers).toBe(0);
  });
});
