import { describe, expect, test } from 'vitest';
import type { OperationId, Result } from '../../src/protocol.js';
import { rejection } from './fixtures/group-of.js';
import { stage } from './fixtures/stage.js';

const done: Result = { kind: 'written', version: 7 };

describe('operations', () => {
  test('that carry more than may be under way wait for others to end, however large they are themselves', () => {
    const { started, operations, begin } = stage();
    const sizes = [60, 40, 1, 0, 500, 0];
    for (const bytes of sizes) void begin({ bytes }).catch(() => undefined);
    // What carries nothing waits behind those that wait.
    expect(started).toEqual([1, 2]);
    operations.complete(2, done);
    expect(started).toEqual([1, 2, 3, 4]);
    operations.complete(4, done);
    operations.complete(1, done);
    expect(started).toEqual([1, 2, 3, 4]);
    operations.complete(3, done);
    expect(started).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test('that were given up carry what they carry until the replica has ended them', async () => {
    const { started, operations, begin, world } = stage();
    const given = rejection(begin({ bytes: 60, options: { timeout: 10 } }));
    world.pass(50);
    await given;
    const late = rejection(begin({ bytes: 60, options: { timeout: 10 } }));
    void begin({ bytes: 60 }).catch(() => undefined);
    expect(started).toEqual([1]);
    world.pass(50);
    expect(await late).toMatchObject({ code: 'DSM_TIMEOUT', outcome: 'not-applied' });
    operations.complete(1, done);
    expect(started).toEqual([1, 3]);
  });

  test('wait for room in their order, and behind those that waited first', () => {
    const { started, room, operations, begin } = stage();
    room.admits = false;
    const all = Array.from({ length: 3 }, () => begin().catch(() => undefined));
    expect(started).toEqual([]);
    operations.admit();
    expect(started).toEqual([]);
    room.admits = true;
    all.push(begin().catch(() => undefined));
    expect(started).toEqual([]);
    operations.admit();
    expect(started).toEqual([1, 2, 3, 4]);
    expect(operations.size).toBe(all.length);
  });

  test('do not wait behind those that gave up waiting', async () => {
    const { started, room, world, begin, operations } = stage();
    room.admits = false;
    const first = rejection(begin({ options: { timeout: 10 } }));
    world.pass(10);
    await first;
    room.admits = true;
    void begin().catch(() => undefined);
    expect(started).toEqual([2]);
    expect(operations.size).toBe(1);
  });

  test('behind one that gives up waiting have its room', async () => {
    const { started, world, begin } = stage();
    const abort = new AbortController();
    const [most, rest] = [{ bytes: 60 }, { bytes: 10 }];
    const waits = [begin(most), begin({ ...most, options: { signal: abort.signal } }), begin(rest)];
    for (const each of waits) each.catch(() => undefined);
    expect(started).toEqual([1]);
    abort.abort();
    expect(started).toEqual([1, 3]);
    void begin({ ...most, options: { timeout: 10 } }).catch(() => undefined);
    void begin(rest).catch(() => undefined);
    world.pass(10);
    expect(started).toEqual([1, 3, 5]);
  });

  test('whose time is up together are not begun by each other', async () => {
    const { started, abandoned, world, begin } = stage();
    void begin({ bytes: 60 }).catch(() => undefined);
    const late = [
      begin({ bytes: 60, options: { timeout: 10 } }),
      begin({ bytes: 10, options: { timeout: 10 } }),
    ];
    const ends = Promise.all(late.map(rejection));
    world.pass(10);
    for (const end of await ends) expect(end).toMatchObject({ outcome: 'not-applied' });
    expect([started, abandoned]).toEqual([[1], []]);
  });

  test('stop going ahead when the room is gone', () => {
    const { started, room, operations, begin } = stage();
    room.admits = false;
    for (let left = 3; left > 0; left -= 1) {
      const start = (id: OperationId) => {
        started.push(id);
        room.admits = false;
      };
      void begin({ start }).catch(() => undefined);
    }
    for (const count of [1, 2, 3]) {
      room.admits = true;
      operations.admit();
      expect(started).toHaveLength(count);
    }
  });
});
