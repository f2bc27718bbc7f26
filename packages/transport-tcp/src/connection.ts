import type { Socket } from 'node:net';
import { Backlog } from './backlog.js';
import type { TcpCounts } from './counts.js';
import { Deframer, type Unit } from './deframer.js';
import { greeting, partsOf, ping, pong, signal } from './stream-format.js';

/** What happens on a connection. What they throw is counted as a fault. */
export interface ConnectionEvents {
  /** The other side has introduced itself. */
  greeted(): void;
  frame(frame: Uint8Array): void;
  /** It is gone; nothing follows. */
  closed(): void;
}

export interface ConnectionOptions {
  readonly queueBytesMax: number;
  /** So much waits of what goes to somebody who may be a stranger. */
  readonly strangerBytesMax: number;
  readonly frameBytesMax: number;
  readonly framesPerTurn: number;
  /** Time until the other side must have introduced itself. */
  readonly greetingMs: number;
  readonly counts: TcpCounts;
  readonly events: ConnectionEvents;
}

const signals = { greeting: signal(greeting), ping: signal(ping), pong: signal(pong) };

/** Whoever is sent so much without an answer hears that it arrives: what asks whether all is well waits behind it. */
const unansweredBytesMax = 256 * 1024;

/**
 * One write takes no more of what waits: only what a socket has written whole makes room for more. Several times what
 * an operating system takes at once, so that the connection never runs dry.
 */
const writeBytesMax = 1024 * 1024;

/**
 * Frames on one socket, in both directions, whoever has dialled. Ends with the socket, and is not used again. The
 * socket must allow to be half open: else it would end where the other side does, with frames not yet delivered.
 */
export class Connection {
  /** Whether anything arrived, or what had waited left, since this was last made `false`. */
  heard = true;
  private readonly socket: Socket;
  private readonly options: ConnectionOptions;
  private readonly counts: TcpCounts;
  private deframer: Deframer;
  /** Until the other side has introduced itself. */
  private deadline: NodeJS.Timeout | undefined;
  private greeted = false;
  private over = false;
  /** Units that have arrived: every so many, the rest of the program has its turn. */
  private units = 0;
  /** Bytes that have arrived since the other side was last told so. */
  private unanswered = 0;
  /** What has arrived waits for the next turn. */
  private pausing = false;
  /** The other side will say no more. */
  private ended = false;

  private readonly backlog: Backlog;
  /** Frames leave when the running event has been handled: those of one event leave together. */
  private leaving = false;
  /** The socket has not yet written what it was given. */
  private blocked = false;

  constructor(socket: Socket, options: ConnectionOptions) {
    this.socket = socket;
    this.options = options;
    this.counts = options.counts;
    this.deframer = new Deframer(options.frameBytesMax);
    this.backlog = new Backlog(options.queueBytesMax);
    socket.setNoDelay(true);
    socket.once('connect', () => this.onConnect());
    socket.on('data', (chunk) => this.onData(chunk));
    socket.on('drain', () => this.onDrain());
    socket.on('end', () => this.onEnd());
    // Whatever it is, `close` follows.
    socket.on('error', () => undefined);
    socket.once('close', () => this.onClose());
    this.deadline = setTimeout(() => socket.destroy(), options.greetingMs);
    socket.write(signals.greeting);
  }

  /**
   * Sends a frame soon; or loses it and counts it, unless there is somebody to be told: who does otherwise then knows
   * the other side.
   */
  readonly send = (frame: Uint8Array, lost?: () => void): void => {
    const { frameBytesMax, queueBytesMax, strangerBytesMax } = this.options;
    const bytesMax = lost === undefined ? strangerBytesMax : queueBytesMax;
    const ready = !this.over && this.greeted && frame.byteLength <= frameBytesMax;
    if (ready && this.backlog.add(frame, bytesMax)) this.leaveSoon();
    else if (lost !== undefined) lost();
    else this.counts.lost += 1;
  };

  /** Makes a living other side give a sign of life. */
  ping(): void {
    if (!this.over) this.socket.write(signals.ping);
  }

  /** Gives what waits to the operating system, as much as it takes at once, and ends. */
  end(): void {
    this.leave();
    this.over = true;
    this.socket.destroy();
  }

  /** Ends it as broken. */
  abandon(): void {
    this.over = true;
    this.socket.destroy();
  }

  /**
   * The system gives a port to who dials. Where nobody listens at the one that is dialled, it may be that port: then
   * TCP connects the socket to itself, and nobody can listen there any more.
   */
  private onConnect(): void {
    const { localAddress, localPort, remoteAddress, remotePort } = this.socket;
    const itself = localPort !== undefined && localPort === remotePort && localAddress === remoteAddress;
    if (itself) this.abandon();
  }

  private onData(chunk: Buffer): void {
    this.heard = true;
    this.unanswered += chunk.length;
    if (this.unanswered > unansweredBytesMax) this.answer();
    this.deframer.push(chunk);
    this.deliver();
  }

  private deliver(): void {
    while (!this.over) {
      const unit = this.deframer.next();
      if (unit === undefined) return this.resume();
      this.onUnit(unit);
      this.units += 1;
      if (this.units % this.options.framesPerTurn === 0) return this.pause();
    }
  }

  private onUnit(unit: Unit): void {
    if (typeof unit !== 'string') this.tell(() => this.options.events.frame(unit));
    else if (unit === 'greeting') this.onGreeting();
    else if (unit === 'malformed') this.refuse();
    else if (unit === 'ping') this.answer();
  }

  /** Gives a sign of life; not to somebody who does not read, since what was sent before is as good. */
  private answer(): void {
    this.unanswered = 0;
    if (!this.over && !this.socket.writableNeedDrain) this.socket.write(signals.pong);
  }

  private onGreeting(): void {
    clearTimeout(this.deadline);
    this.greeted = true;
    this.tell(() => this.options.events.greeted());
  }

  private refuse(): void {
    this.counts.refused += 1;
    this.abandon();
  }

  private pause(): void {
    this.pausing = true;
    this.socket.pause();
    setImmediate(() => {
      this.pausing = false;
      this.deliver();
    });
  }

  private resume(): void {
    if (this.ended) this.abandon();
    else if (this.socket.isPaused()) this.socket.resume();
  }

  private onDrain(): void {
    this.heard = true;
    this.blocked = false;
    this.leave();
  }

  private onEnd(): void {
    this.ended = true;
    if (!this.pausing) this.abandon();
  }

  private onClose(): void {
    clearTimeout(this.deadline);
    this.over = true;
    // Whoever still has `send` keeps no half of a frame.
    this.deframer = new Deframer(0);
    this.counts.lost += this.backlog.clear();
    this.tell(() => this.options.events.closed());
  }

  private leaveSoon(): void {
    if (this.leaving || this.blocked) return;
    this.leaving = true;
    process.nextTick(() => this.leave());
  }

  private leave(): void {
    this.leaving = false;
    if (this.over || this.backlog.empty) return;
    const parts = partsOf(this.backlog.take(writeBytesMax));
    let written = true;
    // In one call to the operating system, however many they are.
    this.socket.cork();
    for (const part of parts) written = this.socket.write(part);
    this.socket.uncork();
    this.blocked = !written;
    if (!this.backlog.empty) this.leaveSoon();
  }

  private tell(event: () => void): void {
    try {
      event();
    } catch {
      this.counts.faults += 1;
    }
  }
}
