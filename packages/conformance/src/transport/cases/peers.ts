import assert from 'node:assert/strict';
import { type Network, until } from '../network.js';
import { numbered, numberIn } from '../numbered.js';
import { type TransportCase, text } from '../transport-case.js';

/** Peers that are late, paused, killed and started again. */
export const peers: readonly TransportCase[] = [
  { name: 'what is sent to an absent peer is lost; it is reached when it comes late', run: late },
  { name: 'a frame for a replica that is not a peer goes nowhere', run: stranger },
  { name: 'a peer that is killed and comes back is reached again, in both directions', run: killed },
  {
    name: 'a peer that comes back under its old name and incarnation is heard beside its old self',
    run: obsolete,
  },
  { name: 'a peer that is paused loses nothing that there is room for', run: paused },
  {
    name: 'to a paused peer, memory is bounded and sending does not wait; then frames flow on',
    run: bounded,
  },
  { name: 'a peer that dies while frames wait for it takes them along', run: buried },
];

async function late(network: Network): Promise<void> {
  const address = await network.freeAddress();
  const listen = await network.freeAddress();
  const a = await network.member({ self: 'a', listen, peers: [[1, { name: 'b', address }]] });
  for (let number = 0; number < 100; number += 1) a.wire.send(1, numbered(number));
  const b = await network.member({ self: 'b', listen: address });
  await until('a reaches b', () => a.reached.length === 1);
  a.wire.send(1, numbered(100));
  await until('b hears a', () => b.frames.length > 0);
  assert.deepEqual(b.frames.map(numberIn), [100]);
}

async function stranger(network: Network): Promise<void> {
  const a = await network.member({ self: 'a', listen: await network.freeAddress() });
  assert.doesNotThrow(() => a.wire.send(7, numbered(0)));
}

async function killed(network: Network): Promise<void> {
  const [addressA, addressB] = [await network.freeAddress(), await network.freeAddress()];
  const a = await network.member({
    self: 'a',
    listen: addressA,
    peers: [[1, { name: 'b', address: addressB }]],
  });
  for (let incarnation = 1; incarnation <= 3; incarnation += 1) {
    const child = network.child({
      self: 'b',
      incarnation,
      listen: addressB,
      peers: [[0, { name: 'a', address: addressA }]],
    });
    await until('a reaches b', () => a.reached.length === incarnation);
    await until('b reaches a', () => child.reached.length > 0);
    a.wire.send(1, numbered(incarnation));
    child.command({ do: 'send', to: 0, text: `from ${incarnation}` });
    await until('a hears b', () => a.frames.length === incarnation);
    await until('b hears a', async () => (await child.report()).received === 1);
    await child.kill();
  }
  assert.deepEqual(a.frames.map(text), ['from 1', 'from 2', 'from 3']);
}

async function obsolete(network: Network): Promise<void> {
  const address = await network.freeAddress();
  const heard = new Map<string, (frame: Uint8Array) => void>();
  await network.member({
    self: 'a',
    listen: address,
    onFrame: (frame, answer) => heard.set(text(frame), answer),
  });
  const start = async () =>
    network.child({ self: 'b', listen: await network.freeAddress(), peers: [[0, { name: 'a', address }]] });
  const before = await start();
  await until('it reaches a', () => before.reached.length > 0);
  before.command({ do: 'send', to: 0, text: 'before' });
  await until('a hears it', () => heard.has('before'));
  // Paused, it cannot even end its connection: a does not learn that it is obsolete.
  before.process.kill('SIGSTOP');
  const after = await start();
  await until('the other one reaches a', () => after.reached.length > 0);
  after.command({ do: 'send', to: 0, text: 'after' });
  await until('a hears the other one', () => heard.has('after'));
  heard.get('after')?.(numbered(5));
  await until('it gets its answer', async () => (await after.report()).last === 5);
}

async function paused(network: Network): Promise<void> {
  const { a, b } = await network.reach();
  b.process.kill('SIGSTOP');
  for (let number = 0; number < 2_000; number += 1) {
    a.wire.send(1, numbered(number, 1_000));
    if (number % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  b.process.kill('SIGCONT');
  await until('all have arrived', async () => (await b.report()).received === 2_000);
  assert.equal((await b.report()).outOfOrder, 0);
  assert.deepEqual(a.reached, [1]);
}

/** More than any transport should keep for one peer. */
const flood = { frames: 4_800, bytes: 65_536 };
const keptBytesMax = 200 * 1024 * 1024;

async function bounded(network: Network): Promise<void> {
  const { a, b } = await network.reach();
  b.process.kill('SIGSTOP');
  const before = process.memoryUsage().rss;
  let longestMs = 0;
  for (let number = 0; number < flood.frames; number += 1) {
    const frame = numbered(number, flood.bytes);
    const started = performance.now();
    a.wire.send(1, frame);
    longestMs = Math.max(longestMs, performance.now() - started);
    if (number % 64 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  const grown = process.memoryUsage().rss - before;
  b.process.kill('SIGCONT');
  // Sent until one gets through: there may not be room for it yet.
  await until('it hears new frames', async () => {
    a.wire.send(1, numbered(flood.frames));
    return (await b.report()).last === flood.frames;
  });
  assert.ok((await b.report()).received < flood.frames, 'nothing was lost, so everything was kept');
  assert.ok(grown < keptBytesMax, `${grown} bytes more than before`);
  assert.ok(longestMs < 500, `a send took ${longestMs} ms`);
}

async function buried(network: Network): Promise<void> {
  const { a, b, address } = await network.reach();
  b.process.kill('SIGSTOP');
  for (let number = 0; number < 1_000; number += 1) a.wire.send(1, numbered(number, 65_536));
  await b.kill();
  const next = network.child({ self: 'b', listen: address, incarnation: 2 });
  await until('a reaches the next b', () => a.reached.length === 2);
  for (let number = 1_000; number < 1_010; number += 1) a.wire.send(1, numbered(number));
  await until('it hears what is new', async () => (await next.report()).last === 1_009);
  const { received, outOfOrder } = await next.report();
  // One frame may be under way to the connection when it breaks, and go to the next one, ahead of what is new.
  assert.ok(received <= 11, `${received} frames`);
  assert.equal(outOfOrder, 0);
}
