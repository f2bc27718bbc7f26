/**
 * What somebody would write who needs shared variables today and installs nothing: a TCP server with a Map. Says its
 * port over the channel to whoever started it, and, whenever it is asked, what it has used or what it holds.
 */
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { weighed } from '../../load/weight.js';
import type { Usage } from '../server.js';
import { Cutter, encoded, type Frame, frameKind } from './frames.js';
import { Outbox } from './outbox.js';

process.on('SIGINT', () => undefined);
process.on('disconnect', () => process.exit());

const values = new Map<string, Buffer>();
const sockets = new Set<Socket>();
const done = encoded(frameKind.done);
const missing = encoded(frameKind.missing);

const server = createServer(serve);
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
process.on('message', (asked) => process.send?.(asked === 'usage' ? usage() : weighed()));

function serve(socket: Socket): void {
  sockets.add(socket);
  socket.setNoDelay(true);
  const cutter = new Cutter();
  const outbox = new Outbox(socket);
  socket.on('error', () => socket.destroy());
  socket.on('close', () => sockets.delete(socket));
  socket.on('data', (received) => {
    for (const frame of cutter.cut(received)) outbox.add(answerTo(frame));
  });
}

function answerTo({ kind, key, value }: Frame): Buffer {
  if (kind === frameKind.get) {
    const found = values.get(key);
    return found === undefined ? missing : encoded(frameKind.found, '', found);
  }
  if (kind === frameKind.set) values.set(key, Buffer.from(value));
  else values.delete(key);
  return done;
}

function usage(): Usage {
  const { user, system } = process.cpuUsage();
  let bytes = 0;
  for (const { bytesRead, bytesWritten } of sockets) bytes += bytesRead + bytesWritten;
  return { cpuSeconds: (user + system) / 1e6, residentBytes: process.memoryUsage.rss(), bytes };
}
