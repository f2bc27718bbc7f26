import { connect } from 'node:net';
import { freeTcpAddress } from '@dsm/conformance/transport';
import { expect, onTestFinished, test } from 'vitest';
import { Connection } from '../src/connection.js';
import { noCounts } from '../src/counts.js';
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

test('who is gone each time as soon as it was reached is not dialled without pause', async () => {
  const times: number[] = [];
  const { address } = await strangeServer((socket) => {
    times.push(performance.now());
    socket.end(signal(greeting));
  });
  const transport = { reconnectMs: 5, reconnectMaxMs: 10_000 };
  await member({ listen: await freeTcpAddress(), peers: [address], transport });
  await until('it was dialled nine times', () => times.length === 9);
  // Once soon, and then after 10, 20, 40 ms and so on.
  expect((times[8] ?? 0) - (times[0] ?? 0)).toBeGreaterThan(500);
});

test('who dials a port where nobody listens does not stay connected to itself', async () => {
  const address = await freeTcpAddress();
  const port = Number(new URL(address).port);
  // What the system does by chance, where the port is one of those that it gives to who connects.
  const socket = connect({ host: '127.0.0.1', port, localPort: port, allowHalfOpen: true });
  onTestFinished(() => void socket.destroy());
  let itself = false;
  socket.prependOnceListener('connect', () => {
    itself = socket.localPort === socket.remotePort;
  });
  const heard: string[] = [];
  const connection = new Connection(socket, {
    ...{ queueBytesMax: 1_000, strangerBytesMax: 1_000, frameBytesMax: 1_000, framesPerTurn: 10 },
    ...{ greetingMs: 10_000, counts: noCounts() },
    events: {
      greeted: () => {
        heard.push('greeted');
        connection.send(Buffer.from('to the peer'));
      },
      frame: () => heard.push('frame'),
      closed: () => heard.push('closed'),
    },
  });
  await until('it is gone', () => heard.includes('closed'));
  expect([itself, heard]).toEqual([true, ['closed']]);
  // The port is there for its owner.
  await member({ listen: address });
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
