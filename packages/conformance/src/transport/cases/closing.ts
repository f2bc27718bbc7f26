import assert from 'node:assert/strict';
import type { Peers } from '../child.js';
import { type Network, until } from '../network.js';
import { numbered } from '../numbered.js';
import type { TransportCase } from '../transport-case.js';

/** Closing ends in time, frees everything, and nothing comes after it. */
export const closing: readonly TransportCase[] = [
  { name: 'closing twice is closing once; what is sent or answered afterwards goes nowhere', run: twice },
  { name: 'one may close within a handler, and hears no more', run: within },
  { name: 'who closes at once is not told of connections', run: atOnce },
  { name: 'closing does not wait for a peer that is paused, with frames waiting for it', run: paused },
  {
    name: 'a process that has closed ends by itself, with peers alive, paused and absent',
    run: endsByItself,
  },
];

async function twice(network: Network): Promise<void> {
  const [addressA, addressB] = [await network.freeAddress(), await network.freeAddress()];
  const answers: ((frame: Uint8Array) => void)[] = [];
  const b = await network.member({
    self: 'b',
    listen: addressB,
    onFrame: (_, answer) => answers.push(answer),
  });
  const a = await network.member({
    self: 'a',
    listen: addressA,
    peers: [[1, { name: 'b', address: addressB }]],
  });
  await until('a reaches b', () => a.reached.length === 1);
  a.wire.send(1, numbered(1));
  await until('b hears a', () => answers.length === 1);
  await Promise.all([a.wire.close(), a.wire.close(), b.wire.close()]);
  await a.wire.close();
  assert.doesNotThrow(() => a.wire.send(1, numbered(2)));
  assert.doesNotThrow(() => answers[0]?.(numbered(3)));
}

async function within(network: Network): Promise<void> {
  const listen = await network.freeAddress();
  let closed: Promise<void> | undefined;
  const a = await network.member({
    self: 'a',
    listen,
    onFrame() {
      // Long enough for the other frames to be there.
      for (const end = performance.now() + 20; performance.now() < end; );
      closed = a.wire.close();
    },
  });
  const peers = [[0, { name: 'a', address: listen }]] as const;
  const b = await network.member({ self: 'b', listen: await network.freeAddress(), peers });
  await until('b reaches a', () => b.reached.length === 1);
  for (let number = 0; number < 10; number += 1) b.wire.send(0, numbered(number));
  await until('a hears b', () => closed !== undefined);
  await closed;
  assert.equal(a.frames.length, 1);
}

async function atOnce(network: Network): Promise<void> {
  const address = await network.freeAddress();
  await network.member({ self: 'b', listen: address });
  const peers = [[1, { name: 'b', address }]] as const;
  const a = await network.member({ self: 'a', listen: await network.freeAddress(), peers });
  await a.wire.close();
  const { length } = a.reached;
  // Whoever comes later is reached later than a would have been.
  const c = await network.member({ self: 'c', listen: await network.freeAddress(), peers });
  await until('c reaches b', () => c.reached.length === 1);
  assert.equal(a.reached.length, length);
}

async function paused(network: Network): Promise<void> {
  const { a, b } = await network.reach();
  b.process.kill('SIGSTOP');
  for (let number = 0; number < 500; number += 1) a.wire.send(1, numbered(number, 65_536));
  const started = performance.now();
  await a.wire.close();
  const elapsedMs = performance.now() - started;
  assert.ok(elapsedMs < 2_000, `it took ${elapsedMs} ms`);
}

async function endsByItself(network: Network): Promise<void> {
  const [listen, alive, silent, absent] = await Promise.all([1, 2, 3, 4].map(() => network.freeAddress()));
  await network.member({ self: 'b', listen: alive as string });
  const stopped = network.child({ self: 'c', listen: silent as string });
  await until('it listens', () => stopped.opened);
  const peers: Peers = [alive, silent, absent].map((address, index) => [
    index + 1,
    { name: `${index}`, address: address as string },
  ]);
  const child = network.child({ self: 'a', listen: listen as string, peers });
  await until('it reaches both that are there', () => child.reached.length === 2);
  stopped.process.kill('SIGSTOP');
  child.command({ do: 'flood', to: 2, count: 500, bytes: 65_536 });
  child.command({ do: 'close' });
  await until('it has closed', () => child.closed);
  const started = performance.now();
  assert.deepEqual(await child.ended, [0, null]);
  const elapsedMs = performance.now() - started;
  assert.ok(elapsedMs < 5_000, `it ended ${elapsedMs} ms later`);
}
