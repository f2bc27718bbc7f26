import { once } from 'node:events';
import { createServer } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { parsePeer } from '../src/address.js';
import { zeromq } from '../src/index.js';
import { Child, codeOf, freeAddress, member, numbered, type Peers, until } from './network.js';

const hasIPv6 = Object.values(networkInterfaces()).some((all) =>
  all?.some(({ address }) => address === '::1'),
);

test('an address in use rejects, and leaves nothing behind', async () => {
  const listen = await freeAddress();
  const first = await member({ self: 'a', listen });
  expect(await codeOf(member({ self: 'b', listen }))).toBe('DSM_ADDRESS_IN_USE');
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
  expect(await codeOf(member({ self: 'a', listen: `tcp://127.0.0.1:${port}` }))).toBe('DSM_ADDRESS_IN_USE');
});

test('a path in use rejects and stays with its owner; one left behind by the dead is taken', async () => {
  const listen = `ipc://${join(tmpdir(), `dsm-${process.pid}-${Math.random()}.sock`)}`;
  const child = new Child({ self: 'b', listen });
  await child.said('open');
  expect(await codeOf(member({ self: 'a', listen }))).toBe('DSM_ADDRESS_IN_USE');
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
  const [addressA, addressB] = ['inproc://address-a', 'inproc://address-b'];
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
  expect(await codeOf(member({ self: 'a', listen: address }))).toBe('DSM_INVALID_OPTION');
  const peers: Peers = [[1, { name: 'b', address }]];
  expect(await codeOf(member({ self: 'a', listen: await freeAddress(), peers }))).toBe('DSM_INVALID_OPTION');
});

test('one cannot listen where one is not, nor connect to everywhere', async () => {
  expect(await codeOf(member({ self: 'a', listen: 'tcp://192.0.2.1:7001', insecure: true }))).toBe(
    'DSM_INVALID_OPTION',
  );
  const peers: Peers = [[1, { name: 'b', address: 'tcp://*:7001' }]];
  expect(await codeOf(member({ self: 'a', listen: await freeAddress(), peers, insecure: true }))).toBe(
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
  'tcp://126.255.255.255:7001',
  'tcp://128.0.0.1:7001',
  'tcp://localhost.example.org:7001',
])('%s is refused without keys', async (address) => {
  expect(await codeOf(member({ self: 'a', listen: address }))).toBe('DSM_INSECURE');
  if (address.includes('*')) return;
  const peers: Peers = [[1, { name: 'b', address }]];
  expect(await codeOf(member({ self: 'a', listen: await freeAddress(), peers }))).toBe('DSM_INSECURE');
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
  expect(await codeOf(member({ self: 'a'.repeat(195), listen: await freeAddress() }))).toBe(
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
