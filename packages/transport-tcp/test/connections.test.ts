import { once } from 'node:events';
import { connect, createServer, Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { freeTcpAddress } from '@dsm/conformance/transport';
import { expect, onTestFinished, test, vi } from 'vitest';
import { greeting, ping, signal } from '../src/stream-format.js';
import { member, Stranger, strangeServer, texts, until } from './network.js';

/** Two members that reach each other: the second is peer 1 of the first, and the other way round. */
async function pair() {
  const [addressA, addressB] = [await freeTcpAddress(), await freeTcpAddress()];
  const a = await member({ listen: addressA, peers: [addressB] });
  const b = await member({ listen: addressB, peers: [addressA] });
  await until('they reach each other', () => a.reached.length === 1 && b.reached.length === 1);
  return { a, b };
}

test('the frames of one turn leave in one write, small ones in one piece', async () => {
  const { a, b } = await pair();
  const [alone, together] = [
    vi.spyOn(Socket.prototype, '_write'),
    vi.spyOn(Socket.prototype as Required<Socket>, '_writev'),
  ];
  onTestFinished(() => {
    vi.restoreAllMocks();
  });
  for (let number = 0; number < 100; number += 1) a.wire.send(1, Buffer.from(`${number}`));
  await until('all have arrived', () => b.frames.length === 100);
  expect([alone.mock.calls.length, together.mock.calls.length]).toEqual([1, 0]);
  for (const bytes of [10, 100_000, 10]) a.wire.send(1, Buffer.alloc(bytes));
  await until('these too', () => b.frames.length === 103);
  expect([alone.mock.calls.length, together.mock.calls.length]).toEqual([1, 1]);
});

test('a small frame before a large one holds up neither', async () => {
  const { a, b } = await pair();
  for (const bytes of [10, 3_000_000, 10]) a.wire.send(1, Buffer.alloc(bytes));
  await until('they have arrived', () => b.frames.length === 3);
  expect(b.frames.map((frame) => frame.byteLength)).toEqual([10, 3_000_000, 10]);
});

test('nothing waits for more to be sent: both ends are told so', async () => {
  const spy = vi.spyOn(Socket.prototype, 'setNoDelay');
  onTestFinished(() => {
    vi.restoreAllMocks();
  });
  await pair();
  expect(spy.mock.calls.length).toBeGreaterThanOrEqual(4);
  expect(spy.mock.calls.every(([on]) => on === true)).toBe(true);
});

test('two that dial each other at once have one connection each way, and no more', async () => {
  const accepted = vi.spyOn(Socket.prototype, 'setKeepAlive');
  onTestFinished(() => {
    vi.restoreAllMocks();
  });
  const { a, b } = await pair();
  for (let round = 0; round < 50; round += 1) {
    a.wire.send(1, Buffer.from('x'));
    b.wire.send(1, Buffer.from('x'));
    await until('it has arrived', () => a.frames.length > round && b.frames.length > round);
  }
  expect([a.reached, b.reached, accepted.mock.calls.length]).toEqual([[1], [1], 2]);
});

test('what is sent right before closing arrives', async () => {
  const { a, b } = await pair();
  for (let number = 0; number < 3; number += 1) a.wire.send(1, Buffer.from(`${number}`));
  await a.wire.close();
  await until('it has arrived', () => b.frames.length === 3);
  expect(texts(b.frames)).toEqual(['0', '1', '2']);
});

test('frames for an absent peer, too large ones and those of a full queue are counted as lost', async () => {
  const address = await freeTcpAddress();
  const a = await member({
    listen: await freeTcpAddress(),
    peers: [address],
    frameBytesMax: 1_000,
    transport: { queueBytesMax: 1_000 },
  });
  a.wire.send(1, Buffer.from('absent'));
  expect(a.wire.counts.lost).toBe(1);
  const b = await member({ listen: address });
  await until('a reaches b', () => a.reached.length === 1);
  a.wire.send(1, Buffer.alloc(1_001));
  expect(a.wire.counts.lost).toBe(2);
  for (let time = 0; time < 5; time += 1) a.wire.send(1, Buffer.alloc(300));
  expect(a.wire.counts.lost).toBe(5);
  await until('the others have arrived', () => b.frames.length === 2);
  // It has left: there is room again.
  a.wire.send(1, Buffer.alloc(300));
  await until('that too', () => b.frames.length === 3);
  expect(a.wire.counts).toEqual({ lost: 5, refused: 0, faults: 0 });
});

test('what waits for a connection that breaks is lost and counted', async () => {
  let peer: Socket | undefined;
  const { address } = await strangeServer((socket) => {
    peer = socket.pause();
    socket.write(signal(greeting));
  });
  const a = await member({ listen: await freeTcpAddress(), peers: [address] });
  await until('a takes it for a member', () => a.reached.length === 1);
  for (let time = 0; time < 300; time += 1) a.wire.send(1, Buffer.alloc(65_536));
  await new Promise((resolve) => setImmediate(resolve));
  expect(a.wire.counts.lost).toBe(0);
  peer?.resetAndDestroy();
  await until('it is counted', () => a.wire.counts.lost > 100);
  await until('a connects anew', () => a.reached.length === 2);
});

test('a connection that is reset in the middle of a frame is made anew, and the rest of it never shows', async () => {
  const [half, whole] = [Buffer.from([0, 0, 0, 9, 1, 2]), Buffer.from([0, 0, 0, 1, 7])];
  let connections = 0;
  const { address } = await strangeServer((socket) => {
    connections += 1;
    socket.write(signal(greeting));
    if (connections > 1) socket.write(whole);
    else socket.write(half, () => socket.resetAndDestroy());
  });
  const a = await member({ listen: await freeTcpAddress(), peers: [address] });
  await until('the next frame has arrived', () => a.frames.length === 1);
  expect([...(a.frames[0] ?? [])]).toEqual([7]);
  expect(a.reached.length).toBeGreaterThanOrEqual(1);
});

test('an exception of a handler is counted', async () => {
  const listen = await freeTcpAddress();
  const a = await member({
    listen,
    onFrame() {
      throw new Error('of the handler');
    },
  });
  new Stranger(listen).greet().say('one').say('two');
  await until('both were heard', () => a.frames.length === 2);
  expect(a.wire.counts.faults).toBe(2);
});

test('a peer that falls silent is connected to anew, one that is merely idle is not', async () => {
  const transport = { heartbeatMs: 20, heartbeatTimeoutMs: 100 };
  const idle = await freeTcpAddress();
  await member({ listen: idle });
  let answering = true;
  let asked = 0;
  const { address } = await strangeServer((socket) => {
    socket.write(signal(greeting));
    socket.on('data', (chunk) => {
      if (!chunk.includes(signal(ping))) return;
      asked += 1;
      if (answering) socket.write(signal(ping - 1));
    });
  });
  const a = await member({ listen: await freeTcpAddress(), peers: [idle, address], transport });
  await until('it was asked often enough', () => asked > 15);
  expect(a.reached.sort()).toEqual([1, 2]);
  answering = false;
  await until('it is given up and reached again', () => a.reached.length > 2);
  expect(a.reached.slice(2)).toEqual([2]);
});

test('a large frame arrives over a slow line, though it takes longer than a peer may be silent', async () => {
  const listen = await freeTcpAddress();
  const b = await member({ listen });
  let connections = 0;
  // What is behind a line that lets pass 64 KiB each 5 ms, and nothing meanwhile.
  const { address } = await strangeServer((socket) => {
    connections += 1;
    const behind = connect(Number(new URL(listen).port), '127.0.0.1');
    onTestFinished(() => void behind.destroy());
    behind.on('error', () => undefined).on('close', () => socket.destroy());
    socket.on('close', () => behind.destroy());
    behind.pipe(socket);
    socket.on('data', (chunk) => {
      behind.write(chunk);
      socket.pause();
      setTimeout(() => socket.resume(), 5);
    });
  });
  const transport = { heartbeatMs: 20, heartbeatTimeoutMs: 200 };
  const a = await member({ listen: await freeTcpAddress(), peers: [address], transport });
  await until('it is reached', () => a.reached.length === 1);
  a.wire.send(1, new Uint8Array(9_000_000));
  await until('it has arrived, or was given up', () => b.frames.length === 1 || connections > 1);
  expect({ connections, frames: b.frames.length }).toEqual({ connections: 1, frames: 1 });
});

test('without heartbeats nobody is asked', async () => {
  let heard = Buffer.alloc(0);
  const { address } = await strangeServer((socket) => {
    socket.write(signal(greeting));
    socket.on('data', (chunk) => {
      heard = Buffer.concat([heard, chunk]);
    });
  });
  const silent = await member({
    listen: await freeTcpAddress(),
    peers: [address],
    transport: { heartbeatMs: 0, heartbeatTimeoutMs: 1 },
  });
  const asking = await member({
    listen: await freeTcpAddress(),
    peers: [address],
    transport: { heartbeatMs: 10 },
  });
  await until('the other one has asked several times', () => heard.length > 40);
  expect([silent.reached, asking.reached]).toEqual([[1], [1]]);
});

test('a peer whose connection can take no more is not asked for signs of life without end', async () => {
  const { address } = await strangeServer((socket) => {
    socket.pause();
    socket.write(signal(greeting));
  });
  const transport = { heartbeatMs: 10, heartbeatTimeoutMs: 100 };
  const a = await member({ listen: await freeTcpAddress(), peers: [address], transport });
  await until('a takes it for a member', () => a.reached.length === 1);
  for (let time = 0; time < 300; time += 1) a.wire.send(1, Buffer.alloc(65_536));
  await until('it is given up', () => a.reached.length === 2);
});

const hasIPv6 = Object.values(networkInterfaces()).some((all) =>
  all?.some(({ address }) => address === '::1'),
);

test.each(['127.0.0.1', 'localhost', ...(hasIPv6 ? ['[::1]'] : [])])('members meet at %s', async (host) => {
  const listen = (await freeTcpAddress()).replace('127.0.0.1', host);
  const a = await member({ listen });
  const b = await member({ listen: await freeTcpAddress(), peers: [listen] });
  await until('b reaches a', () => b.reached.length === 1);
  b.wire.send(1, Buffer.from('hello'));
  await until('a hears b', () => a.frames.length === 1);
});

test('members meet where one listens everywhere', async () => {
  const listen = (await freeTcpAddress()).replace('127.0.0.1', '*');
  const a = await member({ listen, insecure: true });
  const b = await member({ listen: await freeTcpAddress(), peers: [listen.replace('*', '127.0.0.1')] });
  await until('b reaches a', () => b.reached.length === 1);
  b.wire.send(1, Buffer.from('hello'));
  await until('a hears b', () => a.frames.length === 1);
});

test('the address of another program stays with it', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
  });
  const bound = server.address();
  const listen = `tcp://127.0.0.1:${typeof bound === 'object' ? bound?.port : ''}`;
  await expect(member({ listen })).rejects.toMatchObject({ code: 'DSM_ADDRESS_IN_USE' });
  expect(server.listening).toBe(true);
});
