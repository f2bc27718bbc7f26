import { once } from 'node:events';
import { expect, test } from 'vitest';
import { Child, freeAddress, member, numbered, type Peers, until } from './network.js';

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
  const listen = 'inproc://close-at-once';
  const a = await member({ self: 'a', listen, peers: [[0, { name: 'a', address: listen }]] });
  await a.wire.close();
  await new Promise((resolve) => setImmediate(resolve));
  expect(a.reached).toEqual([]);
});

test('closing does not wait for a peer that is paused, with frames waiting for it', async () => {
  const [addressA, addressB] = [await freeAddress(), await freeAddress()];
  const peers: Peers = [[1, { name: 'b', address: addressB }]];
  const transport = { queueBytesMax: 1024 * 1024 };
  const a = await member({ self: 'a', listen: addressA, peers, transport });
  const child = new Child({ self: 'b', listen: addressB });
  await until('a reaches b', () => a.reached.length === 1);
  child.process.kill('SIGSTOP');
  await until('there is no more room', () => {
    const { lost } = a.wire.counts;
    for (let number = 0; number < 64; number += 1) a.wire.send(1, numbered(number, 65_536));
    return a.wire.counts.lost === lost + 64;
  });
  const { lost } = a.wire.counts;
  const started = performance.now();
  await a.wire.close();
  expect(performance.now() - started).toBeLessThan(1_000);
  // Those that waited here, and the one that waited for ZeroMQ.
  await until('they are counted', () => a.wire.counts.lost >= lost + 16);
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
