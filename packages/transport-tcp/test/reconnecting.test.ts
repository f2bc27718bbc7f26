import { freeTcpAddress } from '@dsm/conformance/transport';
import { expect, test } from 'vitest';
import { greeting, signal } from '../src/stream-format.js';
import { member, strangeServer, until } from './network.js';

test('who was reached is tried again soon, however long it had been absent before', async () => {
  const times: number[] = [];
  const { address } = await strangeServer((socket) => {
    times.push(performance.now());
    // Refused eight times, then taken for a member and gone at once.
    if (times.length === 9) socket.end(signal(greeting));
    else socket.end('nope');
  });
  const transport = { reconnectMs: 5, reconnectMaxMs: 60_000 };
  const a = await member({ listen: await freeTcpAddress(), peers: [address], transport });
  await until('it was tried ten times', () => times.length === 10);
  expect(a.reached).toEqual([1]);
  const gap = (attempt: number) => (times[attempt] ?? 0) - (times[attempt - 1] ?? 0);
  expect(gap(8)).toBeGreaterThan(600);
  expect(gap(9)).toBeLessThan(600);
});

/** Timers that keep this process alive. */
function timers(): number {
  return process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length;
}

test('who closes while a peer is absent, silent or there leaves no timer behind, and dials no more', async () => {
  const listen = await freeTcpAddress();
  let refused = 0;
  const absent = await strangeServer((socket) => {
    refused += 1;
    socket.end('nope');
  });
  const silent = await strangeServer(() => undefined);
  const present = await strangeServer((socket) => socket.write(signal(greeting)));
  const before = timers();
  const a = await member({
    listen,
    peers: [absent.address, silent.address, present.address],
    transport: { reconnectMs: 60_000, reconnectMaxMs: 60_000 },
  });
  await until('one is there and one is not', () => a.reached.length === 1 && a.wire.counts.refused === 1);
  expect(timers()).toBeGreaterThan(before);
  await a.wire.close();
  // What the last connection leaves behind when it ends would be seen in the next turn.
  await new Promise((resolve) => setImmediate(resolve));
  expect([timers(), refused]).toEqual([before, 1]);
});
