import { expect, onTestFinished, test } from 'vitest';
import { Dealer, Router } from 'zeromq';
import { Child, frameBytesMax, freeAddress, member, numbered, type Peers, text, until } from './network.js';

async function pair() {
  const [addressA, addressB] = [await freeAddress(), await freeAddress()];
  const a = await member({ self: 'a', listen: addressA, peers: [[1, { name: 'b', address: addressB }]] });
  const b = await member({ self: 'b', listen: addressB, peers: [[0, { name: 'a', address: addressA }]] });
  await until('they reach each other', () => a.reached.includes(1) && b.reached.includes(0));
  return { a, b, addressA, addressB };
}

/** A socket that speaks ZeroMQ, but is not one of ours. */
function stranger(address: string, routingId?: string): Dealer {
  const dealer = new Dealer({ linger: 0, ...(routingId === undefined ? {} : { routingId }) });
  onTestFinished(() => dealer.close());
  dealer.connect(address);
  return dealer;
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

test('an answer that is not one frame, or too large, is refused and counted', async () => {
  const address = await freeAddress();
  const router = new Router({ linger: 0 });
  onTestFinished(() => router.close());
  await router.bind(address);
  const a = await member({
    self: 'a',
    listen: await freeAddress(),
    peers: [[1, { name: 'b', address }]],
    frameBytesMax: 100,
  });
  await until('a reaches it', () => a.reached.length === 1);
  a.wire.send(1, numbered(1));
  const [routingId = null] = await router.receive();
  await router.send([routingId, 'two', 'parts']);
  await router.send([routingId, 'x'.repeat(101)]);
  await router.send([routingId, 'x'.repeat(100)]);
  await until('the good one has arrived', () => a.frames.length === 1);
  expect(a.wire.counts.refused).toBe(2);
});

test('an answer larger than allowed is not sent', async () => {
  const listen = await freeAddress();
  const b = await member({
    self: 'b',
    listen,
    frameBytesMax: 100,
    onFrame(_, answer) {
      answer(new Uint8Array(101));
      answer(new Uint8Array(100));
    },
  });
  const dealer = stranger(listen);
  await dealer.send('give me');
  expect((await dealer.receive())[0]?.byteLength).toBe(100);
  expect(b.wire.counts.lost).toBe(1);
});

test('an answer returns on the connection that was asked on, and can be answered there', async () => {
  const [addressA, addressB] = [await freeAddress(), await freeAddress()];
  const heard: string[] = [];
  // b has no connection to a of its own: it can only answer.
  await member({
    self: 'b',
    listen: addressB,
    onFrame(frame, answer) {
      heard.push(text(frame));
      if (heard.length === 1) answer(Buffer.from('to you too'));
    },
  });
  const a = await member({
    self: 'a',
    listen: addressA,
    peers: [[1, { name: 'b', address: addressB }]],
    onFrame: (_, answer) => answer(Buffer.from('thanks')),
  });
  await until('a reaches b', () => a.reached.length === 1);
  a.wire.send(1, Buffer.from('hello'));
  await until('b has heard twice', () => heard.length === 2);
  expect(a.frames.map(text)).toEqual(['to you too']);
  expect(heard).toEqual(['hello', 'thanks']);
});

test('an answer reaches its connection even if two processes go by one name', async () => {
  const [listen, addressC] = [await freeAddress(), await freeAddress()];
  const answers = new Map<string, (frame: Uint8Array) => void>();
  await member({ self: 'b', listen, onFrame: (frame, answer) => answers.set(text(frame), answer) });
  const peers: Peers = [[1, { name: 'b', address: listen }]];
  const twins = await Promise.all(
    [1, 2].map(async (incarnation) =>
      member({ self: 'a', incarnation, listen: incarnation === 1 ? addressC : await freeAddress(), peers }),
    ),
  );
  await until('both reach b', () => twins.every((twin) => twin.reached.length > 0));
  twins.forEach((twin, index) => {
    twin.wire.send(1, Buffer.from(`I am ${index}`));
  });
  await until('both were heard', () => answers.size === 2);
  answers.get('I am 0')?.(Buffer.from('for 0'));
  answers.get('I am 1')?.(Buffer.from('for 1'));
  await until('both have an answer', () => twins.every((twin) => twin.frames.length === 1));
  expect(twins.map((twin) => text(twin.frames[0]))).toEqual(['for 0', 'for 1']);
});

test('an answer to somebody who has gone is lost and counted, and no later one suffers', async () => {
  const listen = await freeAddress();
  const answers: ((frame: Uint8Array) => void)[] = [];
  const b = await member({ self: 'b', listen, onFrame: (_, answer) => answers.push(answer) });
  const child = new Child({
    self: 'a',
    listen: await freeAddress(),
    peers: [[1, { name: 'b', address: listen }]],
  });
  await until('the child reaches b', () => child.reached.length > 0);
  child.command({ do: 'send', to: 1, text: 'hello' });
  await until('b has heard it', () => answers.length === 1);
  await child.kill();
  await until('its answer is lost', () => {
    answers[0]?.(Buffer.from('too late'));
    return b.wire.counts.lost > 0;
  });
  const dealer = stranger(listen);
  await dealer.send('still there?');
  await until('b has heard that too', () => answers.length === 2);
  answers[1]?.(Buffer.from('yes'));
  expect(text((await dealer.receive())[0])).toBe('yes');
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
