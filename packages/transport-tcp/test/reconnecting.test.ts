import { freeTcpAddress } from '@dsm/conformance/transport';
import { expect, test } from 'vitest';
import { greeting, signal } from '../src/stream-format.js';
import { member, Stranger, strangeServer, until } from './network.js';

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

test('who has closed dials no more: neither who was absent nor who was there', async () => {
  const dialled = { absent: 0, present: 0, other: 0 };
  const server = (who: keyof typeof dialled, word: Buffer) =>
    strangeServer((socket) => {
      dialled[who] += 1;
      socket.write(word);
    });
  const absent = await server('absent', Buffer.from('nope'));
  const present = await server('present', signal(greeting));
  const other = await server('other', Buffer.from('nope'));
  const transport = { reconnectMs: 20, reconnectMaxMs: 20 };
  const peers = [absent.address, present.address];
  const a = await member({ listen: await freeTcpAddress(), peers, transport });
  await member({ listen: await freeTcpAddress(), peers: [other.address], transport });
  await until('all were dialled', () => dialled.absent > 1 && a.reached.length === 1);
  await a.wire.close();
  // What was on its way before this one has arrived when this one has.
  const last = new Stranger(absent.address).listen();
  await until('it is answered', () => last.received.length === 4);
  const so = { ...dialled };
  await until('another one was dialled several times more', () => dialled.other > so.other + 4);
  expect([dialled.absent, dialled.present]).toEqual([so.absent, 1]);
});
