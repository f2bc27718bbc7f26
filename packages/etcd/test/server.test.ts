import { once } from 'node:events';
import { createServer, type RequestListener, request, type ServerResponse } from 'node:http';
import { encodeValue } from '@dsm/core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { etcd, join } from '../src/index.js';
import { EtcdServer, installed } from './fixtures/etcd-server.js';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** Where somebody listens who answers so. */
async function served(answer: RequestListener): Promise<string> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => {
    server.close();
    server.closeAllConnections();
  });
  const bound = server.address();
  return `http://127.0.0.1:${typeof bound === 'object' ? bound?.port : ''}`;
}

describe.skipIf(!installed)('on etcd', { timeout: 60_000 }, () => {
  let server: EtcdServer;

  beforeAll(async () => {
    server = await EtcdServer.start();
  }, 60_000);

  afterAll(() => server.stop());

  async function joined(group: string, hosts: string | string[] = server.url, options: object = {}) {
    const memory = await join(etcd({ hosts }), { id: 'a', group, ...options });
    closing.push(() => memory.close());
    return memory;
  }

  async function ask(path: string, body: object): Promise<unknown> {
    const response = await fetch(new URL(path, server.url), { method: 'POST', body: JSON.stringify(body) });
    return response.json();
  }

  const nameOf = (name: string) => Buffer.from(name).toString('base64');

  test('groups are apart', async () => {
    const [one, other] = [await joined('a'), await joined('a:b')];
    await one.write('b:k', 1);
    await other.write('k', 2);
    expect([await one.read('b:k'), await one.read('k'), await one.keys()]).toEqual([1, undefined, ['b:k']]);
    expect(await other.keys()).toEqual(['k']);
  });

  test('thousands of keys are listed, each once', async () => {
    const memory = await joined('many', server.url, { timeout: 60_000 });
    const keys = Array.from({ length: 2_500 }, (_, n) => `k${n}`);
    await Promise.all(keys.map((key) => memory.write(key, 1)));
    expect((await memory.keys()).toSorted()).toEqual(keys.toSorted());
    expect((await memory.keys('k24*')).length).toBe(111);
    expect(await memory.keys('none*')).toEqual([]);
  });

  test('the largest value is kept, and one byte more refused before it is sent', async () => {
    const memory = await joined('large');
    // The encoded value begins with its kind and its length.
    const max = 1024 * 1024;
    const bytes = max - (encodeValue(new Uint8Array(max - 100), max).length - (max - 100));
    const key = 'k'.repeat(1024);
    const [ones, twos] = [new Uint8Array(bytes).fill(1), new Uint8Array(bytes).fill(2)];
    await memory.write(key, ones);
    expect((await memory.compareAndSwap(key, ones, twos)).ok).toBe(true);
    expect(Buffer.compare((await memory.read(key)) as Uint8Array, twos)).toBe(0);
    const tooLarge = memory.write('k', new Uint8Array(bytes + 1));
    await expect(tooLarge).rejects.toMatchObject({ code: 'DSM_INVALID_VALUE', outcome: 'not-applied' });
    const raised = join(etcd({ hosts: server.url }), { id: 'a', limits: { valueBytesMax: 2 ** 21 } });
    await expect(raised).rejects.toMatchObject({ code: 'DSM_INVALID_OPTION' });
  });

  test('versions that no entry ever had win nothing', async () => {
    const memory = await joined('versions');
    for (const version of ['0', '9'.repeat(30), 'x', '-1']) {
      const absent = { key: 'k', value: undefined, version: '' };
      expect(await memory.writeIf('k', version, 1)).toEqual({ ok: false, current: absent });
    }
    const version = await memory.write('k', 'A');
    await memory.delete('k');
    await memory.write('k', 'A');
    expect((await memory.writeIf('k', version, 'lost')).ok).toBe(false);
  });

  test('what was removed behind its back is seen by watches', async () => {
    const memory = await joined('emptied');
    await memory.write('k', 1);
    const watch = memory.watch('*');
    expect((await watch.next()).value).toMatchObject({ key: 'k', value: 1 });
    await ask('/v3/kv/deleterange', { key: nameOf('dsm:emptied:k') });
    expect((await watch.next()).value).toEqual({ key: 'k', value: undefined, version: '' });
  });

  test('a compaction loses nothing that is watched', async () => {
    const memory = await joined('compacted');
    const watch = memory.watch('k');
    await watch.next();
    for (let n = 1; n <= 5; n += 1) await memory.write('k', n);
    const version = (await memory.entry('k')).version;
    await ask('/v3/kv/compaction', { revision: version, physical: true });
    await memory.write('k', 6);
    for (;;) if ((await watch.next()).value?.value === 6) break;
    expect(await memory.keys()).toEqual(['k']);
  });

  test('a full server refuses writes, of which it has applied some: it says that nobody knows', async () => {
    const full = await EtcdServer.start(8 * 1024 ** 2);
    closing.push(() => full.stop());
    const memory = await joined('full', full.url);
    const written = new Set<string>();
    const refused: unknown[] = [];
    let last = 0;
    const work = async () => {
      while (refused.length === 0 && last < 10_000) {
        last += 1;
        const key = `k${last}`;
        await memory.write(key, new Uint8Array(20_000)).then(
          () => written.add(key),
          (error: unknown) => refused.push(error),
        );
      }
    };
    // Many at once: some of them are on their way through the cluster when its database reaches the quota.
    await Promise.all(Array.from({ length: 64 }, work));
    expect(refused.length).toBeGreaterThan(0);
    for (const error of refused) expect(error).toMatchObject({ code: 'DSM_STORE', outcome: 'unknown' });
    const kept = new Set(await memory.keys());
    expect([...written].filter((key) => !kept.has(key))).toEqual([]);
  });

  test('it says what it runs on', async () => {
    const { software, durability } = (await joined('report')).server();
    expect(software).toMatch(/^etcd 3\./);
    expect(durability).toMatch(/fsync of the log at its only member/);
  });

  test('of several hosts one that answers is found', async () => {
    const nobody = 'http://127.0.0.1:1';
    const memory = await joined('hosts', [nobody, server.url, nobody]);
    await memory.write('k', 1);
    expect(await memory.read('k')).toBe(1);
  });

  test('changes are not awaited from a server without a leader, though others answer', async () => {
    const alone = await EtcdServer.start();
    closing.push(() => alone.stop());
    // As behind a balancer: the stream of changes is of one server, reads are answered by another.
    const hosts = await served((asked, answer) => {
      const { method, headers, url = '' } = asked;
      if (url === '/v3/kv/range') {
        answer.end('{"header":{"revision":"1"}}');
        return;
      }
      const onwards = request(new URL(url, alone.url), { method, headers }, (answered) => {
        answered.pipe(answer.writeHead(answered.statusCode ?? 500));
      });
      onwards.on('error', () => answer.destroy());
      answer.on('close', () => onwards.destroy());
      asked.pipe(onwards);
    });
    const memory = await joined('balanced', hosts);
    // With a second member that never comes, none is a majority.
    const body = JSON.stringify({ peerURLs: ['http://127.0.0.1:9'] });
    await fetch(new URL('/v3/cluster/member/add', alone.url), { method: 'POST', body });
    await expect.poll(() => memory.status().reason ?? '', { timeout: 30_000 }).toContain('no leader');
  });
});

describe('on a server that is no etcd', () => {
  type Answer = (path: string, response: ServerResponse) => void;

  const listening = (answer: Answer): Promise<string> =>
    served((request, response) => {
      request.resume().on('end', () => answer(request.url ?? '', response));
    });

  test('joining ends in time, whatever it answers', async () => {
    for (const [status, text] of [
      [200, 'not JSON'],
      [404, '<html>'],
      [200, ''],
      [200, '{"error":{"message":"no"}}'],
      [500, '{"code":13,"message":"broken"}'],
    ] as const) {
      const hosts = await listening((_, response) => response.writeHead(status).end(text));
      const joining = join(etcd({ hosts }), { id: 'a', joinTimeout: 200 });
      await expect(joining).rejects.toMatchObject({ code: 'DSM_TIMEOUT' });
    }
  });

  /** As etcd answers, with a stream of changes that the test ends; some requests it refuses. */
  async function likeEtcd(refusals: Readonly<Record<string, string>> = {}) {
    const streams: ServerResponse[] = [];
    const hosts = await listening((path, response) => {
      const refusal = refusals[path];
      if (refusal !== undefined) {
        response.writeHead(429).end(refusal);
        return;
      }
      if (path !== '/v3/watch') {
        response.end('{"header":{"revision":"1"},"version":"3.4.0"}');
        return;
      }
      streams.push(response);
      response.write('{"result":{"created":true}}\n');
    });
    const memory = await join(etcd({ hosts }), { id: 'a', suspectAfterMs: 600_000 });
    closing.push(() => memory.close());
    return { memory, streams };
  }

  test('what it refuses was not done, unless its database is full: then nobody knows', async () => {
    const answers = {
      'etcdserver: mvcc: database space exceeded': 'unknown',
      'etcdserver: permission denied': 'not-applied',
    };
    for (const [message, outcome] of Object.entries(answers)) {
      const { memory } = await likeEtcd({ '/v3/kv/put': JSON.stringify({ code: 8, message }) });
      await expect(memory.write('k', 1)).rejects.toMatchObject({ code: 'DSM_STORE', outcome });
    }
  });

  test('a stream of changes that ends is begun again', async () => {
    const { streams } = await likeEtcd();
    streams[0]?.end();
    await expect.poll(() => streams.length).toBe(2);
  });

  test('so is one that says that it was cancelled', async () => {
    const { memory, streams } = await likeEtcd();
    streams[0]?.write('{"result":{"canceled":true,"cancel_reason":"enough"}}\n');
    await expect.poll(() => streams.length).toBe(2);
    await expect.poll(() => memory.status().state).toBe('ready');
  });
});
