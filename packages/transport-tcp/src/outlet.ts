import { connect } from 'node:net';
import type { ReplicaId, TransportEvents } from '@dsm/core';
import type { Address } from './address.js';
import { Connection } from './connection.js';
import type { TcpCounts } from './counts.js';
import type { Settings } from './options.js';

export interface OutletOptions {
  readonly address: Address;
  readonly settings: Settings;
  readonly frameBytesMax: number;
  readonly counts: TcpCounts;
  readonly peer: ReplicaId;
  readonly events: TransportEvents;
}

/** The connection from this member to one peer, made again whenever it breaks. */
export class Outlet {
  private readonly options: OutletOptions;
  private readonly settings: Settings;
  private connection: Connection | undefined;
  /** Until the next attempt, or the next heartbeat. */
  private timer: NodeJS.Timeout | undefined;
  private delayMs: number;
  /** When the other side of the connection introduced itself. */
  private greetedAtMs: number | undefined;
  /** The connection before was gone soon after that: to be reached again is no reason to be tried again at once. */
  private cutShort = false;
  /** Heartbeats without an answer. Counted, not measured: who was paused itself does not take others for silent. */
  private missed = 0;
  /** It is being closed, and this is called when the connection is gone. */
  private closed: (() => void) | undefined;

  constructor(options: OutletOptions) {
    this.options = options;
    this.settings = options.settings;
    this.delayMs = this.settings.reconnectMs;
  }

  connect(): void {
    const { address, frameBytesMax, counts } = this.options;
    const { queueBytesMax, framesPerTurn, connectTimeoutMs } = this.settings;
    const connection = new Connection(connect({ ...address.place, allowHalfOpen: true }), {
      queueBytesMax,
      strangerBytesMax: queueBytesMax,
      framesPerTurn,
      frameBytesMax,
      greetingMs: connectTimeoutMs,
      counts,
      events: {
        greeted: () => this.onGreeted(),
        frame: (frame) => this.options.events.frame(frame, connection.send),
        closed: () => this.onClosed(),
      },
    });
    this.connection = connection;
  }

  send(frame: Uint8Array): void {
    if (this.closed !== undefined) return;
    if (this.connection === undefined) this.options.counts.lost += 1;
    else this.connection.send(frame);
  }

  /** Resolves when the connection is gone. */
  close(): Promise<void> {
    clearTimeout(this.timer);
    return new Promise((resolve) => {
      this.closed = resolve;
      if (this.connection === undefined) resolve();
      else this.connection.end();
    });
  }

  private onGreeted(): void {
    if (!this.cutShort) this.delayMs = this.settings.reconnectMs;
    this.greetedAtMs = performance.now();
    this.beatLater();
    this.options.events.reachable(this.options.peer);
  }

  private onClosed(): void {
    clearTimeout(this.timer);
    if (this.greetedAtMs !== undefined) {
      this.cutShort = performance.now() - this.greetedAtMs < this.settings.reconnectMaxMs;
      this.greetedAtMs = undefined;
    }
    this.connection = undefined;
    if (this.closed !== undefined) return this.closed();
    this.timer = setTimeout(() => this.connect(), this.delayMs);
    this.delayMs = Math.min(
      this.delayMs * 2,
      Math.max(this.settings.reconnectMs, this.settings.reconnectMaxMs),
    );
  }

  private beatLater(): void {
    if (this.settings.heartbeatMs > 0) this.timer = setTimeout(() => this.beat(), this.settings.heartbeatMs);
  }

  private beat(): void {
    const { connection } = this;
    if (connection === undefined) return;
    const { heartbeatMs, heartbeatTimeoutMs } = this.settings;
    this.missed = connection.heard ? 0 : this.missed + 1;
    if (this.missed * heartbeatMs >= heartbeatTimeoutMs) return connection.abandon();
    connection.heard = false;
    connection.ping();
    this.beatLater();
  }
}
