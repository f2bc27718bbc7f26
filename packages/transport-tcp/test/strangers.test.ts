import { once } from 'node:events';
import { freeTcpAddress } from '@dsm/conformance/transport';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { greeting, ping, signal } from '../src/stream-format.js';
import { member, Stranger, strangeServer, texts, until } from './network.js';

test('who speaks another language is cut off at once and counted; others go on', async () => {
  const listen = await freeTcpAddress();
  const a = await member({ listen });
  const good = new Stranger(listen).greet().say('before');
  const bad = new Stranger(listen);
  bad.socket.write('GET / HTTP/1.1\r\n\r\n');
  await bad.closed;
  good.say('after');
  await until('the good one is heard', () => a.frames.length === 2);
  expect(texts(a.frames)).toEqual(['before', 'after']);
  expect(a.wire.counts).toEqual({ lost: 0, refused: 1, faults: 0 });
});

test('who announces a frame larger than allowed is cut off before it comes, and counted', async () => {
  const listen = await freeTcpAddress();
  const a = await member({ listen, frameBytesMax: 10_000 });
  const largest = new Stranger(listen).greet().say('x'.repeat(10_000));
  await until('as large as allowed is heard', () => a.frames.length === 1);
  largest.socket.write(signal(10_001));
  await largest.closed;
  expect(a.wire.counts.refused).toBe(1);
});

test('who does not introduce himself is cut off after a while', async () => {
  const listen = await freeTcpAddress();
  await member({ listen, transport: { connectTimeoutMs: 50 } });
  const polite = new Stranger(listen).greet().listen();
  const silent = new Stranger(listen);
  silent.socket.write(Buffer.from('ds'));
  await silent.closed;
  // The one that came before and was polite is still there.
  polite.socket.write(signal(ping));
  await until('it is answered', () => polite.received.length === 8);
});

test('beyond the limit nobody is let in, and that is counted', async () => {
  const listen = await freeTcpAddress();
  const a = await member({ listen, transport: { connectionsMax: 2 } });
  const [one, other] = [new Stranger(listen).greet(), new Stranger(listen).greet()];
  one.say('one');
  other.say('other');
  await until('both are heard', () => a.frames.length === 2);
  await new Stranger(listen).closed;
  expect(a.wire.counts.refused).toBe(1);
  one.socket.destroy();
  await until('there is room again', () => {
    new Stranger(listen).greet().say('next');
    return a.frames.length > 2;
  });
});

test('a frame that drips in byte by byte arrives', async () => {
  const listen = await freeTcpAddress();
  const a = await member({ listen });
  const stranger = new Stranger(listen).greet();
  await once(stranger.socket, 'connect');
  const bytes = Buffer.from([0, 0, 0, 5, ...Buffer.from('hello'), 0, 0, 0, 0]);
  for (const byte of bytes) {
    stranger.socket.write(Buffer.from([byte]));
    await new Promise((resolve) => setImmediate(resolve));
  }
  await until('both have arrived', () => a.frames.length === 2);
  expect(texts(a.frames)).toEqual(['hello', '']);
});

test('frames sent right before the end of a connection arrive, however many', async () => {
  const listen = await freeTcpAddress();
  const a = await member({ listen, transport: { framesPerTurn: 3 } });
  const stranger = new Stranger(listen).greet();
  for (let number = 0; number < 100; number += 1) stranger.say(`${number}`);
  stranger.socket.end();
  await until('all are heard', () => a.frames.length === 100);
  await stranger.closed;
});

test('whatever bytes arrive, a member goes on', async () => {
  const listen = await freeTcpAddress();
  const a = await member({ listen, frameBytesMax: 1_000, transport: { connectionsMax: 10_000 } });
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.constantFrom(signal(ping), signal(5), signal(1_001), signal(0xffff_fffd), Buffer.alloc(2_000)),
  );
  const abuse = fc.asyncProperty(fc.array(piece, { maxLength: 8 }), fc.boolean(), async (pieces, polite) => {
    const stranger = new Stranger(listen).listen();
    if (polite) stranger.greet();
    for (const bytes of pieces) stranger.socket.write(bytes);
    stranger.socket.end();
    await stranger.closed;
  });
  await fc.assert(abuse, { numRuns: 300 });
  const heard = a.frames.length;
  new Stranger(listen).greet().say('still there?');
  await until('a proper frame is heard', () => a.frames.length === heard + 1);
  expect(texts(a.frames.slice(heard))).toEqual(['still there?']);
  expect(a.frames.every((frame) => frame.byteLength <= 1_000)).toBe(true);
  expect(a.wire.counts.faults).toBe(0);
}, 60_000);

test('an answer to who has gone is lost and counted', async () => {
  const listen = await freeTcpAddress();
  const asked: ((frame: Uint8Array) => void)[] = [];
  const a = await member({ listen, onFrame: (_, answer) => asked.push(answer) });
  const stranger = new Stranger(listen).greet().say('hello');
  await until('it was heard', () => asked.length === 1);
  stranger.socket.destroy();
  await until('that is noticed', () => {
    asked[0]?.(Buffer.from('x'));
    return a.wire.counts.lost > 0;
  });
  const { lost } = a.wire.counts;
  asked[0]?.(Buffer.from('x'));
  expect(a.wire.counts.lost).toBe(lost + 1);
});

test('answers sent right before the end of a connection arrive, however many', async () => {
  const { address } = await strangeServer((socket) => {
    socket.write(signal(greeting));
    for (let number = 0; number < 100; number += 1) socket.write(Buffer.from([0, 0, 0, 1, number]));
    socket.end();
  });
  const transport = { framesPerTurn: 3, reconnectMs: 60_000, reconnectMaxMs: 60_000 };
  const a = await member({ listen: await freeTcpAddress(), peers: [address], transport });
  await until('all are heard', () => a.frames.length === 100);
});

test('who asks and does not read is not answered without end', async () => {
  const listen = await freeTcpAddress();
  const answer = new Uint8Array(100_000);
  const a = await member({ listen, onFrame: (_, reply) => reply(answer) });
  const stranger = new Stranger(listen).greet();
  stranger.socket.pause();
  await until('answers are lost', () => {
    for (let time = 0; time < 50; time += 1) stranger.say('give me');
    return a.wire.counts.lost > 100;
  });
  // One megabyte, and what the operating system holds at both ends.
  expect(a.frames.length - a.wire.counts.lost).toBeLessThan(250);
});

test('who is known is answered with as much as waits for a peer, and then it is told', async () => {
  const listen = await freeTcpAddress();
  const answer = new Uint8Array(100_000);
  let lost = 0;
  const tell = () => {
    lost += 1;
  };
  const transport = { queueBytesMax: 40_000_000 };
  const a = await member({ listen, transport, onFrame: (_, reply) => reply(answer, tell) });
  const stranger = new Stranger(listen).greet();
  stranger.socket.pause();
  await until('answers are lost', () => {
    for (let time = 0; time < 50; time += 1) stranger.say('give me');
    return lost > 100;
  });
  expect(a.frames.length - lost).toBeGreaterThan(390);
  expect(a.frames.length - lost).toBeLessThan(640);
  expect(a.wire.counts.lost).toBe(0);
});

test('who asks for signs of life and does not read makes nothing grow', async () => {
  const listen = await freeTcpAddress();
  const a = await member({ listen });
  const stranger = new Stranger(listen).greet();
  stranger.socket.pause();
  const pings = Buffer.concat(Array.from({ length: 16_384 }, () => signal(ping)));
  const before = process.memoryUsage().heapUsed;
  for (let time = 0; time < 300; time += 1) {
    if (!stranger.socket.write(pings)) await once(stranger.socket, 'drain');
  }
  stranger.say('done');
  await until('all of it was heard', () => a.frames.length === 1);
  // Five million answers, an object each, would be hundreds of megabytes.
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(100 * 1024 * 1024);
}, 60_000);

test('a server that is not a member is not taken for one, and is not asked without pause', async () => {
  const times: number[] = [];
  const { address } = await strangeServer((socket) => {
    times.push(performance.now());
    socket.write('SSH-2.0-x\r\n');
  });
  const a = await member({
    listen: await freeTcpAddress(),
    peers: [address],
    transport: { reconnectMs: 20, reconnectMaxMs: 80 },
  });
  await until('it was tried several times', () => times.length === 6);
  expect(a.reached).toEqual([]);
  expect(a.wire.counts.refused).toBeGreaterThanOrEqual(5);
  a.wire.send(1, Buffer.from('x'));
  expect(a.wire.counts.lost).toBe(1);
  const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
  for (const [index, leastMs] of [20, 40, 80, 80, 80].entries()) {
    expect(gaps[index]).toBeGreaterThan(leastMs - 3);
  }
});

test('a server that accepts and says nothing is given up and asked again', async () => {
  let asked = 0;
  const { address } = await strangeServer(() => {
    asked += 1;
  });
  const listen = await freeTcpAddress();
  const a = await member({ listen, peers: [address], transport: { connectTimeoutMs: 30 } });
  await until('it was asked three times', () => asked === 3);
  expect(a.reached).toEqual([]);
});
