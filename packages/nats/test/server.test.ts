import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { encodeValue } from '@dsm/core';
import { connect as dial, headers, type NatsConnection } from '@nats-io/transport-node';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { join, nats } from '../src/index.js';
import { installed, NatsServer } from './fixtures/nats-server.js';

/** What is looked at in the answers of the server. */
interface Answer {
  readonly error?: unknown;
  readonly consumers?: readonly string[];
  readonly state?: { readonly messages: number };
  readonly config?: { readonly deliver_subject?: string };
}

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

describe.skipIf(!installed)('on nats-server', { timeout: 60_000 }, () => {
  let server: NatsServer;

  beforeAll(async () => {
    server = await NatsServer.start();
  }, 60_000);

  afterAll(() => server.stop());

  async function joined(group: string, { servers = server.url as string | string[], bucket = 'dsm' } = {}) {
    const memory = await join(nats({ servers, bucket }), { id: 'a', group, joinTimeout: 10_000 });
    closing.push(() => memory.close());
    return memory;
  }

  async function another(settings: string): Promise<NatsServer> {
    const other = await NatsServer.start(settings);
    closing.push(() => other.stop());
    return other;
  }

  /** A client of nobody's, which does to the server what it likes. */
  async function plain(of: NatsServer = server): Promise<NatsConnection> {
    const client = await dial({ servers: `127.0.0.1:${of.port}`, reconnect: false });
    closing.push(() => client.close());
    return client;
  }

  async function ask(client: NatsConnection, path: string, body: object = {}) {
    const message = await client.request(`$JS.API.${path}`, JSON.stringify(body), { timeout: 10_000 });
    const answer = message.json<Answer>();
    expect(answer.error).toBeUndefined();
    return answer;
  }

  const streamOf = (bucket: string) => ({
    name: `KV_${bucket}`,
    subjects: [`$KV.${bucket}.>`],
    retention: 'limits',
  });

  test('groups are apart', async () => {
    const [one, other] = [await joined('a'), await joined('a.b')];
    await one.write('b.k', 1);
    await other.write('k', 2);
    expect([await one.read('b.k'), await one.read('k'), await one.keys()]).toEqual([1, undefined, ['b.k']]);
    expect(await other.keys()).toEqual(['k']);
  });

  test('keys may be of any characters, and long', async () => {
    const memory = await joined('g'.repeat(255));
    const keys = ['.', 'a.b', '>', '*.', 'user:1', ' ', '=', '\u0000', '😀'.repeat(256), 'k'.repeat(1024)];
    for (const key of keys) await memory.write(key, key);
    for (const key of keys) expect(await memory.read(key)).toBe(key);
    expect((await memory.keys()).toSorted()).toEqual(keys.toSorted());
    expect(await memory.keys('user:*')).toEqual(['user:1']);
    expect((await memory.keys('😀*')).length).toBe(1);
  });

  test('thousands of keys are listed, each once, and none that was deleted', async () => {
    const memory = await joined('many');
    const keys = Array.from({ length: 2_500 }, (_, n) => `k${n}`);
    await Promise.all(keys.map((key) => memory.write(key, 1)));
    expect((await memory.keys()).toSorted()).toEqual(keys.toSorted());
    await Promise.all(keys.slice(2_400).map((key) => memory.delete(key)));
    expect((await memory.keys('k24*')).length).toBe(11);
    expect(await memory.keys('none*')).toEqual([]);
  });

  test('keys that are overwritten all the time are always listed', async () => {
    const memory = await joined('hot');
    const keys = Array.from({ length: 50 }, (_, n) => `k${n}`);
    for (const key of keys) await memory.write(key, 0);
    let working = true;
    const work = async () => {
      for (let n = 0; working; n += 1) await memory.write(`k${n % 50}`, n);
    };
    const workers = Array.from({ length: 20 }, work);
    for (let n = 0; n < 20; n += 1) expect((await memory.keys()).length).toBe(keys.length);
    working = false;
    await Promise.all(workers);
  });

  test('the largest value is kept, and one byte more refused before it is sent', async () => {
    const memory = await joined('large');
    // The encoded value begins with its kind and its length.
    const max = 1024 * 1024 - 1024;
    const bytes = max - (encodeValue(new Uint8Array(max - 100), max).length - (max - 100));
    const key = '😀'.repeat(256);
    const [ones, twos] = [new Uint8Array(bytes).fill(1), new Uint8Array(bytes).fill(2)];
    await memory.write(key, ones);
    expect((await memory.compareAndSwap(key, ones, twos)).ok).toBe(true);
    expect(Buffer.compare((await memory.read(key)) as Uint8Array, twos)).toBe(0);
    const tooLarge = memory.write('k', new Uint8Array(bytes + 1));
    await expect(tooLarge).rejects.toMatchObject({ code: 'DSM_INVALID_VALUE', outcome: 'not-applied' });
    const raised = join(nats({ servers: server.url }), { id: 'a', limits: { valueBytesMax: 2 ** 20 } });
    await expect(raised).rejects.toMatchObject({ code: 'DSM_INVALID_OPTION' });
  });

  test('a server that takes less refuses what is larger, and the connection lasts', async () => {
    const small = await another('max_payload: 10000');
    const memory = await joined('small', { servers: small.url });
    const tooLarge = memory.write('k', new Uint8Array(9_000));
    await expect(tooLarge).rejects.toMatchObject({ code: 'DSM_INVALID_VALUE', outcome: 'not-applied' });
    await memory.write('k', new Uint8Array(8_900));
    expect(memory.status().state).toBe('ready');
  });

  test('versions that no entry ever had win nothing', async () => {
    const memory = await joined('versions');
    for (const version of ['0', '1', '9'.repeat(30), '1-x', '-1']) {
      const absent = { key: 'k', value: undefined, version: '' };
      expect(await memory.writeIf('k', version, 1)).toEqual({ ok: false, current: absent });
    }
    const version = await memory.write('k', 'A');
    await memory.delete('k');
    await memory.write('k', 'A');
    expect((await memory.writeIf('k', version, 'lost')).ok).toBe(false);
  });

  test('of many that create a key that was deleted, one wins', async () => {
    const memory = await joined('again');
    for (let round = 0; round < 10; round += 1) {
      const made = Array.from({ length: 10 }, (_, n) => memory.writeIf('k', '', n));
      const won = (await Promise.all(made)).filter(({ ok }) => ok);
      expect(won.length).toBe(1);
      expect([(await memory.entry('k')).version]).toEqual(won.map((swap) => swap.ok && swap.version));
      expect((await memory.compareAndSwap('k', undefined, 1)).ok).toBe(false);
      await memory.delete('k');
      expect(await memory.entry('k')).toEqual({ key: 'k', value: undefined, version: '' });
    }
  });

  test('a delete of what is absent leaves nothing behind', async () => {
    const memory = await joined('g', { bucket: 'absent' });
    await memory.delete('k');
    expect((await memory.deleteIf('k', '')).ok).toBe(true);
    expect((await ask(await plain(), 'STREAM.INFO.KV_absent')).state?.messages).toBe(0);
  });

  test('what others delete and purge as the tools of NATS do is seen by watches', async () => {
    const memory = await joined('g');
    const client = await plain();
    for (const operation of ['DEL', 'PURGE']) {
      await memory.write('k', operation);
      const watch = memory.watch('*');
      expect((await watch.next()).value).toMatchObject({ key: 'k', value: operation });
      const said = headers();
      said.set('KV-Operation', operation);
      if (operation === 'PURGE') said.set('Nats-Rollup', 'sub');
      client.publish('$KV.dsm.g.k', '', { headers: said });
      expect((await watch.next()).value).toEqual({ key: 'k', value: undefined, version: '' });
      await watch.return?.();
      expect(await memory.keys()).toEqual([]);
    }
  });

  test('a bucket that was deleted is made again; watches see it, and no old version wins', async () => {
    const memory = await joined('g', { bucket: 'removed' });
    const version = await memory.write('k', 'same');
    const watch = memory.watch('*');
    expect((await watch.next()).value).toMatchObject({ key: 'k', value: 'same' });
    await ask(await plain(), 'STREAM.DELETE.KV_removed');
    expect((await watch.next()).value).toEqual({ key: 'k', value: undefined, version: '' });
    const again = await memory.write('k', 'same');
    expect(again).not.toBe(version);
    expect(again.split('-')[0]).toBe(version.split('-')[0]);
    expect(await memory.writeIf('k', version, 'lost')).toMatchObject({
      ok: false,
      current: { version: again },
    });
  });

  test('a write to a bucket that is gone was not applied, or waits for the new one', async () => {
    const memory = await joined('g', { bucket: 'gone' });
    await ask(await plain(), 'STREAM.DELETE.KV_gone');
    const error = { code: 'DSM_UNAVAILABLE', outcome: 'not-applied' };
    await expect(memory.write('k', 1)).rejects.toMatchObject(error);
    await memory.write('k', 2);
    expect(await memory.read('k')).toBe(2);
  });

  test('a read finds out that the bucket is gone, and is answered from the new one', async () => {
    // So long that nothing but the read could find out.
    const options = { id: 'a', group: 'g', suspectAfterMs: 600_000 };
    const memory = await join(nats({ servers: server.url, bucket: 'unread' }), options);
    closing.push(() => memory.close());
    await memory.write('k', 1);
    await ask(await plain(), 'STREAM.DELETE.KV_unread');
    expect(await memory.read('k')).toBeUndefined();
    await memory.write('k', 2);
    expect(await memory.read('k')).toBe(2);
  });

  test('a feed of changes that the server has lost is begun again', async () => {
    const memory = await joined('g', { bucket: 'feeds' });
    const watch = memory.watch('k');
    await watch.next();
    const client = await plain();
    const { consumers } = await ask(client, 'CONSUMER.NAMES.KV_feeds');
    expect(consumers?.length).toBe(1);
    await ask(client, `CONSUMER.DELETE.KV_feeds.${consumers?.[0]}`);
    await memory.write('k', 'untold');
    expect((await watch.next()).value).toMatchObject({ value: 'untold' });
    await memory.write('k', 'told');
    expect((await watch.next()).value).toMatchObject({ value: 'told' });
  });

  test('a gap in what is told has everything that is watched read again', async () => {
    const memory = await joined('g', { bucket: 'gaps' });
    await memory.write('k', 1);
    const watch = memory.watch('k');
    expect((await watch.next()).value).toMatchObject({ value: 1 });
    const client = await plain();
    const { consumers } = await ask(client, 'CONSUMER.NAMES.KV_gaps');
    const feed = await ask(client, `CONSUMER.INFO.KV_gaps.${consumers?.[0]}`);
    // Nobody is told of this.
    await ask(client, 'STREAM.PURGE.KV_gaps');
    const said = headers(100, 'Idle Heartbeat');
    said.set('Nats-Last-Consumer', '5');
    client.publish(feed.config?.deliver_subject ?? '', '', { headers: said });
    expect((await watch.next()).value).toEqual({ key: 'k', value: undefined, version: '' });
  });

  test('a full bucket refuses writes, says that they were not done, and forgets nothing', async () => {
    const client = await plain();
    const settings = { max_bytes: 1_000_000, max_msgs_per_subject: 1, discard: 'new', storage: 'file' };
    await ask(client, 'STREAM.CREATE.KV_full', { ...streamOf('full'), ...settings });
    const memory = await joined('g', { bucket: 'full' });
    const value = new Uint8Array(200_000);
    const ended = await Promise.allSettled(
      Array.from({ length: 10 }, (_, n) => memory.write(`k${n}`, value)),
    );
    const errors = ended.flatMap((end) => (end.status === 'rejected' ? [end.reason] : []));
    expect(errors.length).toBeGreaterThan(0);
    for (const error of errors) expect(error).toMatchObject({ code: 'DSM_STORE', outcome: 'not-applied' });
    expect((await memory.keys()).length).toBe(ended.length - errors.length);
  });

  test('a bucket that forgets is refused', async () => {
    const client = await plain();
    const settings = { max_age: 1e9, max_msgs_per_subject: 1, storage: 'memory' };
    await ask(client, 'STREAM.CREATE.KV_old', { ...streamOf('old'), ...settings });
    const error = {
      code: 'DSM_INVALID_OPTION',
      message: expect.stringContaining('forgets values that are old'),
    };
    await expect(joined('g', { bucket: 'old' })).rejects.toMatchObject(error);
  });

  test('it says what it runs on', async () => {
    const { software, durability } = (await joined('report')).server();
    expect(software).toMatch(/^nats-server \d+\.\d+\.\d+$/);
    expect(durability).toMatch(/synced every two minutes/);
    await ask(await plain(), 'STREAM.CREATE.KV_ram', {
      ...streamOf('ram'),
      storage: 'memory',
      discard: 'new',
    });
    const memory = await joined('g', { bucket: 'ram' });
    expect(memory.server().durability).toBe('none: the bucket is kept in memory');
    await memory.write('k', 1);
    expect(await memory.read('k')).toBe(1);
  });

  test('a password or a token is asked for, and given in the address', async () => {
    for (const [settings, right, wrong] of [
      ['authorization { user: "u", password: "p:1" }', 'u:p%3A1', 'u:p'],
      ['authorization { token: "secret" }', 'secret', 'secrets'],
    ] as const) {
      const locked = await another(settings);
      for (const given of [wrong, '']) {
        const joining = joined('l', { servers: `nats://${given}@127.0.0.1:${locked.port}` });
        const error = {
          code: 'DSM_INVALID_OPTION',
          message: expect.stringMatching(/authorization violation/i),
        };
        await expect(joining).rejects.toMatchObject(error);
      }
      const memory = await joined('l', { servers: `nats://${right}@127.0.0.1:${locked.port}` });
      await memory.write('k', 1);
      expect(await memory.read('k')).toBe(1);
    }
  });

  test('a user who may only read is told so at each write', async () => {
    const settings =
      'authorization { users: [{ user: "r", password: "r", permissions: { publish: { deny: "$KV.>" } } }] }';
    const guarded = await another(settings);
    const memory = await joined('g', { servers: `nats://r:r@127.0.0.1:${guarded.port}` });
    const refused = memory.write('k', 1);
    await expect(refused).rejects.toMatchObject({ code: 'DSM_STORE', outcome: 'not-applied' });
    expect(await memory.read('k')).toBeUndefined();
    expect(memory.status().state).toBe('ready');
  });

  test('encryption that was asked for is insisted on', async () => {
    const joining = join(nats({ servers: `tls://127.0.0.1:${server.port}` }), { id: 'a', joinTimeout: 300 });
    await expect(joining).rejects.toMatchObject({
      code: 'DSM_TIMEOUT',
      message: expect.stringMatching(/tls/),
    });
  });

  test('without JetStream joining ends in time, and says why', async () => {
    const bare = await another('jetstream: false');
    const joining = join(nats({ servers: bare.url }), { id: 'a', joinTimeout: 300 });
    await expect(joining).rejects.toMatchObject({ message: expect.stringMatching(/JetStream/) });
  });

  test('of several servers one that answers is found', async () => {
    const nobody = 'nats://127.0.0.1:1';
    const memory = await joined('hosts', { servers: [nobody, server.url, nobody] });
    await memory.write('k', 1);
    expect(await memory.read('k')).toBe(1);
  });

  test('nothing is left of a memory that was closed', async () => {
    const client = await plain();
    const memory = await joined('g', { bucket: 'closing' });
    await memory.write('k', 1);
    await memory.keys();
    const feeds = async () => (await ask(client, 'CONSUMER.NAMES.KV_closing')).consumers?.length ?? 0;
    await expect.poll(feeds).toBe(1);
    await memory.close();
    await expect.poll(feeds, { timeout: 20_000, interval: 200 }).toBe(0);
  });
});

describe('on a server that is no NATS server', () => {
  async function listening(answer: (socket: Socket) => void): Promise<string> {
    const server = createServer((socket) => answer(socket.on('error', () => undefined))).listen(
      0,
      '127.0.0.1',
    );
    await once(server, 'listening');
    closing.push(() => server.close());
    const bound = server.address();
    return `nats://127.0.0.1:${typeof bound === 'object' ? bound?.port : ''}`;
  }

  const joining = (servers: string) => join(nats({ servers }), { id: 'a', joinTimeout: 200 });

  test('joining ends in time, whatever it answers', async () => {
    for (const said of [
      'HTTP/1.1 400 Bad Request\r\n\r\n',
      'INFO \r\n',
      'INFO nothing\r\n',
      'INFO {"version":"2.9.10"}\r\n',
      '',
    ]) {
      for (const end of [true, false]) {
        const sockets: Socket[] = [];
        const servers = await listening((socket) => {
          sockets.push(socket);
          socket.write(said);
          if (end) socket.end();
        });
        await expect(joining(servers)).rejects.toMatchObject({ code: 'DSM_TIMEOUT' });
        for (const socket of sockets) socket.destroy();
      }
    }
  });

  test('one that is silent keeps nobody waiting: no connection is left', async () => {
    let open = 0;
    const servers = await listening((socket) => {
      open += 1;
      socket.on('close', () => {
        open -= 1;
      });
    });
    const attempt = joining(servers);
    await expect.poll(() => open).toBe(1);
    await expect(attempt).rejects.toMatchObject({ code: 'DSM_TIMEOUT' });
    await expect.poll(() => open).toBe(0);
  });
});
