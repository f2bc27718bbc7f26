import { describe, expect, test } from 'vitest';
import type { OperationId, Result } from '../../src/protocol.js';
import { rejection } from './fixtures/group-of.js';
import { settled, stage } from './fixtures/stage.js';

const done: Result = { kind: 'written', version: 7 };

describe('operations', () => {
  test('never use a number twice, whatever became of the first', async () => {
    const { operations, started, world, begin } = stage();
    const first = begin();
    operations.complete(started[0] as OperationId, done);
    await first;
    const second = rejection(begin());
    world.pass(200);
    await second;
    void begin().catch(() => undefined);
    expect(new Set(started).size).toBe(3);
    // The answer to the second does not end the third.
    operations.complete(started[1] as OperationId, done);
    expect(operations.size).toBe(1);
  });

  test('share one timer, and leave none', async () => {
    const { operations, started, world, begin } = stage();
    const all = Array.from({ length: 10 }, () => begin());
    expect(world.timers.size).toBe(1);
    for (const id of started) operations.complete(id, done);
    await Promise.all(all);
    world.pass(100);
    expect(world.timers.size).toBe(0);
    const last = rejection(begin());
    expect(world.timers.size).toBe(1);
    operations.failAll('DSM_CLOSED', 'closed');
    expect(world.timers.size).toBe(0);
    expect(await last).toMatchObject({ code: 'DSM_CLOSED', outcome: 'unknown' });
  });

  test('end when their time is up and not before, looked at no more often than it is worth', async () => {
    const { world, begin, operations } = stage();
    const ended: number[] = [];
    for (const timeout of [50, 10, 30, 31, 32]) {
      void begin({ options: { timeout } }).catch(() => ended.push(timeout));
    }
    const passes = async (ms: number) => {
      world.pass(ms);
      await null;
      return ended;
    };
    expect(await passes(9)).toEqual([]);
    expect(await passes(1)).toEqual([10]);
    expect(await passes(19)).toEqual([10]);
    expect(await passes(1)).toEqual([10, 30]);
    expect(await passes(9)).toEqual([10, 30]);
    expect(await passes(1)).toEqual([10, 30, 31, 32]);
    expect(await passes(10)).toEqual([10, 30, 31, 32, 50]);
    expect(world.timers.size).toBe(0);
    expect(operations.size).toBe(5);
  });

  test('begun while others end in time have a timer of their own', async () => {
    const later: Promise<unknown>[] = [];
    const { world, begin } = stage({ abandoned: () => later.length === 0 && later.push(rejection(begin())) });
    const first = rejection(begin({ options: { timeout: 10 } }));
    world.pass(10);
    await first;
    expect(world.timers.size).toBe(1);
    world.pass(100);
    expect(await later[0]).toMatchObject({ code: 'DSM_TIMEOUT' });
  });

  test('set no timer that is longer than one can be', () => {
    const { world, begin, operations } = stage();
    world.nowMs = 5.3; // With it the sum is rounded up.
    void begin({ options: { timeout: Number.POSITIVE_INFINITY } }).catch(() => undefined);
    expect(world.delays).toEqual([2 ** 31 - 1]);
    operations.failAll('DSM_CLOSED', 'closed');
  });

  test('that end as they begin carry nothing', async () => {
    const { started, operations, begin } = stage();
    const start = (id: OperationId) => {
      started.push(id);
      operations.complete(id, done);
    };
    for (let count = 0; count < 3; count += 1) await begin({ bytes: 60, start });
    expect(started).toHaveLength(3);
  });

  test('that are refused as they begin have their outcome, as those that are refused later', async () => {
    const { operations, begin } = stage();
    const refused = {
      kind: 'refused',
      code: 'DSM_UNAVAILABLE',
      text: 'perhaps',
      outcome: 'unknown',
    } as const;
    for (const options of [undefined, {}]) {
      const start = (id: OperationId) => void operations.complete(id, refused);
      expect(await rejection(begin({ start, options }))).toMatchObject({ outcome: 'unknown' });
    }
    expect(operations.counts().write).toMatchObject({ failed: 0, unknown: 2 });
  });

  test('are prepared before they are handed over, and wait then as others do', async () => {
    const { started, room, operations, begin } = stage();
    let prepared: () => void = () => undefined;
    const preparing = new Promise<void>((resolve) => {
      prepared = resolve;
    });
    const operation = begin({ prepare: () => preparing });
    operations.admit();
    expect([started.length, operations.size]).toEqual([0, 1]);
    room.admits = false;
    prepared();
    await null;
    await null;
    expect(started).toEqual([]);
    room.admits = true;
    operations.admit();
    expect(started).toEqual([1]);
    operations.complete(1, done);
    expect(await operation).toBe(done);
  });

  test('that ended while they were prepared are not handed over', async () => {
    const { started, world, begin, operations } = stage();
    let prepared: () => void = () => undefined;
    const preparing = new Promise<void>((resolve) => {
      prepared = resolve;
    });
    const operation = rejection(begin({ prepare: () => preparing }));
    world.pass(100);
    expect(await operation).toMatchObject({ code: 'DSM_TIMEOUT', outcome: 'not-applied' });
    prepared();
    await preparing;
    await null;
    expect([started.length, operations.size]).toEqual([0, 0]);
  });

  test('that were given up are told of with their outcome, and only if the replica has them', async () => {
    const { abandoned, room, world, begin, operations } = stage();
    const all = [begin(), begin({ kind: 'read' }), begin({ kind: 'swap' })].map(rejection);
    room.admits = false;
    all.push(rejection(begin()), rejection(begin({ prepare: () => new Promise(() => undefined) })));
    world.pass(100);
    const outcomes = ['unknown', 'not-applied', 'unknown', 'not-applied', 'not-applied'];
    expect(await Promise.all(all)).toMatchObject(outcomes.map((outcome) => ({ outcome })));
    expect(abandoned).toEqual([
      [1, 'unknown'],
      [2, 'not-applied'],
      [3, 'unknown'],
    ]);
    expect(operations.size).toBe(3);
    expect([1, 2, 3, 4].map((id) => operations.complete(id, done))).toEqual([false, false, false, false]);
    expect(operations.size).toBe(0);
  });

  test('whose result cannot be used reject with the reason', async () => {
    const { operations, begin } = stage();
    const reason = new RangeError('no');
    const operation = begin({
      finish: () => {
        throw reason;
      },
    });
    expect(operations.complete(1, done)).toBe(true);
    expect(await rejection(operation)).toBe(reason);
  });

  test('that end as they begin let the event loop turn after a moment', async () => {
    const { operations, begin, world } = stage();
    const told: string[] = [];
    const endsAtOnce = (kind: 'read' | 'write' | 'swap') => {
      void begin({ kind, start: (id) => operations.complete(id, done) }).then(() => told.push(kind));
    };
    // The clock is looked at once in eight of them.
    const seven = new Array<string>(7).fill('write');
    for (const _ of seven) endsAtOnce('write');
    await settled();
    expect(told).toEqual(seven);
    world.pass(2);
    for (const kind of ['swap', 'write', 'read'] as const) endsAtOnce(kind);
    expect(operations.size).toBe(0);
    await settled();
    // They have kept it from turning for long enough; reads do not end as they begin for ever.
    expect(told).toEqual([...seven, 'read']);
    world.endTurn();
    await settled();
    expect(told).toEqual([...seven, 'read', 'swap', 'write']);
    // Another turn, another moment.
    endsAtOnce('write');
    await settled();
    expect(told).toHaveLength(11);
    world.endTurn();
  });

  test('that carry much and end as they begin have the clock looked at each time', async () => {
    const { operations, begin, world } = stage();
    let told = 0;
    const endsAtOnce = () => {
      const start = (id: number) => {
        world.pass(2);
        operations.complete(id, done);
      };
      void begin({ kind: 'write', bytes: 8_000, start }).then(() => {
        told += 1;
      });
    };
    for (let times = 0; times < 3; times += 1) endsAtOnce();
    await settled();
    expect(told).toBe(1);
    world.endTurn();
    await settled();
    expect(told).toBe(3);
  });

  test('that end as they begin are told of in their order', async () => {
    const { operations, begin, world } = stage();
    const told: number[] = [];
    const endsAtOnce = (name: number) =>
      void begin({ kind: 'write', start: (id) => operations.complete(id, done) }).then(() => told.push(name));
    for (let name = 1; name <= 7; name += 1) endsAtOnce(name);
    world.pass(2);
    endsAtOnce(8);
    world.nowMs -= 2;
    endsAtOnce(9);
    await settled();
    expect(told).toEqual([1, 2, 3, 4, 5, 6, 7]);
    world.endTurn();
    await settled();
    expect(told).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  test('that end later than they began are told of at once', async () => {
    const { operations, begin } = stage();
    const write = begin();
    operations.complete(1, done);
    expect(await write).toBe(done);
  });

  test('are none after the end', async () => {
    const { operations, started, begin, world } = stage();
    operations.failAll('DSM_REMOVED', 'the group went on');
    expect(await rejection(begin())).toMatchObject({ code: 'DSM_REMOVED', outcome: 'not-applied' });
    expect([started.length, operations.size, world.timers.size]).toEqual([0, 0, 0]);
  });

  test('the latency is that of the whole operation', () => {
    const { operations, begin, world } = stage();
    void begin({ kind: 'read' });
    world.pass(2.5);
    operations.complete(1, done);
    expect(operations.counts().read.latency).toMatchObject({ count: 1, meanUs: 2_500, maxUs: 2_500 });
    expect(operations.counts().write.latency).toMatchObject({ count: 0, meanUs: 0, p99Us: 0 });
  });

  test('that begin another one while they begin are told of what is theirs', async () => {
    const { operations, begin } = stage();
    const inner: Promise<unknown>[] = [];
    const outer = begin({
      kind: 'write',
      start: (id) => {
        inner.push(
          begin({ kind: 'read', start: (other) => operations.complete(other, { ...done, version: 8 }) }),
        );
        operations.complete(id, done);
      },
    });
    expect(await outer).toEqual(done);
    expect(await inner[0]).toEqual({ ...done, version: 8 });
    expect(operations.size).toBe(0);
  });

  test.each([
    ['read', 'not-applied'],
    ['write', 'unknown'],
  ] as const)('whose replica fails as a %s begins end with it', async (kind, outcome) => {
    const { operations, begin } = stage();
    const failed = begin({ kind, start: () => operations.failAll('DSM_CLOSED', 'the replica failed') });
    expect(await rejection(failed)).toMatchObject({ code: 'DSM_CLOSED', outcome });
    const { ok, failed: failures, unknown } = operations.counts()[kind];
    expect([ok, failures, unknown]).toEqual(kind === 'read' ? [0, 1, 0] : [0, 0, 1]);
    expect(operations.size).toBe(0);
  });

  test('that may not be shown as they end do not count as pending', async () => {
    const { operations, begin, world } = stage();
    const atOnce = begin({ kind: 'write', start: (id) => operations.withhold(id) });
    expect(await rejection(atOnce)).toMatchObject({ code: 'DSM_UNAVAILABLE', outcome: 'unknown' });
    const later = begin({ kind: 'read' });
    operations.withhold(2);
    expect(await rejection(later)).toMatchObject({ code: 'DSM_UNAVAILABLE', outcome: 'not-applied' });
    expect([operations.size, world.timers.size]).toEqual([0, 1]);
  });
});
