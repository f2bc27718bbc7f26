import assert from 'node:assert/strict';
import { frameBytesMax, type Network, until } from '../network.js';
import { numbered, numberIn } from '../numbered.js';
import { frameOf, type TransportCase, text } from '../transport-case.js';

/** What arrives is what was sent, in its order. */
export const frames: readonly TransportCase[] = [
  { name: 'frames of 0 bytes to 5 MB arrive whole and in order, both ways', run: whole },
  { name: 'a burst of 20,000 frames loses nothing and keeps its order', run: burst },
  { name: 'a view into a larger buffer is sent as what it shows', run: views },
  {
    name: 'a frame as large as allowed passes; one byte more is not sent, and harms no other',
    run: tooLarge,
  },
  { name: 'an exception of whoever hears frames does not stop the receiving', run: handlerOfFrames },
  { name: 'an exception of whoever hears of connections stops nothing', run: handlerOfConnections },
  { name: 'a flood of frames leaves the program its turns', run: turns },
];

async function whole(network: Network): Promise<void> {
  const { a, b } = await network.pair();
  const lengths = [0, 1, 3, 4, 127, 128, 129, 1_000, 8_192, 8_193, 65_532, 65_536, 1_000_000, 5_000_000];
  const sent = lengths.map((bytes, number) => numbered(number, bytes));
  for (const frame of sent) {
    a.wire.send(1, frame);
    b.wire.send(0, frame);
  }
  await until('all have arrived', () => [a, b].every((each) => each.frames.length === sent.length));
  for (const { frames: received } of [a, b]) {
    assert.deepEqual(
      received.map((frame) => frame.byteLength),
      lengths,
    );
    for (const [index, frame] of received.entries()) {
      assert.equal(Buffer.compare(frame, sent[index] ?? new Uint8Array()), 0, `frame ${index}`);
    }
  }
}

async function burst(network: Network): Promise<void> {
  const { a, b } = await network.pair();
  const count = 20_000;
  for (let number = 0; number < count; number += 1) a.wire.send(1, numbered(number, 200));
  await until('all have arrived', () => b.frames.length === count);
  assert.ok(b.frames.every((frame, index) => numberIn(frame) === index));
}

async function views(network: Network): Promise<void> {
  const { a, b } = await network.pair();
  a.wire.send(1, new Uint8Array(400).fill(7).subarray(100, 300));
  a.wire.send(1, new Uint8Array([1, 2, 3, 4]).subarray(1, 3));
  a.wire.send(1, new Uint8Array(400_000).fill(9).subarray(100_000, 300_000));
  await until('they have arrived', () => b.frames.length === 3);
  assert.deepEqual(
    b.frames.map((frame) => [frame[0], frame.at(-1), frame.byteLength]),
    [
      [7, 7, 200],
      [2, 3, 2],
      [9, 9, 200_000],
    ],
  );
}

async function tooLarge(network: Network): Promise<void> {
  const { a, b } = await network.pair();
  a.wire.send(1, new Uint8Array(frameBytesMax));
  a.wire.send(1, new Uint8Array(frameBytesMax + 1));
  a.wire.send(1, numbered(1));
  await until('the last has arrived', () => b.frames.at(-1)?.byteLength === 64);
  assert.deepEqual(
    b.frames.map((frame) => frame.byteLength),
    [frameBytesMax, 64],
  );
  assert.deepEqual([a.reached, b.reached], [[1], [0]]);
}

async function handlerOfFrames(network: Network): Promise<void> {
  const [listen, other] = [await network.freeAddress(), await network.freeAddress()];
  const a = await network.member({
    self: 'a',
    listen,
    onFrame(frame) {
      if (text(frame) === 'bad') throw new Error('of the handler');
    },
  });
  const b = await network.member({ self: 'b', listen: other, peers: [[0, { name: 'a', address: listen }]] });
  await until('b reaches a', () => b.reached.length === 1);
  for (const word of ['bad', 'good', 'bad', 'good']) b.wire.send(0, frameOf(word));
  await until('all have arrived', () => a.frames.length === 4);
  assert.deepEqual(a.frames.map(text), ['bad', 'good', 'bad', 'good']);
}

async function handlerOfConnections(network: Network): Promise<void> {
  const address = await network.freeAddress();
  const a = await network.member({
    self: 'a',
    listen: await network.freeAddress(),
    peers: [[1, { name: 'b', address }]],
    onReachable() {
      throw new Error('of the handler');
    },
  });
  for (let incarnation = 1; incarnation <= 2; incarnation += 1) {
    const b = await network.member({ self: 'b', incarnation, listen: address });
    await until('a reaches b', () => a.reached.length === incarnation);
    a.wire.send(1, numbered(incarnation));
    await until('b hears a', () => b.frames.length === 1);
    await b.wire.close();
  }
}

async function turns(network: Network): Promise<void> {
  const listen = await network.freeAddress();
  const peers = [[0, { name: 'a', address: listen }]] as const;
  const child = network.child({ self: 'b', listen: await network.freeAddress(), peers });
  const count = 5_000;
  let [most, inTurn] = [0, 0];
  const a = await network.member({
    self: 'a',
    listen,
    onFrame() {
      inTurn += 1;
      most = Math.max(most, inTurn);
      // Slower than the sender, so that there is always more to receive.
      for (const end = performance.now() + 0.05; performance.now() < end; );
    },
  });
  await until('the child reaches a', () => child.reached.length > 0);
  child.command({ do: 'flood', to: 0, count, bytes: 200 });
  const turn = () => {
    inTurn = 0;
    if (a.frames.length < count) setImmediate(turn);
  };
  turn();
  await until('all have arrived', () => a.frames.length === count);
  // About 64; where a turn of the event loop ends is not exactly where a turn of this case's ends.
  assert.ok(most <= 150, `${most} frames in one turn`);
}
