import { DsmError, type TransportEvents } from '@dsm/core';
import { type EventType, Router, type SocketOptions } from 'zeromq';
import { type Address, isPathInUse } from './address.js';
import type { ZeromqCounts } from './counts.js';
import { asksWhoIsThere, receiveAll, soleFrame, watchConnections } from './socket.js';

export interface InboxOptions {
  readonly socket: SocketOptions<Router>;
  readonly frameBytesMax: number;
  readonly framesPerTurn: number;
  readonly counts: ZeromqCounts;
  /** The member that a connection is proven to be of; without keys there are no proofs. */
  readonly memberBehind: ((routingId: Buffer) => string | undefined) | undefined;
  readonly events: TransportEvents;
}

/** The socket on which this member is reached by all others. */
export class Inbox {
  private readonly socket: Router;
  private readonly options: InboxOptions;
  private readonly counts: ZeromqCounts;
  private readonly watched: Promise<void>;
  private received: Promise<void> | undefined;

  constructor(options: InboxOptions) {
    this.options = options;
    this.counts = options.counts;
    // Answers fail at once when the asker is gone or does not read. A member that connects again before its broken
    // connection was noticed takes its name over.
    this.socket = new Router({ ...options.socket, mandatory: true, handover: true, sendTimeout: 0 });
    this.watched = watchConnections(this.socket, (type) => this.onConnection(type), options.counts);
  }

  /** Binds, and begins to receive. */
  async listen(address: Address): Promise<void> {
    if (await isPathInUse(address)) throw inUse(address);
    try {
      await this.socket.bind(address.text);
    } catch (error) {
      if (isErrno(error, 'EADDRINUSE')) throw inUse(address, error);
      throw new DsmError('DSM_INVALID_OPTION', `Cannot listen on ${address.text}`, { cause: error });
    }
    this.received = receiveAll(
      this.socket,
      this.options.framesPerTurn,
      (parts) => this.onParts(parts),
      this.counts,
    );
  }

  /** Resolves when the address is free again. */
  async close(): Promise<void> {
    this.socket.close();
    await Promise.all([this.watched, this.received]);
  }

  private onParts([routingId, ...parts]: Buffer[]): void {
    if (asksWhoIsThere(parts)) return; // Whoever it is, it is not this socket.
    const frame = soleFrame(parts, this.options.frameBytesMax);
    const { memberBehind, events } = this.options;
    const proven = routingId && memberBehind?.(routingId);
    if (
      routingId === undefined ||
      frame === undefined ||
      (memberBehind !== undefined && proven === undefined)
    ) {
      this.counts.refused += 1;
      return;
    }
    events.frame(frame, (answer, lost = this.onLost) => this.answer(routingId, answer, lost), proven);
  }

  private answer(routingId: Buffer, frame: Uint8Array, lost: () => void): void {
    if (this.socket.closed || frame.byteLength > this.options.frameBytesMax) lost();
    else this.socket.send([routingId, frame]).catch(lost);
  }

  private readonly onLost = (): void => {
    this.counts.lost += 1;
  };

  private onConnection(type: EventType): void {
    if (type.startsWith('handshake:error')) this.counts.refused += 1;
  }
}

function inUse(address: Address, cause?: unknown): DsmError {
  return new DsmError('DSM_ADDRESS_IN_USE', `Somebody listens on ${address.text} already`, { cause });
}

function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
