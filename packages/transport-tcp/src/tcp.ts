import { DsmError, type ReplicaId, type Transport, type TransportOptions, type Wire } from '@dsm/core';
import { type Address, parseListen, parsePeer } from './address.js';
import { noCounts, type TcpCounts } from './counts.js';
import { Inbox } from './inbox.js';
import { decide, type Settings, type TcpOptions } from './options.js';
import { Outlet } from './outlet.js';
import { frameBytesLimit } from './stream-format.js';

/** A transport over TCP and unix sockets. */
export interface TcpTransport extends Transport {
  open(options: TransportOptions): Promise<TcpWire>;
}

/** An open wire, and what went wrong on it. */
export interface TcpWire extends Wire {
  readonly counts: Readonly<TcpCounts>;
}

/**
 * Carries frames over TCP, or unix sockets between members of one machine: one socket that this member is reached on,
 * and one connection from it to every peer. Not encrypted: with `security`, opening rejects with `DSM_INVALID_OPTION`.
 * Throws `DSM_INVALID_OPTION` for options out of range.
 */
export function tcp(options: TcpOptions = {}): TcpTransport {
  const settings = decide(options);
  return {
    name: 'tcp',
    async open(transportOptions) {
      const wire = new OpenWire(transportOptions, settings);
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

class OpenWire implements TcpWire {
  readonly counts: TcpCounts = noCounts();
  private readonly listen: Address;
  private readonly inbox: Inbox;
  private readonly outlets = new Map<ReplicaId, Outlet>();
  private closing: Promise<void> | undefined;

  /** Throws `DSM_INVALID_OPTION` or `DSM_INSECURE` before anything is opened. */
  constructor(options: TransportOptions, settings: Settings) {
    const frameBytesMax = Math.min(options.frameBytesMax, frameBytesLimit);
    const common = { settings, frameBytesMax, counts: this.counts, events: options.events };
    this.listen = parseListen(options.listen);
    for (const [peer, { address }] of options.peers) {
      this.outlets.set(peer, new Outlet({ ...common, peer, address: parsePeer(address) }));
    }
    demandSafety(
      [this.listen, ...[...options.peers.values()].map(({ address }) => parsePeer(address))],
      options,
    );
    this.inbox = new Inbox(common);
  }

  /** If it fails, what it has opened by then is still to be closed. */
  async open(): Promise<void> {
    await this.inbox.listen(this.listen);
    for (const outlet of this.outlets.values()) outlet.connect();
  }

  send(to: ReplicaId, frame: Uint8Array): void {
    this.outlets.get(to)?.send(frame);
  }

  close(): Promise<void> {
    this.closing ??= this.release();
    return this.closing;
  }

  private async release(): Promise<void> {
    const outlets = [...this.outlets.values()];
    await Promise.all([this.inbox.close(), ...outlets.map((outlet) => outlet.close())]);
  }
}

function demandSafety(addresses: readonly Address[], { security, insecure }: TransportOptions): void {
  if (security !== undefined) {
    throw new DsmError(
      'DSM_INVALID_OPTION',
      'The transport tcp() does not encrypt: `security` keys need zeromq()',
    );
  }
  const remote = addresses.find(({ loopback }) => !loopback);
  if (remote === undefined || insecure === true) return;
  throw new DsmError(
    'DSM_INSECURE',
    `${remote.text} reaches beyond this machine: use zeromq() with keys, or allow it with \`insecure: true\``,
  );
}
