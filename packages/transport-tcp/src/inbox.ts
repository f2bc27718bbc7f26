import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { DsmError, type TransportEvents } from '@dsm/core';
import type { Address } from './address.js';
import { Connection } from './connection.js';
import type { TcpCounts } from './counts.js';
import type { Settings } from './options.js';
import { freePath } from './socket-path.js';

export interface InboxOptions {
  readonly settings: Settings;
  readonly frameBytesMax: number;
  readonly counts: TcpCounts;
  readonly events: TransportEvents;
}

/** Answers to strangers are few and small. Whoever asks and does not read is not waited for with more than this. */
const strangerBytesMax = 1024 * 1024;

/** The silence after which the operating system looks whether the other side still exists. */
const keepAliveMs = 30_000;

/** The socket on which this member is reached by all others, and their connections. */
export class Inbox {
  private readonly server: Server;
  private readonly options: InboxOptions;
  private readonly counts: TcpCounts;
  private readonly connections = new Set<Connection>();

  constructor(options: InboxOptions) {
    this.options = options;
    this.counts = options.counts;
    this.server = createServer({ allowHalfOpen: true }, (socket) => this.accept(socket));
    this.server.maxConnections = options.settings.connectionsMax;
    this.server.on('drop', () => this.refuse());
  }

  /** Rejects with `DSM_ADDRESS_IN_USE`, or `DSM_INVALID_OPTION` for an address that one cannot listen on. */
  async listen(address: Address): Promise<void> {
    try {
      await this.bind(address).catch(async (error) => {
        const stale = isInUse(error) && 'path' in address.place && (await freePath(address.place.path));
        if (!stale) throw error;
        await this.bind(address);
      });
    } catch (cause) {
      const { text } = address;
      if (isInUse(cause)) throw new DsmError('DSM_ADDRESS_IN_USE', `${text} is in use already`, { cause });
      throw new DsmError('DSM_INVALID_OPTION', `Cannot listen on ${text}`, { cause });
    }
    // From here on: a connection that could not be accepted, for want of descriptors perhaps.
    this.server.on('error', () => this.refuse());
  }

  /** Resolves when the address is free again and all connections are gone. */
  async close(): Promise<void> {
    for (const connection of this.connections) connection.end();
    if (!this.server.listening) return;
    const closed = once(this.server, 'close');
    this.server.close();
    await closed;
  }

  private async bind(address: Address): Promise<void> {
    const listening = once(this.server, 'listening');
    // In a worker of `node:cluster` the address is not shared with other workers: one member listens there.
    this.server.listen({ ...address.place, exclusive: true });
    await listening;
  }

  private accept(socket: Socket): void {
    const { settings, frameBytesMax, counts, events } = this.options;
    socket.setKeepAlive(true, keepAliveMs);
    const connection = new Connection(socket, {
      queueBytesMax: settings.queueBytesMax,
      strangerBytesMax: Math.min(settings.queueBytesMax, strangerBytesMax),
      frameBytesMax,
      framesPerTurn: settings.framesPerTurn,
      greetingMs: settings.connectTimeoutMs,
      counts,
      events: {
        greeted: () => undefined,
        frame: (frame) => events.frame(frame, connection.send),
        closed: () => this.connections.delete(connection),
      },
    });
    this.connections.add(connection);
  }

  private refuse(): void {
    this.counts.refused += 1;
  }
}

function isInUse(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
}
