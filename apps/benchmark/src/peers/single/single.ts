import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { Guarantees } from '@dsm/core';
import type { Memory, Seat } from '../../memory.js';
import type { Server, Usage } from '../server.js';
import { Cutter, encoded, type Frame, frameKind } from './frames.js';
import { Outbox } from './outbox.js';
import { Queue } from './queue.js';

/** One process does everything, one after the other, and all is gone with it. */
const guarantees: Guarantees = {
  consistency: 'linearizable',
  compareAndSwap: false,
  reads: 'server',
  writes: 'server',
  survives: 'none',
  onPartition: 'minority-stops',
};

const report = {
  software: `Node ${process.version}: a TCP server with a Map`,
  durability: 'none: memory only',
};

/** Starts the server in a process of its own; whatever ends this process ends it. */
export async function startSingle(): Promise<Server> {
  const program = fileURLToPath(new URL('./single-server.js', import.meta.url));
  const child = fork(program, { serialization: 'advanced', stdio: ['ignore', 2, 2, 'ipc'] });
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  const port = await said<number>(child);
  return {
    address: `tcp://127.0.0.1:${port}`,
    report,
    usage: () => {
      child.send('usage');
      return said<Usage>(child);
    },
    held: () => {
      child.send('held');
      return said<number>(child);
    },
    stop: async () => {
      process.removeListener('exit', kill);
      const gone = once(child, 'exit');
      kill();
      await gone;
    },
  };
}

/** What the server says next. */
function said<T>(child: ChildProcess): Promise<T> {
  return new Promise((resolve, reject) => {
    const end = (code: number | null) => reject(new Error(`the single server ended with ${code}`));
    child.once('exit', end);
    child.once('message', (message) => {
      child.removeListener('exit', end);
      resolve(message as T);
    });
  });
}

interface Waiting {
  readonly resolve: (value: string | undefined) => void;
  readonly reject: (error: Error) => void;
}

/** A client of the server: what is asked in one turn leaves together, and is answered in order. */
export async function single({ server = '' }: Seat): Promise<Memory> {
  const { hostname, port } = new URL(server);
  const socket = connect(Number(port), hostname).setNoDelay(true);
  await once(socket, 'connect');
  const outbox = new Outbox(socket);
  const cutter = new Cutter();
  const waiting = new Queue<Waiting>();
  let lost: Error | undefined;
  socket.on('data', (received) => {
    for (const answer of cutter.cut(received)) waiting.take()?.resolve(valueIn(answer));
  });
  socket.on('error', () => undefined); // It closes, too.
  socket.on('close', () => {
    lost = new Error('the server is gone');
    for (let one = waiting.take(); one !== undefined; one = waiting.take()) one.reject(lost);
  });
  const ask = (frame: Buffer): Promise<string | undefined> =>
    new Promise((resolve, reject) => {
      if (lost !== undefined) return reject(lost);
      waiting.add({ resolve, reject });
      outbox.add(frame);
    });
  return {
    guarantees,
    read: (key) => ask(encoded(frameKind.get, key)),
    write: (key, value) => ask(encoded(frameKind.set, key, value)),
    delete: (key) => ask(encoded(frameKind.delete, key)),
    close: async () => socket.destroy(),
  };
}

function valueIn({ kind, value }: Frame): string | undefined {
  return kind === frameKind.found ? value.toString('utf8') : undefined;
}
