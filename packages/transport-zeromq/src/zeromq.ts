import type { PeerAddress, ReplicaId, Transport, TransportOptions, Wire } from '@dsm/core';
import { noCounts, type ZeromqCounts } from './counts.js';
import type { Credentials } from './credentials.js';
import { Gatekeeper } from './gatekeeper.js';
import { Inbox } from './inbox.js';
import { decide, type ZeromqOptions } from './options.js';
import { Outlet } from './outlet.js';
import { inboxSocket, outletSocket, type Peer, type Plan, peerOf, planOf } from './plan.js';

/** A transport over ZeroMQ. */
export interface ZeromqTransport extends Transport {
  open(options: TransportOptions): Promise<ZeromqWire>;
}

/** An open wire, and what went wrong on it. */
export interface ZeromqWire extends Wire {
  readonly counts: Readonly<ZeromqCounts>;
}

/**
 * Carries frames over ZeroMQ: one socket that this member is reached on, and one connection from it to every peer.
 * Throws `DSM_INVALID_OPTION` for options out of range.
 */
export function zeromq(options: ZeromqOptions = {}): ZeromqTransport {
  const settings = decide(options);
  return {
    name: 'zeromq',
    async open(transportOptions) {
      const wire = new OpenWire(planOf(transportOptions, settings));
      try {
        await wire.open();
      } catch (error) {
        await wire.close();
        throw error;
      }
      return wire;
    },
  };
}

class OpenWire implements ZeromqWire {
  readonly counts: ZeromqCounts = noCounts();
  private readonly plan: Plan;
  private gatekeeper: Gatekeeper | undefined;
  private inbox: Inbox | undefined;
  private readonly outlets = new Map<ReplicaId, Outlet>();
  /** How many outlets there have been. */
  private dialled = 0;
  /** Connections that are being closed. */
  private readonly leaving = new Set<Promise<void>>();
  private closing: Promise<void> | undefined;

  constructor(plan: Plan) {
    this.plan = plan;
  }

  /** If it fails, what it has opened by then is still to be closed. */
  async open(): Promise<void> {
    const { credentials, listen, peers } = this.plan;
    if (credentials !== undefined) {
      this.gatekeeper = new Gatekeeper((key) => credentials.isMember(key), this.counts);
      await this.gatekeeper.open();
    }
    this.inbox = this.inboxOf(credentials);
    await this.inbox.listen(listen);
    for (const peer of peers) this.connect(peer);
  }

  dial(replica: ReplicaId, to: PeerAddress): void {
    if (this.closing !== undefined) return;
    const peer = peerOf(replica, to, this.plan.options);
    this.hangUp(replica);
    this.connect(peer);
  }

  hangUp(replica: ReplicaId): void {
    const outlet = this.outlets.get(replica);
    this.outlets.delete(replica);
    if (outlet === undefined) return;
    const gone = outlet.close().finally(() => this.leaving.delete(gone));
    this.leaving.add(gone);
  }

  send(to: ReplicaId, frame: Uint8Array): void {
    this.outlets.get(to)?.send(frame);
  }

  close(): Promise<void> {
    this.closing ??= this.release();
    return this.closing;
  }

  private connect(peer: Peer): void {
    const outlet = this.outletTo(peer);
    this.outlets.set(peer.replica, outlet);
    outlet.connect();
  }

  private inboxOf(credentials: Credentials | undefined): Inbox {
    const { options, settings } = this.plan;
    return new Inbox({
      socket: { ...inboxSocket(this.plan), ...this.gatekeeper?.place },
      frameBytesMax: options.frameBytesMax,
      framesPerTurn: settings.framesPerTurn,
      counts: this.counts,
      memberBehind: credentials && ((routingId) => credentials.memberBehind(routingId)),
      events: options.events,
    });
  }

  private outletTo(peer: Peer): Outlet {
    const { options, settings } = this.plan;
    this.dialled += 1;
    return new Outlet({
      address: peer.address.text,
      socket: { ...outletSocket(this.plan, peer, this.dialled), ...this.gatekeeper?.place },
      queueBytesMax: settings.queueBytesMax,
      frameBytesMax: options.frameBytesMax,
      framesPerTurn: settings.framesPerTurn,
      counts: this.counts,
      peer: peer.replica,
      events: options.events,
    });
  }

  private async release(): Promise<void> {
    const outlets = [...this.outlets.values()];
    await Promise.all([this.inbox?.close(), ...outlets.map((outlet) => outlet.close()), ...this.leaving]);
    await this.gatekeeper?.close();
  }
}
