import { DsmError } from '@dsm/core';
import { createClient } from '@redis/client';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { join, redis } from '../src/index.js';
import { installed, RedisServer } from './fixtures/redis-server.js';

describe.skipIf(!installed)('on redis-server', { timeout: 30_000 }, () => {
  let server: RedisServer;
  const closing: (() => unknown)[] = [];

  beforeAll(async () => {
    server = await RedisServer.start();
  });

  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });

  afterAll(() => server.stop());

  async function joined(group: string, url = server.url) {
    const memory = await join(redis({ url }), { id: 'a', group, joinTimeout: 10_000 });
    closing.push(() => memory.close());
    return memory;
  }

  /** A client of nobody's, which does to the server what it likes. */
  async function plain(of: RedisServer = server) {
    const client = createClient({ url: of.url });
    client.on('error', () => undefined); // What fails rejects.
    await client.connect();
    closing.push(() => client.isOpen && client.destroy());
    return client;
  }

  async function another(...settings: readonly string[]): Promise<RedisServer> {
    const other = await RedisServer.start(...settings);
    closing.push(() => other.stop());
    return other;
  }

  test('groups are apart', async () => {
    const [one, other] = [await joined('a'), await joined('a:b')];
    await one.write('b:k', 1);
    await other.write('k', 2);
    expect([await one.read('b:k'), await one.read('k'), await one.keys()]).toEqual([1, undefined, ['b:k']]);
    expect(await other.keys()).toEqual(['k']);
  });

  test('keys may look like patterns', async () => {
    const memory = await joined('patterns');
    const keys = ['a*', 'a*b', 'a[b]', 'a?', 'a\\b', 'ab', 'a^', 'a-'].filter((key) => !key.endsWith('*'));
    for (const key of keys) await memory.write(key, key);
    expect((await memory.keys()).toSorted()).toEqual(keys.toSorted());
    expect(await memory.keys('a[*')).toEqual(['a[b]']);
    expect(await memory.keys('a?*')).toEqual(['a?']);
    expect(await memory.keys('a**')).toEqual(['a*b']);
    expect(await memory.keys('a\\*')).toEqual(['a\\b']);
  });

  test('thousands of keys are listed, each once', async () => {
    const memory = await joined('many');
    const keys = Array.from({ length: 5_000 }, (_, n) => `k${n}`);
    await Promise.all(keys.map((key) => memory.write(key, 1)));
    expect((await memory.keys()).toSorted()).toEqual(keys.toSorted());
    expect((await memory.keys('k49*')).length).toBe(111);
  });

  test('a version is never given twice, even when the server has forgotten everything', async () => {
    const memory = await joined('versions');
    const client = await plain();
    const old = await memory.write('k', 'same');
    await client.flushAll();
    const version = await memory.write('k', 'same');
    expect(version).not.toBe(old);
    expect(await memory.writeIf('k', old, 'lost')).toMatchObject({ ok: false, current: { version } });
  });

  test('what empties the server is seen by watches', async () => {
    const memory = await joined('emptied');
    await memory.write('k', 1);
    const watch = memory.watch('*');
    expect((await watch.next()).value).toMatchObject({ key: 'k', value: 1 });
    await (await plain()).flushAll();
    expect((await watch.next()).value).toEqual({ key: 'k', value: undefined, version: '' });
  });

  test('what vanishes by itself is seen by watches', async () => {
    const memory = await joined('expiring');
    await memory.write('k', 1);
    const watch = memory.watch('k');
    await watch.next();
    await (await plain()).pExpire('dsm:expiring:k', 20);
    expect((await watch.next()).value).toEqual({ key: 'k', value: undefined, version: '' });
  });

  test('what somebody else has written is refused, not shown', async () => {
    const memory = await joined('foreign');
    const client = await plain();
    await client.set('dsm:foreign:text', 'text');
    await client.lPush('dsm:foreign:list', 'item');
    // Where a record has the length of its version this has a zero, as if there were none.
    await client.set('dsm:foreign:zero', 'a\u0000b');
    for (const key of ['text', 'list', 'zero']) {
      for (const act of [
        () => memory.read(key),
        () => memory.writeIf(key, '', 1),
        () => memory.writeIf(key, 'v', 1),
        () => memory.compareAndSwap(key, 1, 2),
      ]) {
        const error = await act().then(
          () => undefined,
          (reason: unknown) => reason,
        );
        expect(DsmError.is(error, 'DSM_STORE') && error.outcome).toBe('not-applied');
      }
      await memory.write(key, 'ours');
      expect(await memory.read(key)).toBe('ours');
    }
  });

  test('swaps go on when the server has forgotten their script', async () => {
    const memory = await joined('script');
    const client = await plain();
    expect((await memory.compareAndSwap('k', undefined, 1)).ok).toBe(true);
    await client.scriptFlush();
    expect((await memory.compareAndSwap('k', 1, 2)).ok).toBe(true);
    expect(await memory.read('k')).toBe(2);
  });

  test('a full server refuses writes, and says that they were not done', async () => {
    const full = await another('--maxmemory', '1mb', '--save', '');
    const memory = await joined('full', full.url);
    const value = new Uint8Array(200_000);
    const writes = Array.from({ length: 10 }, (_, n) => memory.write(`k${n}`, value));
    const ended = await Promise.allSettled(writes);
    const errors = ended.flatMap((end) => (end.status === 'rejected' ? [end.reason] : []));
    expect(errors.length).toBeGreaterThan(0);
    for (const error of errors) expect(error).toMatchObject({ code: 'DSM_STORE', outcome: 'not-applied' });
    expect((await memory.keys()).length).toBe(ended.length - errors.length);
  });

  test('a server with a replica is refused, and so is the replica, unless that was said', async () => {
    const primary = await another();
    const replica = await another('--replicaof', '127.0.0.1', String(primary.port), '--save', '');
    const client = await plain(primary);
    await expect.poll(() => client.info('replication'), { timeout: 20_000 }).toContain('connected_slaves:1');
    for (const { url } of [primary, replica]) {
      await expect(joined('r', url)).rejects.toMatchObject({ code: 'DSM_INVALID_OPTION' });
    }
    const memory = await join(redis({ url: primary.url, replicated: true }), { id: 'a' });
    closing.push(() => memory.close());
    await memory.write('k', 1);
    expect([await memory.read('k'), memory.guarantees.consistency]).toEqual([1, 'none']);
  });

  test('a server that gets a replica is not used any more', async () => {
    const primary = await another();
    const memory = await joined('r', primary.url);
    const replica = await another('--replicaof', '127.0.0.1', String(primary.port), '--save', '');
    await expect.poll(() => memory.status().state, { timeout: 20_000 }).toBe('suspended');
    await expect.poll(() => memory.status().reason).toContain('it has replicas');
    await replica.kill();
    await expect.poll(() => memory.status().state, { timeout: 20_000 }).toBe('ready');
    await memory.write('k', 1);
  });

  test('a server that becomes a replica is not used any more', async () => {
    const demoted = await another();
    const memory = await joined('r', demoted.url);
    const client = await plain(demoted);
    await client.sendCommand(['REPLICAOF', '127.0.0.1', String(server.port)]);
    await expect.poll(() => memory.status().reason, { timeout: 20_000 }).toContain('it is a replica');
    await client.sendCommand(['REPLICAOF', 'NO', 'ONE']);
    await expect.poll(() => memory.status().state, { timeout: 20_000 }).toBe('ready');
    await memory.write('k', 1);
  });

  test('who may not ask for the role is answered all the same', async () => {
    const other = await another();
    const client = await plain(other);
    await client.sendCommand('ACL SETUSER default -role'.split(' '));
    const memory = await join(redis({ url: other.url }), { id: 'a', suspectAfterMs: 200 });
    closing.push(() => memory.close());
    const asked = async () => String(await client.sendCommand(['INFO', 'commandstats']));
    // Four signs of life at least: by then a server that does not answer is suspected.
    await expect.poll(asked, { timeout: 20_000 }).toMatch(/cmdstat_ping:calls=([5-9]|\d\d)/);
    expect(memory.status().state).toBe('ready');
  });

  test('a connection that is called off while it is made is not left behind', async () => {
    const other = await another();
    const client = await plain(other);
    const controller = new AbortController();
    const joining = join(redis({ url: other.url }), { id: 'gone', signal: controller.signal });
    controller.abort(new Error('called off'));
    await expect(joining).rejects.toThrow('called off');
    const connected = async () => /total_connections_received:(\d+)/.exec(await client.info('stats'))?.[1];
    await expect.poll(connected).not.toBe('1');
    await expect.poll(async () => String(await client.sendCommand(['CLIENT', 'LIST']))).not.toContain('gone');
  });

  test('its durability is what the server says', async () => {
    const durable = await another('--appendonly', 'yes', '--appendfsync', 'always');
    const memory = await joined('d', durable.url);
    expect(memory.server().durability).toBe('append-only file, appendfsync always');
    expect((await joined('d')).server()).toMatchObject({ durability: 'none: nothing is written to disk' });
    expect(memory.server().software).toMatch(/^redis \d+\./);
  });

  test('its clients are named in the list of the server', async () => {
    await joined('my group');
    expect(JSON.stringify(await (await plain()).clientList())).toContain('dsm:my_group:a');
  });

  test('a password is asked for, and given in the address', async () => {
    const locked = await another('--requirepass', 'secret', '--save', '');
    for (const [password, answer] of [
      ['', /NOAUTH/],
      [':wrong@', /WRONGPASS/],
    ] as const) {
      const wrong = joined('l', `redis://${password}127.0.0.1:${locked.port}`);
      const error = { code: 'DSM_INVALID_OPTION', message: expect.stringMatching(answer) };
      await expect(wrong).rejects.toMatchObject(error);
    }
    const memory = await joined('l', `redis://:secret@127.0.0.1:${locked.port}/3`);
    await memory.write('k', 1);
    expect(await memory.read('k')).toBe(1);
  });

  test('nothing is left of a memory that was closed', async () => {
    const client = await plain();
    const ours = async () => JSON.stringify(await client.clientList()).match(/dsm:closing:/g)?.length ?? 0;
    const memory = await join(redis({ url: server.url }), { id: 'a', group: 'closing' });
    expect(await ours()).toBe(1);
    await memory.close();
    await expect.poll(ours).toBe(0);
  });
});
