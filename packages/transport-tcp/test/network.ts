import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { DsmError, type ReplicaId, type Reply, type TransportOptions } from '@dsm/core';
import { onTestFinished } from 'vitest';
import { type TcpOptions, type TcpWire, tcp } from '../src/index.js';
import { greeting, signal } from '../src/stream-format.js';

export interface Member {
  readonly wire: TcpWire;
  readonly frames: Uint8Array[];
  readonly reached: ReplicaId[];
}

type MemberOptions = Partial<Omit<TransportOptions, 'peers' | 'events'>> & {
  readonly listen: string;
  readonly peers?: readonly string[];
  readonly transport?: TcpOptions;
  readonly onFrame?: (frame: Uint8Array, answer: Reply) => void;
};

/** A member in this process, closed when the test is over. Its peers are numbered from 1. */
export async function member(options: MemberOptions): Promise<Member> {
  const { transport, onFrame, peers = [], ...rest } = options;
  const frames: Uint8Array[] = [];
  const reached: ReplicaId[] = [];
  const wire = await tcp(transport).open({
    self: 'a',
    incarnation: 1,
    frameBytesMax: 10_000_000,
    ...rest,
    peers: new Map(peers.map((address, index) => [index + 1, { name: `peer ${index}`, address }])),
    events: {
      frame(frame, answer) {
        frames.push(frame);
        onFrame?.(frame, answer);
      },
      reachable: (peer) => reached.push(peer),
    },
  });
  onTestFinished(() => wire.close());
  return { wire, frames, reached };
}

/** Waits until something holds; fails loudly when it does not come to hold. */
export async function until(what: string, holds: () => boolean): Promise<void> {
  const deadline = performance.now() + 20_000;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`Waited in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** A socket that is not one of ours, connected to a TCP address. */
export class Stranger {
  readonly socket: Socket;
  readonly closed: Promise<unknown>;
  received = Buffer.alloc(0);

  constructor(address: string) {
    const { hostname, port } = new URL(address);
    this.socket = connect(Number(port), hostname);
    this.socket.on('error', () => undefined);
    // Who does not read is not told of the end either.
    this.socket.resume();
    this.closed = once(this.socket, 'close').catch(() => undefined);
    onTestFinished(() => {
      this.socket.destroy();
    });
  }

  /** Speaks as a member does. */
  greet(): this {
    this.socket.write(signal(greeting));
    return this;
  }

  /** Keeps what it hears. */
  listen(): this {
    this.socket.on('data', (chunk) => {
      this.received = Buffer.concat([this.received, chunk]);
    });
    return this;
  }

  say(text: string): this {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(Buffer.byteLength(text));
    this.socket.write(Buffer.concat([length, Buffer.from(text)]));
    return this;
  }
}

/** A server that is not one of ours, and its address. */
export async function strangeServer(
  accept: (socket: Socket) => void,
): Promise<{ server: Server; address: string }> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    onTestFinished(() => {
      socket.destroy();
    });
    accept(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
  });
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('no port');
  return { server, address: `tcp://127.0.0.1:${bound.port}` };
}

/** The code of the `DsmError` that a promise rejects with, if it does. */
export async function codeOf(promise: Promise<unknown>): Promise<string | undefined> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return DsmError.is(error) ? error.code : undefined;
}

export function texts(frames: readonly Uint8Array[]): string[] {
  return frames.map((frame) => Buffer.from(frame).toString());
}
