import { DsmError, type Guarantees, type SharedMemory } from '@dsm/core';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { join, type RedisGuarantees, redis, types } from '../src/index.js';
import { examine } from '../src/inquiry.js';
import { clientNameOf, patternOf, prefixOf } from '../src/names.js';
import { entryOf, recordOf } from '../src/record.js';

function codeOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    return DsmError.is(error) ? error.code : String(error);
  }
  return 'nothing was thrown';
}

describe('a record', () => {
  test('gives back version and value', () => {
    for (const bytes of [new Uint8Array(0), new Uint8Array([0, 1, 255]), new Uint8Array(100_000).fill(7)]) {
      const { value, version } = entryOf('k', recordOf('abc1', bytes));
      expect(version).toBe('abc1');
      expect(Buffer.compare(Buffer.from(value ?? []), Buffer.from(bytes))).toBe(0);
    }
  });

  test('that is not there is an absent entry', () => {
    expect(entryOf('k', null)).toEqual({ value: null, version: '' });
  });

  test('of somebody else is refused', () => {
    for (const record of ['', 'x', 'text', '\u00d5', '\u00d5\u0000abc', '\u00d5\u0009abc']) {
      expect(codeOf(() => entryOf('k', Buffer.from(record, 'latin1')))).toBe('DSM_STORE');
    }
  });
});

describe('names', () => {
  test('of one group do not begin those of another', () => {
    const groups = ['a', 'a:b', 'a%3Ab', 'a b', 'ä', ''];
    const names = groups.flatMap((group) => ['k', 'b:k', ':k'].map((key) => prefixOf(group) + key));
    expect(new Set(names).size).toBe(names.length);
    for (const one of groups) {
      for (const other of groups) {
        if (one !== other) expect(prefixOf(one).startsWith(prefixOf(other))).toBe(false);
      }
    }
  });

  test('of clients have no spaces', () => {
    expect(clientNameOf('my group', 'é\n1')).toBe('dsm:my_group:__1');
  });

  test('in patterns stand for themselves', () => {
    expect(patternOf('a*[b]?\\c^-')).toBe('a\\*\\[b\\]\\?\\\\c\\^\\-*');
  });
});

describe('a server is examined', () => {
  const healthy = {
    redis_version: '7.0.15',
    loading: '0',
    role: 'master',
    connected_slaves: '0',
    maxmemory: '0',
    maxmemory_policy: 'noeviction',
    aof_enabled: '0',
    cluster_enabled: '0',
  };
  const looked = (
    fields: Partial<Record<keyof typeof healthy, string>>,
    { save = '', appendfsync = 'everysec', replicated = false } = {},
  ) => {
    const lines = Object.entries({ ...healthy, ...fields }).map(([name, value]) => `${name}:${value}`);
    const info = ['# Server', ...lines, ''].join('\r\n');
    return examine({ info, save: save === '?' ? undefined : save, appendfsync }, replicated);
  };

  test('and says how durable it is', () => {
    expect(looked({})).toEqual({ software: 'redis 7.0.15', durability: 'none: nothing is written to disk' });
    expect(looked({ aof_enabled: '1' }).durability).toBe('append-only file, appendfsync everysec');
    expect(looked({}, { save: '3600 1' }).durability).toMatch(/^snapshots only \(save 3600 1\)/);
    expect(looked({}, { save: '?' }).durability).toMatch(/does not say/);
  });

  test('and refused where it cannot keep what is promised', () => {
    for (const fields of [
      { role: 'slave' },
      { connected_slaves: '1' },
      { cluster_enabled: '1' },
      { maxmemory: '1000', maxmemory_policy: 'allkeys-lru' },
    ]) {
      expect(codeOf(() => looked(fields))).toBe('DSM_INVALID_OPTION');
    }
    expect(looked({ maxmemory_policy: 'allkeys-lru' }).software).toBe('redis 7.0.15');
    expect(looked({ maxmemory: '1000' }).software).toBe('redis 7.0.15');
  });

  test('with replicas, where that was said', () => {
    expect(looked({ connected_slaves: '2' }, { replicated: true }).software).toBe('redis 7.0.15');
    // It may become the one that takes writes.
    expect(() => looked({ role: 'slave' }, { replicated: true })).toThrow(/takes no writes/);
    expect(codeOf(() => looked({ role: 'slave' }, { replicated: true }))).toMatch(/^Error/);
  });

  test('later, where it is still loading', () => {
    expect(codeOf(() => looked({ loading: '1' }))).toMatch(/^Error/);
  });
});

describe('what is promised', () => {
  test('with one server, and with replicas', () => {
    expect(redis().guarantees).toEqual({
      consistency: 'linearizable',
      compareAndSwap: true,
      reads: 'server',
      writes: 'server',
      survives: 'none',
      onPartition: 'minority-stops',
    });
    expect(redis({ replicated: true }).guarantees.consistency).toBe('none');
    expectTypeOf(redis().guarantees.consistency).toEqualTypeOf<'linearizable'>();
    expectTypeOf(redis({ replicated: true }).guarantees.consistency).toEqualTypeOf<'none'>();
  });

  test('is what a function may demand of its memory', () => {
    type Demanded = Guarantees & { consistency: 'linearizable'; compareAndSwap: true };
    type Elected = SharedMemory<{ leader: string }, Demanded>;
    expectTypeOf<SharedMemory<{ leader: string }, RedisGuarantees<false>>>().toExtend<Elected>();
    expectTypeOf<SharedMemory<{ leader: string }, RedisGuarantees<true>>>().not.toExtend<Elected>();
  });

  test('options that cannot be meant are refused', () => {
    for (const url of ['', 'localhost', 'http://localhost', 'redis:', 3]) {
      expect(codeOf(() => redis({ url: url as string }))).toBe('DSM_INVALID_OPTION');
    }
    expect(codeOf(() => redis({ replicated: 'yes' as unknown as boolean }))).toBe('DSM_INVALID_OPTION');
  });

  test('a server of another machine is not spoken to in the clear', async () => {
    for (const host of ['192.0.2.1', '127.example', '[::2]', 'localhost.example']) {
      const joining = join(redis({ url: `redis://${host}:6379` }), { id: 'a', schema: types<object>() });
      await expect(joining).rejects.toMatchObject({ code: 'DSM_INSECURE' });
    }
  });
});
