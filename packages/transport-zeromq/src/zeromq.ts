import type { ReplicaId, Transport, TransportOptions, Wire } from '@dsm/core';
import { noCounts, type ZeromqCounts } from './counts.js';
import { Gatekeeper } from './gatekeeper.js';
import { Inbox } from './inbox.js';
import { decide, type ZeromqOptions } from './options.js';
import { Outlet } from './outlet.js';
import { inboxSocket, outletSocket, type Peer, type Plan, planOf } from './plan.js';

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
  private readonly gatekeeper: Gatekeeper | undefined;
  private readonly inbox: Inbox;
  private readonly outlets = new Map<ReplicaId, Outlet>();
  private closing: Promise<void> | undefined;

  constructor(plan: Plan) {
    this.plan = plan;
    const { credentials } = plan;
    this.gatekeeper = credentials && new Gatekeeper((key) => credentials.isMember(key), this.counts);
    this.inbox = new Inbox({
      socket: { ...inboxSocket(plan), ...this.gatekeeper?.place },
      frameBytesMax: plan.options.frameBytesMax,
      framesPerTurn: plan.settings.framesPerTurn,
      counts: this.counts,
      admits: (routingId) => credentials?.admits(routingId) ?? true,
      events: plan.options.events,
    });
  }

  async open(): Promise<void> {
    await this.gatekeeper?.open();
    await this.inbox.listen(this.plan.listen);
    for (const peer of this.plan.peers) {
      const outlet = this.outletTo(peer);
      this.outlets.set(peer.replica, outlet);
      outlet.connect();
    }
  }

  send(to: ReplicaId, frame: Uint8Array): void {
    this.outlets.get(to)?.send(frame);
  }

  close(): Promise<void> {
    this.closing ??= this.release();
    return this.closing;
  }

  private outletTo(peer: Peer): Outlet {
    const { options, settings } = this.plan;
    return new Outlet({
      address: peer.address.text,
      socket: { ...outletSocket(this.plan, peer), ...this.gatekeeper?.place },
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
    await Promise.all([this.inbox.close(), ...outlets.map((outlet) => outlet.close())]);
    await this.gatekeeper?.close();
  }
}
