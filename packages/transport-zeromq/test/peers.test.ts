import { expect, onTestFinished, test, vi } from 'vitest';
import { noCounts } from '../src/counts.js';
import { Outlet } from '../src/outlet.js';
import { Child, freeAddress, member, numbered, type Peers, stranger, text, until } from './network.js';

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

/** Dials what it is given by the system by chance, where the port is one of those that go to who connects: itself. */
async function meetingItself(reachable: (outlet: Outlet) => void): Promise<Outlet> {
  const address = await freeAddress();
  const outlet: Outlet = new Outlet({
    address: `${address};${address.slice('tcp://'.length)}`,
    socket: { immediate: true, linger: 0, reconnectMaxInterval: againMs },
    ...{ peer: 1, queueBytesMax: 1_000, frameBytesMax: 1_000, framesPerTurn: 10, counts: noCounts() },
    events: { reachable: () => reachable(outlet), frame: () => undefined },
  });
  onTestFinished(() => outlet.close());
  outlet.connect();
  return outlet;
}

const againMs = 20;

test('who dials a port where nobody listens does not stay connected to itself', async () => {
  let reached = 0;
  await meetingItself((outlet) => {
    reached += 1;
    outlet.send(numbered(1));
  });
  // By the source that is given here it meets itself each time.
  await until('it has left itself twice', () => reached === 3);
});

test('who has left itself and is closed then dials no more', async () => {
  const outlet = await meetingItself(() => undefined);
  await until('it has left itself', () => Reflect.get(outlet, 'again') !== undefined);
  const dial = vi.spyOn(outlet, 'connect').mockImplementation(() => undefined);
  dial.mockClear();
  await outlet.close();
  const dialled = dial.mock.calls.length;
  // Timers of one length go off in their order.
  await new Promise((resolve) => setTimeout(resolve, againMs));
  expect(dial.mock.calls.length).toBe(dialled);
});

test('a frame for a replica that is not a peer goes nowhere', async () => {
  const a = await member({ self: 'a', listen: await freeAddress() });
  expect(() => a.wire.send(7, numbered(0))).not.toThrow();
});

test('a peer is dialled later, let go, and its number given to another one', async () => {
  const [addressA, addressB, addressC] = [await freeAddress(), await freeAddress(), await freeAddress()];
  const a = await member({ self: 'a', listen: addressA });
  const [b, c] = [
    await member({ self: 'b', listen: addressB }),
    await member({ self: 'c', listen: addressC }),
  ];
  a.wire.dial?.(40, { name: '', address: addressB });
  await until('a reaches b', () => a.reached.join() === '40');
  a.wire.send(40, numbered(1));
  await until('b hears a', () => b.frames.length === 1);
  a.wire.hangUp?.(40);
  a.wire.send(40, numbered(2));
  a.wire.dial?.(40, { name: 'c', address: addressC });
  await until('a reaches c', () => a.reached.join() === '40,40');
  a.wire.send(40, numbered(3));
  await until('c hears a', () => c.frames.length === 1);
  expect(Buffer.from(c.frames[0] ?? []).readUInt32BE()).toBe(3);
  expect(b.frames).toHaveLength(1);
});

test('a peer that is dialled under two numbers hears both, and the one when the other is let go', async () => {
  const [addressA, addressB] = [await freeAddress(), await freeAddress()];
  const a = await member({ self: 'a', listen: addressA });
  const b = await member({ self: 'b', listen: addressB });
  const heard = () => b.frames.map((frame) => Buffer.from(frame).readUInt32BE()).join();
  a.wire.dial?.(1, { name: 'b', address: addressB });
  await until('a reaches b', () => a.reached.join() === '1');
  a.wire.dial?.(2, { name: 'b', address: addressB });
  await until('a reaches b again', () => a.reached.join() === '1,2');
  a.wire.send(2, numbered(1));
  await until('b hears the later one', () => heard() === '1');
  a.wire.send(1, numbered(2));
  await until('b hears the earlier one', () => heard() === '1,2');
  a.wire.hangUp?.(2);
  a.wire.send(1, numbered(3));
  await until('b hears the one that is left', () => heard() === '1,2,3');
});

test('a connection that was taken over and is gone does not end a member when it is time for heartbeats', async () => {
  const listen = await freeAddress();
  const heartbeats = { heartbeatMs: 10, heartbeatTimeoutMs: 10_000 };
  const child = new Child({ self: 'a', listen, transport: heartbeats });
  await child.said('open');
  const [first, second] = [stranger(listen, 'b/1'), stranger(listen)];
  await first.send('first');
  await until('it is heard', async () => (await child.report()).received === 1);
  const third = stranger(listen, 'b/1');
  await third.send('the name is taken over');
  await until('that is heard', async () => (await child.report()).received === 2);
  await first.send('nobody hears this');
  first.close();
  const closed = performance.now();
  await until('many heartbeats have passed', async () => {
    await second.send('?');
    await child.report();
    return performance.now() > closed + 300;
  });
  expect(child.process.exitCode ?? child.process.signalCode).toBe(null);
});

test('what cannot be dialled is refused, and nothing that was there is let go for it', async () => {
  const [addressA, addressB] = [await freeAddress(), await freeAddress()];
  const a = await member({ self: 'a', listen: addressA });
  const b = await member({ self: 'b', listen: addressB });
  a.wire.dial?.(1, { name: 'b', address: addressB });
  await until('a reaches b', () => a.reached.length === 1);
  const dial = (address: string) => () => a.wire.dial?.(1, { name: 'c', address });
  expect(dial('nonsense')).toThrow(expect.objectContaining({ code: 'DSM_INVALID_OPTION' }));
  expect(dial('tcp://10.0.0.1:7001')).toThrow(expect.objectContaining({ code: 'DSM_INSECURE' }));
  a.wire.send(1, numbered(1));
  await until('b hears a', () => b.frames.length === 1);
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
  const { lost } = a.wire.counts;
  for (let number = 0; number < 10; number += 1) a.wire.send(1, numbered(number));
  expect(a.wire.counts.lost).toBe(lost + 10);
  const next = new Child({ self: 'b', listen: addressB, incarnation: 2 });
  await until('a reaches the next b', () => a.reached.length === 2);
  for (let number = 1_000; number < 1_010; number += 1) a.wire.send(1, numbered(number));
  await until('it hears what is new', async () => (await next.report()).last === 1_009);
  // One frame may be under way to the connection when it breaks, and go to the next one, ahead of what is new.
  expect((await next.report()).received).toBeLessThanOrEqual(11);
  expect((await next.report()).outOfOrder).toBe(0);
});

test('a peer paused for less than the limit loses nothing', async () => {
  const [addressA, addressB] = [await freeAddress(), await freeAddress()];
  const peers: Peers = [[1, { name: 'b', address: addressB }]];
  const transport = { heartbeatMs: 10, heartbeatTimeoutMs: 10_000 };
  const a = await member({ self: 'a', listen: addressA, peers, transport });
  const child = new Child({ self: 'b', listen: addressB });
  await until('a reaches b', () => a.reached.length === 1);
  child.process.kill('SIGSTOP');
  const paused = performance.now();
  let sent = 0;
  await until('many heartbeats were missed', () => {
    a.wire.send(1, numbered(sent));
    sent += 1;
    return performance.now() > paused + 300;
  });
  child.process.kill('SIGCONT');
  await until('all have arrived', async () => (await child.report()).received === sent);
  expect([a.wire.counts.lost, a.reached]).toEqual([0, [1]]);
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
