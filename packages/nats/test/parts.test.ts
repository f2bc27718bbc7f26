import { DsmError } from '@dsm/core';
import { errors, headers, type Msg, type MsgCallback, type MsgHdrs } from '@nats-io/transport-node';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { type Api, refusalOf } from '../src/api.js';
import { flawOf, type StreamSettings } from '../src/bucket.js';
import { Hearing } from '../src/feed.js';
import { join, nats } from '../src/index.js';
import { list } from '../src/listing.js';
import { Names } from '../src/names.js';
import { knownOf, sequenceOf, versionOf } from '../src/record.js';

function codeOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    return DsmError.is(error) ? error.code : String(error);
  }
  return 'nothing was thrown';
}

describe('a refusal', () => {
  test('is what may not be published; what may not be heard any more may have been done', () => {
    const failed = (operation: 'publish' | 'subscription') => {
      const cause = new errors.PermissionViolationError('no', operation, 'subject');
      return refusalOf(new errors.RequestError('no', { cause }));
    };
    expect(failed('publish')).toMatchObject({ code: 'DSM_STORE', outcome: 'not-applied' });
    expect(DsmError.is(failed('subscription'))).toBe(false);
  });
});

describe('names', () => {
  const keys = [
    'k',
    'K',
    'user:1',
    'a.b',
    'a..b',
    '.',
    '*',
    '>',
    ' ',
    '=',
    '=2E',
    '%2E',
    '/',
    'é',
    '😀',
    '\u0000',
    '~!',
  ];

  test('give back the key, and no two keys have one subject', () => {
    const names = new Names('dsm', 'g');
    const subjects = keys.map((key) => names.of(key));
    expect(subjects.map((subject) => names.keyIn(subject))).toEqual(keys);
    expect(new Set(subjects).size).toBe(keys.length);
  });

  test('are of what the server and its tools take in the key of a bucket', () => {
    for (const key of keys)
      expect(new Names('dsm', 'a group').of(key)).toMatch(/^\$KV\.dsm\.[-=\w]+\.[-=\w]+$/);
    expect(new Names('dsm', 'default').of('user:1')).toBe('$KV.dsm.default.user=3A1');
  });

  test('of one group are none of another, whatever the length of its name', () => {
    const groups = ['a', 'a.b', 'a=2Eb', 'ä', 'a b', 'x'.repeat(65), 'x'.repeat(66), '😀'.repeat(60)];
    const prefixes = groups.map((group) => new Names('dsm', group).all.slice(0, -1));
    for (const one of prefixes) {
      for (const other of prefixes) if (one !== other) expect(one.startsWith(other)).toBe(false);
    }
    expect(new Set(prefixes).size).toBe(groups.length);
  });

  test('of the longest keys fit into a line of the protocol', () => {
    const subject = new Names('b'.repeat(64), '😀'.repeat(63)).of('😀'.repeat(256));
    expect(subject.length).toBeLessThan(4096 - 256);
  });

  test('that somebody else has chosen are those of no key', () => {
    const names = new Names('dsm', 'g');
    for (const rest of ['', 'a.b', '=2e', '=61', 'a=', '=FF', 'a=3'])
      expect(names.keyIn(`$KV.dsm.g.${rest}`)).toBeUndefined();
    expect(names.keyIn('$KV.dsm.h.k')).toBeUndefined();
  });
});

describe('a record', () => {
  const base64 = (text: string) => Buffer.from(text).toString('base64');

  test('is a value and its version', () => {
    const { entry, sequence } = knownOf({ seq: 7, data: 'AP8=' }, 'abc');
    expect(entry).toEqual({ value: Buffer.from([0, 255]), version: '7-abc' });
    expect(sequence).toBe(7);
    expect(knownOf({ seq: 7, hdrs: base64('NATS/1.0\r\nX: DEL\r\n\r\n') }, 'abc').entry.version).toBe(
      '7-abc',
    );
  });

  test('that marks a deleted key is an absent entry, of which the number is known', () => {
    for (const header of [
      'KV-Operation: DEL',
      'KV-Operation:PURGE',
      'kv-operation: DEL',
      'Nats-Marker-Reason: MaxAge',
    ]) {
      const hdrs = base64(`NATS/1.0\r\nNats-Rollup: sub\r\n${header}\r\n\r\n`);
      expect(knownOf({ seq: 8, hdrs }, 'abc')).toEqual({ entry: { value: null, version: '' }, sequence: 8 });
    }
  });

  test('a version that no entry of this bucket ever had stands for no number', () => {
    expect(sequenceOf('', 'abc')).toBe(0);
    expect(sequenceOf(versionOf(12, 'abc'), 'abc')).toBe(12);
    for (const version of [
      '0-abc',
      '-1-abc',
      '012-abc',
      '12',
      '12-abd',
      '12-',
      'x-abc',
      `${'9'.repeat(16)}-abc`,
    ]) {
      expect(sequenceOf(version, 'abc')).toBeUndefined();
    }
  });
});

describe('a feed', () => {
  function heard() {
    const told: string[] = [];
    const hearing = new Hearing({
      told: (subject, absent) => told.push(absent ? `${subject} absent` : subject),
      missed: () => told.push('missed'),
      idle: () => told.push('idle'),
    });
    const message = (number: number, subject: string, operation = '') => {
      const said = headers();
      if (operation !== '') said.set('KV-Operation', operation);
      hearing.hear({ subject, reply: `$JS.ACK.KV_dsm.name.1.${number + 100}.${number}.1.0`, headers: said });
    };
    const idle = (number: number) => {
      const said = headers(100, 'Idle Heartbeat');
      said.set('Nats-Last-Consumer', String(number));
      hearing.hear({ subject: 'inbox', reply: '', headers: said });
    };
    return { told, message, idle, hearing };
  }

  test('tells what was written and deleted', () => {
    const { told, message, idle } = heard();
    idle(0);
    message(1, 'a');
    message(2, 'b', 'DEL');
    idle(2);
    expect(told).toEqual(['idle', 'a', 'b absent', 'idle']);
  });

  test('with a gap says so: in the middle', () => {
    const { told, message } = heard();
    message(1, 'a');
    message(3, 'c');
    message(4, 'd');
    expect(told).toEqual(['a', 'missed', 'c', 'd']);
  });

  test('with a gap says so: at its end', () => {
    const { told, message, idle } = heard();
    message(1, 'a');
    idle(3);
    idle(3);
    message(4, 'd');
    expect(told).toEqual(['a', 'missed', 'idle', 'd']);
  });

  test('is numbered in other places where the server names its domain', () => {
    const { told, hearing } = heard();
    for (const number of [1, 2, 4]) {
      hearing.hear({ subject: `${number}`, reply: `$JS.ACK.hub.account.KV_dsm.name.1.77.${number}.1.0.x` });
    }
    expect(told).toEqual(['1', '2', 'missed', '4']);
  });
});

describe('a listing', () => {
  /** A server that gives subjects two by two, and then tells these of them. */
  function serverOf(
    keys: readonly string[],
    told: readonly (readonly [string, string])[],
    idleAfter: number,
  ) {
    const names = new Names('dsm', 'g');
    let hear: MsgCallback<Msg> = () => undefined;
    const give = (subject: string, reply: string, said: MsgHdrs) =>
      hear(null, { subject, reply, headers: said } as Msg);
    const tell = () => {
      for (const [at, [key, operation]] of told.entries()) {
        const said = headers();
        if (operation !== '') said.set('KV-Operation', operation);
        give(names.of(key), `$JS.ACK.KV_dsm.name.1.${at + 100}.${at + 1}.1.0`, said);
      }
      const idle = headers(100, 'Idle Heartbeat');
      idle.set('Nats-Last-Consumer', String(idleAfter));
      give('inbox', '', idle);
    };
    const ask = async (path: string, body?: { readonly offset?: number }) => {
      if (path.startsWith('CONSUMER.CREATE')) queueMicrotask(tell);
      if (!path.startsWith('STREAM.INFO')) return { name: 'name' };
      const page = keys.slice(body?.offset, (body?.offset ?? 0) + 2);
      return {
        total: keys.length,
        state: { subjects: Object.fromEntries(page.map((key) => [names.of(key), 1])) },
      };
    };
    const subscribe = (_: string, { callback }: { readonly callback: MsgCallback<Msg> }) => {
      hear = callback;
      return { closed: new Promise(() => undefined), unsubscribe: () => undefined };
    };
    const asked: string[] = [];
    const present = async (key: string) => {
      asked.push(key);
      return key !== 'gone';
    };
    const api = { client: { subscribe }, ask } as unknown as Api;
    return { parts: { api, stream: 'KV_dsm', names, present }, asked };
  }

  const five = ['a', 'b', 'c', 'gone', 'e'];
  const told = [
    ['a', ''],
    ['b', 'DEL'],
    ['e', ''],
  ] as const;

  test('asks for each key that was not told when everything was', async () => {
    const { parts, asked } = serverOf(five, told, 3);
    expect([...(await list(parts, ''))].toSorted()).toEqual(['a', 'c', 'e']);
    expect(asked.toSorted()).toEqual(['c', 'gone']);
  });

  test('asks, too, when something was told that did not arrive', async () => {
    const { parts } = serverOf(five, told, 7);
    expect([...(await list(parts, ''))].toSorted()).toEqual(['a', 'c', 'e']);
  });

  test('asks for nothing where everything was told', async () => {
    const { parts, asked } = serverOf(['a', 'b', 'e'], told, 3);
    expect([...(await list(parts, ''))]).toEqual(['a', 'e']);
    expect(asked).toEqual([]);
  });
});

describe('a bucket', () => {
  const sound: StreamSettings = {
    subjects: ['$KV.dsm.>'],
    storage: 'file',
    num_replicas: 1,
    retention: 'limits',
    discard: 'new',
    max_age: 0,
    max_msgs: -1,
    max_bytes: -1,
    max_msgs_per_subject: 1,
  };

  test('that keeps everything is used', () => {
    for (const more of [
      {},
      { max_bytes: 1e6 },
      { max_msgs_per_subject: 5 },
      { discard: 'old' },
      { storage: 'memory' },
    ]) {
      expect(flawOf({ ...sound, ...more }, 'dsm')).toBeUndefined();
    }
  });

  test('that cannot keep what is promised is refused', () => {
    for (const [more, why] of [
      [{ num_replicas: 3 }, /3 replicas/],
      [{ max_age: 1e9 }, /old/],
      [{ discard: 'old', max_bytes: 1e6 }, /full/],
      [{ discard: 'old', max_msgs: 10 }, /full/],
      [{ retention: 'interest' }, /received/],
      [{ no_ack: true }, /acknowledges/],
      [{ sealed: true }, /sealed/],
      [{ mirror: { name: 'x' } }, /copies/],
      [{ sources: [{ name: 'x' }] }, /copies/],
      [{ subjects: ['$KV.dsm.g.>'] }, /other subjects/],
    ] as const) {
      expect(flawOf({ ...sound, ...more }, 'dsm')).toMatch(why);
    }
  });
});

describe('what is promised', () => {
  test('is what one server keeps', () => {
    expect(nats().guarantees).toEqual({
      consistency: 'linearizable',
      compareAndSwap: true,
      reads: 'server',
      writes: 'server',
      survives: 'none',
      onPartition: 'minority-stops',
    });
    expectTypeOf(nats().guarantees.consistency).toEqualTypeOf<'linearizable'>();
    expect(nats().valueBytesMax).toBe(1024 * 1024 - 1024);
  });

  test('options that cannot be meant are refused', () => {
    for (const servers of [[], '', 'localhost', 'http://localhost', 'nats:', [3]]) {
      expect(codeOf(() => nats({ servers: servers as string }))).toBe('DSM_INVALID_OPTION');
    }
    for (const bucket of ['', 'a.b', 'a b', '>', 'x'.repeat(65), 3]) {
      expect(codeOf(() => nats({ bucket: bucket as string }))).toBe('DSM_INVALID_OPTION');
    }
  });

  test('a server of another machine is not spoken to in the clear', async () => {
    for (const host of ['192.0.2.1', '127.example', '[::2]', 'localhost.example']) {
      const joining = join(nats({ servers: `nats://${host}:4222` }), { id: 'a' });
      await expect(joining).rejects.toMatchObject({ code: 'DSM_INSECURE' });
    }
  });
});
