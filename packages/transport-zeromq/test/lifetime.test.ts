import { once } from 'node:events';
import { createServer } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { DsmError } from '@dsm/core';
import { expect, onTestFinished, test } from 'vitest';
import { parsePeer } from '../src/address.js';
import { zeromq } from '../src/index.js';
import { Child, freeAddress, member, numbered, type Peers, text, until } from './network.js';

const hasIPv6 = Object.values(networkInterfaces()).some((all) =>
  all?.some(({ address }) => address === '::1'),
);

async function code(promise: Promise<unknown>): Promise<string | undefined> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return DsmError.is(error) ? error.code : undefined;
}

test('what is sent to an absent peer is lost and counted; it is reached when it comes late', async () => {
  const [addressA, addressB] = [await freeAddress(), await freeAddress()];
  const a = await member({ self: 'a', listen: addressA, peers: [[1, { name: 'b', address: addressB }]] });
  for (let number = 0; number < 100; number += 1) a.wire.send(1, numbered(number));
  await until('they are counted as lost', () => a.wire.counts.lost === 100);
  const b = await member({ self: 'b', listen: addressB });
  await until('a reaches b', () => a.reached.length === 1);
  a.wire.send(1, numbered(100));
  await until('b hears a', () => b.frames.length > 0);
  expect(b.frames).toHaveLength(1);
  expect(Buffer.from(b.frames[0] ?? []).readUInt32BE()).toBe(100);
});

test('a frame for a replica that is not a peer goes nowhere', async () => {
  const a = await member({ self: 'a', listen: await freeAddress() });
  expect(() => a.wire.send(7, numbered(0))).not.toThrow();
});

test('a peer that is killed and comes back on its address is reached again, in both directions', async () => {
  const [addressA, addressB] = [await freeAddress(), await freeAddress()];
  const a = await member({ self: 'a', listen: addressA, peers: [[1, { name: 'b', address: addressB }]] });
  const b = { self: 'b', listen: addressB, peers: [[0, { name: 'a', address: addressA }]] satisfies Peers };
  for (let incarnation = 1; incarnation <= 3; incarnation += 1) {
    const child = new Child({ ...b, incarnation });
    await until('a reaches b', () => a.reached.length === incarnation);
    await until('b reaches a', () => child.reached.length > 0);
    a.wire.send(1, numbered(incarnation));
    child.command({ do: 'send', to: 0, text: `from ${incarnation}` });
    await until('a hears b', () => a.frames.length === incarnation);
    await until('b hears a', async () => (await child.report()).received === 1);
    await child.kill();
  }
  expect(a.frames.map(text)).toEqual(['from 1', 'from 2', 'from 3']);
});

test('a peer that comes back under its old name and incarnation takes them over', async () => {
  const [addressA, addressB] = [await freeAddress(), await freeAddress()];
  const peers: Peers = [[0, { name: 'a', address: addressA }]];
  const heard = new Map<string, (frame: Uint8Array) => void>();
  await member({ self: 'a', listen: addressA, onFrame: (frame, answer) => heard.set(text(frame), answer) });
  const before = new Child({ self: 'b', listen: addressB, peers });
  await until('it reaches a', () => before.reached.length > 0);
  before.command({ do: 'send', to: 0, text: 'before' });
  await until('a hears it', () => heard.has('before'));
  // Paused, it cannot even end its connection: a does not learn that it is obsolete.
  before.process.kill('SIGSTOP');
  const after = new Child({ self: 'b', listen: await freeAddress(), peers });
  await until('the other one reaches a', () => after.reached.length > 0);
  after.command({ do: 'send', to: 0, text: 'after' });
  await until('a hears the other one', () => heard.has('after'));
  heard.get('after')?.(numbered(5));
  await until('it gets its answer', async () => (await after.report()).last === 5);
});

test('to a paused peer, memory stays bounded and sending does not wait; then frames flow on in order', async () => {
  const [addressA, addressB] = [await freeAddress(), await freeAddress()];
  const peers: Peers = [[1, { name: 'b', address: addressB }]];
  const queueBytesMax = 16 * 1024 * 1024;
  const a = await member({ self: 'a', listen: addressA, peers, transport: { queueBytesMax } });
  const child = new Child({ self: 'b', listen: addressB });
  await until('a reaches b', () => a.reached.length === 1);
  child.process.kill('SIGSTOP');
  const before = process.memoryUsage().rss;
  let longest = 0;
  for (let number = 0; number < 3_200; number += 1) {
    const frame = numbered(number, 65_536);
    const started = performance.now();
    a.wire.send(1, frame);
    longest = Math.max(longest, performance.now() - started);
    if (number % 64 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  const grown = process.memoryUsage().rss - before;
  const { lost } = a.wire.counts;
  child.process.kill('SIGCONT');
  await until(
    'what waited has arrived',
    async () => (await child.report()).received === 3_200 - lost,
    20_000,
  );
  a.wire.send(1, numbered(9_999));
  await until('it hears new frames', async () => (await child.report()).last === 9_999);
  expect((await child.report()).outOfOrder).toBe(0);
  expect(lost).toBeGreaterThan(2_000);
  expect(grown).toBeLessThan(100 * 1024 * 1024);
  expect(longest).toBeLessThan(250);
}, 40_000);

test('a peer that dies while frames wait for it takes them along', async () => {
  const [addressA, addressB] = [await freeAddress(), await freeAddress()];
  const a = await member({ self: 'a', listen: addressA, peers: [[1, { name: 'b', address: addressB }]] });
  const child = new Child({ self: 'b', listen: addressB });
  await until('a reaches b', () => a.reached.length === 1);
  child.process.kill('SIGSTOP');
  for (let number = 0; number < 1_000; number += 1) a.wire.send(1, numbered(number, 65_536));
  expect(a.wire.counts.lost).toBe(0);
  await child.kill();
  await until('they are counted as lost', () => a.wire.counts.lost > 500);
  const next = new Child({ self: 'b', listen: addressB, incarnation: 2 });
  await until('a reaches the next b', () => a.reached.length === 2);
  for (let number = 1_000; number < 1_010; number += 1) a.wire.send(1, numbered(number));
  await until('it hears what is new', async () => (await next.report()).last === 1_009);
  // One frame may be under way to the connection when it breaks, and go to the next one, ahead of what is new.
  expect((await next.report()).received).toBeLessThanOrEqual(11);
  expect((await next.report()).outOfOrder).toBe(0);
});

test('a peer silent for longer than the limit is connected to anew', async () => {
  const [addressA, addressB] = [await freeAddress(), await freeAddress()];
  const peers: Peers = [[1, { name: 'b', address: addressB }]];
  const transport = { heartbeatMs: 20, heartbeatTimeoutMs: 100 };
  const a = await member({ self: 'a', listen: addressA, peers, transport });
  const child = new Child({ self: 'b', listen: addressB });
  await until('a reaches b', () => a.reached.length === 1);
  child.process.kill('SIGSTOP');
  await until('a gives the connection up', () => {
    a.wire.send(1, numbered(1));
    return a.wire.counts.lost > 0;
  });
  child.process.kill('SIGCONT');
  await until('a reaches b again', () => a.reached.length === 2);
});

test('an address in use rejects, and leaves nothing behind', async () => {
  const listen = await freeAddress();
  const first = await member({ self: 'a', listen });
  expect(await code(member({ self: 'b', listen }))).toBe('DSM_ADDRESS_IN_USE');
  await first.wire.close();
  const second = await member({ self: 'b', listen });
  await second.wire.close();
});

test('a process that could not open ends by itself', async () => {
  const listen = await freeAddress();
  await member({ self: 'a', listen });
  const child = new Child({ self: 'b', listen });
  await child.said('DSM_ADDRESS_IN_USE');
  expect(await once(child.process, 'exit')).toEqual([0, null]);
});

test('an address in use by something else rejects', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
  });
  const bound = server.address();
  const port = typeof bound === 'object' ? bound?.port : undefined;
  expect(await code(member({ self: 'a', listen: `tcp://127.0.0.1:${port}` }))).toBe('DSM_ADDRESS_IN_USE');
});

test('a path in use rejects and stays with its owner; one left behind by the dead is taken', async () => {
  const listen = `ipc://${join(tmpdir(), `dsm-${process.pid}-${Math.random()}.sock`)}`;
  const child = new Child({ self: 'b', listen });
  await child.said('open');
  expect(await code(member({ self: 'a', listen }))).toBe('DSM_ADDRESS_IN_USE');
  const asker = await member({
    self: 'c',
    listen: await freeAddress(),
    peers: [[1, { name: 'b', address: listen }]],
  });
  await until('the owner is reached', () => asker.reached.length === 1);
  asker.wire.send(1, numbered(3));
  await until('the owner hears it', async () => (await child.report()).last === 3);
  await child.kill();
  await member({ self: 'a', listen });
});

test('members in one process can be reached without a network', async () => {
  const [addressA, addressB] = ['inproc://lifetime-a', 'inproc://lifetime-b'];
  const b = await member({ self: 'b', listen: addressB });
  const a = await member({ self: 'a', listen: addressA, peers: [[1, { name: 'b', address: addressB }]] });
  await until('a reaches b', () => a.reached.length === 1);
  a.wire.send(1, numbered(1));
  await until('b hears a', () => b.frames.length === 1);
});

test.each([
  'tcp://127.0.0.1',
  'tcp://127.0.0.1:0',
  'tcp://127.0.0.1:*',
  'tcp://127.0.0.1:65536',
  'tcp://[127.0.0.1]:7001',
  'tcp://[::1:7001',
  'tcp://127.0.0.1:7001;127.0.0.1:7002',
  'tcp://:7001',
  'udp://127.0.0.1:7001',
  'ipc://',
  'ipc://*',
  `ipc:///${'x'.repeat(103)}`,
  '127.0.0.1:7001',
  '',
])('the malformed address %j is refused', async (address) => {
  expect(await code(member({ self: 'a', listen: address }))).toBe('DSM_INVALID_OPTION');
  const peers: Peers = [[1, { name: 'b', address }]];
  expect(await code(member({ self: 'a', listen: await freeAddress(), peers }))).toBe('DSM_INVALID_OPTION');
});

test('one cannot listen where one is not, nor connect to everywhere', async () => {
  expect(await code(member({ self: 'a', listen: 'tcp://192.0.2.1:7001', insecure: true }))).toBe(
    'DSM_INVALID_OPTION',
  );
  const peers: Peers = [[1, { name: 'b', address: 'tcp://*:7001' }]];
  expect(await code(member({ self: 'a', listen: await freeAddress(), peers, insecure: true }))).toBe(
    'DSM_INVALID_OPTION',
  );
});

test.each([
  'tcp://*:7001',
  'tcp://0.0.0.0:7001',
  'tcp://[::]:7001',
  'tcp://192.0.2.1:7001',
  'tcp://example.org:7001',
  'tcp://127.0.0.1.example.org:7001',
  'tcp://128.0.0.1:7001',
  'tcp://localhost.example.org:7001',
])('%s is refused without keys', async (address) => {
  expect(await code(member({ self: 'a', listen: address }))).toBe('DSM_INSECURE');
  if (address.includes('*')) return;
  const peers: Peers = [[1, { name: 'b', address }]];
  expect(await code(member({ self: 'a', listen: await freeAddress(), peers }))).toBe('DSM_INSECURE');
});

test('an address beyond this machine is allowed when one insists', async () => {
  const listen = (await freeAddress()).replace('127.0.0.1', '*');
  const peers: Peers = [[1, { name: 'b', address: 'tcp://192.0.2.1:7001' }]];
  await member({ self: 'a', listen, peers, insecure: true });
});

const hosts = ['127.0.0.1', 'localhost', ...(hasIPv6 ? ['[::1]'] : [])];

test.each(hosts)('members meet at %s', async (host) => {
  const listen = (await freeAddress()).replace('127.0.0.1', host);
  const a = await member({ self: 'a', listen });
  const b = await member({
    self: 'b',
    listen: await freeAddress(),
    peers: [[0, { name: 'a', address: listen }]],
  });
  await until('b reaches a', () => b.reached.length === 1);
  b.wire.send(0, numbered(1));
  await until('a hears b', () => a.frames.length === 1);
});

test.each(['127.0.0.1', '127.1.2.3', 'localhost', 'LOCALHOST', '[::1]', '[0:0::1]'])(
  '%s is this machine',
  (host) => {
    expect(parsePeer(`tcp://${host}:7001`).loopback).toBe(true);
  },
);

test('a name too long for ZeroMQ is refused', async () => {
  expect(await code(member({ self: 'a'.repeat(195), listen: await freeAddress() }))).toBe(
    'DSM_INVALID_OPTION',
  );
});

test.each([{ queueBytesMax: -1 }, { highWaterMark: 0 }, { reconnectMs: 1.5 }, { heartbeatMs: 2 ** 31 }])(
  'the option %j is refused',
  (options) => {
    expect(() => zeromq(options)).toThrow(expect.objectContaining({ code: 'DSM_INVALID_OPTION' }));
  },
);

test('an option that does not exist is refused; an undefined one is not given', () => {
  expect(() => zeromq({ highWatermark: 1 } as object)).toThrow(/highWatermark/);
  expect(zeromq({ highWaterMark: undefined }).name).toBe('zeromq');
});

test('closing twice is closing once; what is sent or answered afterwards goes nowhere', async () => {
  const [addressA, addressB] = [await freeAddress(), await freeAddress()];
  const answers: ((frame: Uint8Array) => void)[] = [];
  const b = await member({ self: 'b', listen: addressB, onFrame: (_, answer) => answers.push(answer) });
  const a = await member({ self: 'a', listen: addressA, peers: [[1, { name: 'b', address: addressB }]] });
  await until('a reaches b', () => a.reached.length === 1);
  a.wire.send(1, numbered(1));
  await until('b hears a', () => answers.length === 1);
  await Promise.all([a.wire.close(), a.wire.close(), b.wire.close()]);
  await a.wire.close();
  expect(() => a.wire.send(1, numbered(2))).not.toThrow();
  expect(() => answers[0]?.(numbered(3))).not.toThrow();
});

test.each([
  { when: 'within', later: (action: () => void) => action() },
  { when: 'right after', later: (action: () => void) => queueMicrotask(action) },
])('one may close $when a handler, and hears no more', async ({ later }) => {
  const listen = await freeAddress();
  let closed: Promise<void> | undefined;
  const a = await member({
    self: 'a',
    listen,
    onFrame() {
      // Long enough for the other frames to be there.
      for (const end = performance.now() + 20; performance.now() < end; );
      later(() => {
        closed = a.wire.close();
      });
    },
  });
  const b = await member({
    self: 'b',
    listen: await freeAddress(),
    peers: [[0, { name: 'a', address: listen }]],
  });
  await until('b reaches a', () => b.reached.length === 1);
  for (let number = 0; number < 10; number += 1) b.wire.send(0, numbered(number));
  await until('a hears b', () => closed !== undefined);
  await closed;
  expect(a.frames).toHaveLength(1);
});

test('who closes at once is not told of connections', async () => {
  const listen = 'inproc://lifetime-at-once';
  const a = await member({ self: 'a', listen, peers: [[0, { name: 'a', address: listen }]] });
  await a.wire.close();
  await new Promise((resolve) => setImmediate(resolve));
  expect(a.reached).toEqual([]);
});

test('closing does not wait for a peer that is paused, with frames waiting for it', async () => {
  const [addressA, addressB] = [await freeAddress(), await freeAddress()];
  const a = await member({ self: 'a', listen: addressA, peers: [[1, { name: 'b', address: addressB }]] });
  const child = new Child({ self: 'b', listen: addressB });
  await until('a reaches b', () => a.reached.length === 1);
  child.process.kill('SIGSTOP');
  for (let number = 0; number < 500; number += 1) a.wire.send(1, numbered(number, 65_536));
  const started = performance.now();
  await a.wire.close();
  expect(performance.now() - started).toBeLessThan(1_000);
  expect(a.wire.counts.lost).toBeGreaterThan(300);
});

test('a process that has closed ends by itself, with peers alive, paused and absent', async () => {
  const [listen, alive, paused, absent] = await Promise.all([1, 2, 3, 4].map(freeAddress));
  if (!listen || !alive || !paused || !absent) throw new Error('no addresses');
  await member({ self: 'b', listen: alive });
  const stopped = new Child({ self: 'c', listen: paused });
  await stopped.said('open');
  const peers = [alive, paused, absent].map((address, index) => [index + 1, { name: `${index}`, address }]);
  const child = new Child({ self: 'a', listen, peers: peers as Peers });
  await until('it reaches both that are there', () => child.reached.length === 2);
  stopped.process.kill('SIGSTOP');
  child.command({ do: 'flood', to: 2, count: 500, bytes: 65_536 });
  const exited = once(child.process, 'exit');
  child.command({ do: 'close' });
  await child.said('closed');
  const started = performance.now();
  expect(await exited).toEqual([0, null]);
  expect(performance.now() - started).toBeLessThan(2_000);
});
