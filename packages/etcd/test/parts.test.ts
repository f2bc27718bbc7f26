import { DsmError } from '@dsm/core';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { etcd, join } from '../src/index.js';
import { entryIn, Names, revisionOf } from '../src/messages.js';

function codeOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    return DsmError.is(error) ? error.code : String(error);
  }
  return 'nothing was thrown';
}

describe('messages', () => {
  test('an entry is what the gateway shows, where empty is left out', () => {
    const header = { revision: '7' };
    expect(entryIn({ header })).toEqual({ value: null, version: '' });
    const kv = { key: '', mod_revision: '5' };
    expect(entryIn({ header, kvs: [kv] })).toEqual({ value: Buffer.alloc(0), version: '5' });
    expect(entryIn({ header, kvs: [{ ...kv, value: 'AP8=' }] }).value).toEqual(Buffer.from([0, 255]));
  });

  test('a version that no entry ever had stands for no revision', () => {
    expect(revisionOf('')).toBe('0');
    expect(revisionOf('12')).toBe('12');
    expect(revisionOf('9223372036854775807')).toBe('9223372036854775807');
    for (const version of ['0', '-1', '012', '1x', 'x', '1.5', '9223372036854775808', '9'.repeat(30)]) {
      expect(revisionOf(version)).toBeUndefined();
    }
  });
});

describe('names', () => {
  const textOf = (name: string) => Buffer.from(name, 'base64').toString();

  test('give back the key', () => {
    const names = new Names('a group');
    for (const key of ['k', '\u0000', 'é', '😀', 'dsm:a']) {
      expect(names.keyIn({ key: names.of(key), mod_revision: '1' })).toBe(key);
    }
  });

  test('of a family are a range, in which no other name is', () => {
    const names = new Names('g');
    const { key, range_end } = names.range('user:');
    const [from, to] = [Buffer.from(key, 'base64'), Buffer.from(range_end, 'base64')];
    const within = (name: string) => {
      const bytes = Buffer.from(name, 'base64');
      return Buffer.compare(from, bytes) <= 0 && Buffer.compare(bytes, to) < 0;
    };
    for (const inside of ['user:', 'user:1', 'user:😀', 'user:\u{10ffff}']) {
      expect(within(names.of(inside))).toBe(true);
    }
    for (const outside of ['user', 'user9', 'usf', 'user;', 'v', 'a']) {
      expect(within(names.of(outside))).toBe(false);
    }
  });

  test('of one group do not begin those of another', () => {
    const groups = ['a', 'a:b', 'a%3Ab', 'ä', ''];
    const prefixes = groups.map((group) => textOf(new Names(group).of('')));
    for (const one of prefixes) {
      for (const other of prefixes) if (one !== other) expect(one.startsWith(other)).toBe(false);
    }
    expect(new Set(prefixes).size).toBe(groups.length);
  });
});

describe('what is promised', () => {
  test('is what a cluster keeps', () => {
    expect(etcd().guarantees).toEqual({
      consistency: 'linearizable',
      compareAndSwap: true,
      reads: 'server',
      writes: 'server',
      survives: 'minority',
      onPartition: 'minority-stops',
    });
    expectTypeOf(etcd().guarantees.consistency).toEqualTypeOf<'linearizable'>();
    expect(etcd().valueBytesMax).toBe(1024 * 1024);
  });

  test('options that cannot be meant are refused', () => {
    for (const hosts of [[], '', 'localhost', 'tcp://1', [3], ['http://user@host']]) {
      expect(codeOf(() => etcd({ hosts: hosts as string[] }))).toBe('DSM_INVALID_OPTION');
    }
  });

  test('a server of another machine is not spoken to in the clear', async () => {
    for (const host of ['192.0.2.1', '127.example', '[::2]', 'localhost.example']) {
      const joining = join(etcd({ hosts: `http://${host}:2379` }), { id: 'a' });
      await expect(joining).rejects.toMatchObject({ code: 'DSM_INSECURE' });
    }
  });
});
