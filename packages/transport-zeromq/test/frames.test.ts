import { expect, onTestFinished, test, vi } from 'vitest';
import { Dealer } from 'zeromq';
import {
  Child,
  frameBytesMax,
  freeAddress,
  member,
  numbered,
  type Peers,
  stranger,
  text,
  until,
} from './network.js';

async function pair() {
  const [addressA, addressB] = [await freeAddress(), await freeAddress()];
  const a = await member({ self: 'a', listen: addressA, peers: [[1, { name: 'b', address: addressB }]] });
  const b = await member({ self: 'b', listen: addressB, peers: [[0, { name: 'a', address: addressA }]] });
  await until('they reach each other', () => a.reached.includes(1) && b.reached.includes(0));
  return { a, b, addressA, addressB };
}

test('frames of 0 bytes to 5 MB arrive whole and in order, both ways', async () => {
  const { a, b } = await pair();
  const lengths = [0, 1, 4, 127, 128, 129, 1_000, 8_192, 65_536, 1_000_000, 5_000_000];
  const frames = lengths.map((bytes, number) => numbered(number, bytes));
  for (const frame of frames) {
    a.wire.send(1, frame);
    b.wire.send(0, frame);
  }
  await until('all have arrived', () => [a, b].every((each) => each.frames.length === frames.length));
  for (const { frames: received } of [a, b]) {
    expect(received.map((frame) => frame.byteLength)).toEqual(lengths);
    for (const [index, frame] of received.entries()) {
      expect(Buffer.compare(frame, frames[index] ?? new Uint8Array())).toBe(0);
    }
  }
});

test('a burst larger than any high-water mark loses nothing and keeps its order', async () => {
  const { a, b } = await pair();
  const count = 20_000;
  for (let number = 0; number < count; number += 1) a.wire.send(1, numbered(number, 200));
  await until('all have arrived', () => b.frames.length === count, 30_000);
  expect(b.frames.every((frame, index) => Buffer.from(frame).readUInt32BE() === index)).toBe(true);
  expect(a.wire.counts.lost).toBe(0);
});

test('a burst that ZeroMQ has room for leaves within the call', async () => {
  const [addressA, addressB] = [await freeAddress(), await freeAddress()];
  const transport = { highWaterMark: 5_000 };
  const a = await member({
    self: 'a',
    listen: addressA,
    peers: [[1, { name: 'b', address: addressB }]],
    transport: { ...transport, queueBytesMax: 0 },
  });
  const b = await member({ self: 'b', listen: addressB, transport });
  await until('a reaches b', () => a.reached.length === 1);
  for (let number = 0; number < 2_000; number += 1) a.wire.send(1, numbered(number));
  await until('all have arrived', () => b.frames.length === 2_000);
  expect(a.wire.counts.lost).toBe(0);
});

test('a frame that ZeroMQ refuses against its word is lost and counted', async () => {
  const { a, b } = await pair();
  const send = vi.spyOn(Dealer.prototype, 'send').mockRejectedValueOnce(new Error('EAGAIN'));
  onTestFinished(() => send.mockRestore());
  a.wire.send(1, numbered(1));
  a.wire.send(1, numbered(2));
  await until('the other one has arrived', () => b.frames.length === 1);
  expect(a.wire.counts.lost).toBe(1);
});

test('a view into a larger buffer is sent as what it shows', async () => {
  const { a, b } = await pair();
  a.wire.send(1, new Uint8Array(400).fill(7).subarray(100, 300));
  a.wire.send(1, new Uint8Array([1, 2, 3, 4]).subarray(1, 3));
  await until('both have arrived', () => b.frames.length === 2);
  expect(b.frames.map((frame) => [...frame.subarray(0, 2), frame.byteLength])).toEqual([
    [7, 7, 200],
    [2, 3, 2],
  ]);
});

test('a frame larger than allowed is not sent, and harms no other', async () => {
  const { a, b } = await pair();
  a.wire.send(1, new Uint8Array(frameBytesMax + 1));
  a.wire.send(1, numbered(1));
  await until('the other one has arrived', () => b.frames.length === 1);
  expect(a.wire.counts.lost).toBe(1);
});

test('a frame as large as allowed passes; one byte more is refused by the receiver too', async () => {
  const listen = await freeAddress();
  const a = await member({ self: 'a', listen, frameBytesMax: 10_000 });
  const dealer = stranger(listen);
  await dealer.send(new Uint8Array(10_000));
  await dealer.send(new Uint8Array(10_001));
  await dealer.send('after');
  await until('the frames around it have arrived', () => a.frames.length === 2);
  expect(a.frames.map((frame) => frame.byteLength)).toEqual([10_000, 5]);
  expect(a.wire.counts.refused).toBe(1);
});

test('the connection of who sends far too much is broken, before room is made for it; others go on', async () => {
  const listen = await freeAddress();
  const a = await member({ self: 'a', listen, frameBytesMax: 10_000 });
  const [offender, other] = [stranger(listen), stranger(listen)];
  const events: string[] = [];
  offender.events.on('disconnect', () => events.push('disconnect'));
  await other.send('before');
  await offender.send(new Uint8Array(50_000_000));
  await until('it is cut off', () => events.length > 0);
  await other.send('after');
  await until('the other is heard', () => a.frames.length === 2);
  expect(a.frames.map(text)).toEqual(['before', 'after']);
  expect(a.wire.counts.refused).toBe(0);
});

test('a message that is not one frame is refused and counted', async () => {
  const listen = await freeAddress();
  const a = await member({ self: 'a', listen });
  const dealer = stranger(listen);
  await dealer.send(['two', 'parts']);
  await dealer.send('one');
  await until('the good one has arrived', () => a.frames.length === 1);
  expect(text(a.frames[0])).toBe('one');
  expect(a.wire.counts.refused).toBe(1);
});

test('an exception in a handler is counted and does not stop the receiving', async () => {
  const listen = await freeAddress();
  const a = await member({
    self: 'a',
    listen,
    onFrame(frame) {
      if (text(frame) === 'bad') throw new Error('handler');
    },
  });
  const dealer = stranger(listen);
  for (const word of ['bad', 'good', 'bad', 'good']) await dealer.send(word);
  await until('all have arrived', () => a.frames.length === 4);
  expect(a.wire.counts.faults).toBe(2);
});

test('an exception in a handler of connections is counted and stops nothing', async () => {
  const addressB = await freeAddress();
  const a = await member({
    self: 'a',
    listen: 'inproc://frames-a',
    peers: [
      [1, { name: 'b', address: addressB }],
      [2, { name: 'a', address: 'inproc://frames-a' }],
    ],
    onReachable() {
      throw new Error('handler');
    },
  });
  for (let incarnation = 1; incarnation <= 2; incarnation += 1) {
    const b = await member({ self: 'b', incarnation, listen: addressB });
    await until('a reaches b', () => a.wire.counts.faults === 1 + incarnation);
    await b.wire.close();
  }
  expect(a.reached).toEqual([2, 1, 1]);
});

test('a flood of frames leaves the program its turns', async () => {
  const listen = await freeAddress();
  const peers: Peers = [[0, { name: 'a', address: listen }]];
  const child = new Child({ self: 'b', listen: await freeAddress(), peers });
  let most = 0;
  let inTurn = 0;
  const a = await member({
    self: 'a',
    listen,
    transport: { framesPerTurn: 16, highWaterMark: 1_000 },
    onFrame() {
      inTurn += 1;
      most = Math.max(most, inTurn);
      // Slower than the sender, so that there is always more to receive.
      for (const end = performance.now() + 0.05; performance.now() < end; );
    },
  });
  await until('the child reaches a', () => child.reached.length > 0);
  child.command({ do: 'flood', to: 0, count: 5_000, bytes: 200 });
  const turn = () => {
    inTurn = 0;
    if (a.frames.length < 5_000) setImmediate(turn);
  };
  turn();
  await until('all have arrived', () => a.frames.length === 5_000, 20_000);
  // Where a turn of the event loop ends is not exactly where a turn of this test's ends.
  expect(most).toBeLessThanOrEqual(32);
});
