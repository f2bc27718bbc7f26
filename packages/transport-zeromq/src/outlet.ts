import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ReplicaId, Reply, TransportEvents } from '@dsm/core';
import { Dealer, type EventType, type SocketOptions } from 'zeromq';
import { Backlog } from './backlog.js';
import type { ZeromqCounts } from './counts.js';
import { asksWhoIsThere, receiveAll, soleFrame, tell, watchConnections, whoIsThere } from './socket.js';

export interface OutletOptions {
  readonly address: string;
  readonly socket: SocketOptions<Dealer>;
  readonly queueBytesMax: number;
  readonly frameBytesMax: number;
  readonly framesPerTurn: number;
  readonly counts: ZeromqCounts;
  readonly peer: ReplicaId;
  readonly events: TransportEvents;
}

/**
 * The connection from this member to one peer, which ZeroMQ makes again whenever it breaks.
 *
 * A socket whose `sendTimeout` is 0 sends within the call or fails, so in the common case nothing waits and no promise
 * has to settle between two frames. Only when the peer does not keep up do frames wait here, in order.
 */
export class Outlet {
  private readonly socket: Dealer;
  private readonly options: OutletOptions;
  private readonly counts: ZeromqCounts;
  private readonly ended: Promise<unknown>;
  private connected: boolean;
  /** Frames the connection does not take yet. Empty unless `pumping`. */
  private readonly backlog: Backlog;
  private pumping = false;
  /** Until it connects again, after it was connected to itself. */
  private again: NodeJS.Timeout | undefined;

  constructor(options: OutletOptions) {
    this.options = options;
    this.counts = options.counts;
    this.backlog = new Backlog(options.queueBytesMax);
    this.socket = new Dealer({ ...options.socket, sendTimeout: 0 });
    // A connection within the process is there at once, and has no events.
    this.connected = options.address.startsWith('inproc:');
    const watched = watchConnections(this.socket, (type) => this.onConnection(type), options.counts);
    const received = receiveAll(
      this.socket,
      options.framesPerTurn,
      (parts) => this.onParts(parts),
      options.counts,
    );
    this.ended = Promise.all([watched, received]);
  }

  connect(): void {
    this.socket.connect(this.options.address);
    if (this.connected) setImmediate(() => tell(() => this.onConnection('handshake'), this.counts));
  }

  send(frame: Uint8Array): void {
    if (this.socket.closed) return;
    if (frame.byteLength > this.options.frameBytesMax) this.counts.lost += 1;
    else if (!this.pumping && this.socket.writable) this.post(frame);
    else if (!this.connected || !this.backlog.add(frame)) this.counts.lost += 1;
    else if (!this.pumping) void this.pump();
  }

  /** Resolves when the connection is gone. */
  async close(): Promise<void> {
    this.forget();
    clearTimeout(this.again);
    this.socket.close();
    await this.ended;
  }

  private onParts(parts: Buffer[]): void {
    const frame = soleFrame(parts, this.options.frameBytesMax);
    if (asksWhoIsThere(parts)) this.leaveItself();
    else if (frame === undefined) this.counts.refused += 1;
    else this.options.events.frame(frame, this.answer);
  }

  /**
   * The system gives a port to who dials. Where nobody listens at the one that is dialled, it may be that port: then it
   * connects the socket to itself, for good, and what was meant for the peer comes back.
   */
  private leaveItself(): void {
    const { address, socket } = this.options;
    this.socket.disconnect(address);
    clearTimeout(this.again);
    this.again = setTimeout(() => this.connect(), socket.reconnectMaxInterval);
  }

  private readonly answer: Reply = (frame) => this.send(frame);

  private onConnection(type: EventType): void {
    if (this.socket.closed) return;
    if (type === 'handshake') {
      this.connected = true;
      if (!this.pumping) this.socket.send([...whoIsThere]).catch(() => undefined);
      this.options.events.reachable(this.options.peer);
    } else if (type === 'disconnect') {
      this.connected = false;
      this.forget();
    }
  }

  /** What was meant for a broken connection is lost, like what ZeroMQ held for it. */
  private forget(): void {
    this.counts.lost += this.backlog.clear();
  }

  private post(frame: Uint8Array | []): void {
    this.socket.send(frame).catch(this.onLost);
  }

  private readonly onLost = (): void => {
    this.counts.lost += 1;
  };

  /** Sends what waits: the first frame when the connection takes one, and then as many as it takes in one turn. */
  private async pump(): Promise<void> {
    this.pumping = true;
    for (let frame = this.backlog.take(); frame !== undefined; frame = this.backlog.take()) {
      await this.postWhenWritable(frame);
      for (let posted = 1; posted < this.options.framesPerTurn && this.socket.writable; posted += 1) {
        const next = this.backlog.take();
        if (next === undefined) break;
        this.post(next);
      }
      this.nudge();
      await nextTurn();
    }
    this.pumping = false;
  }

  private async postWhenWritable(frame: Uint8Array): Promise<void> {
    this.socket.sendTimeout = -1;
    await this.socket.send(frame).catch(this.onLost);
    if (!this.socket.closed) this.socket.sendTimeout = 0;
  }

  /**
   * Makes zeromq.js look for what there is to receive. To learn that a socket is writable can use up the signal that
   * its receive under way waits for: answers would stay unread, and the next one gives no signal. A send within the
   * call looks for them, and a message of no parts does nothing else.
   */
  private nudge(): void {
    if (!this.socket.closed) this.post([]);
  }
}
