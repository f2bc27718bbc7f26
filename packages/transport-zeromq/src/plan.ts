import { DsmError, type ReplicaId, type TransportOptions } from '@dsm/core';
import type { Dealer, Router, SocketOptions } from 'zeromq';
import { type Address, parseListen, parsePeer } from './address.js';
import type { Settings } from './options.js';

/** What is to be opened, checked. */
export interface Plan {
  readonly options: TransportOptions;
  readonly settings: Settings;
  readonly listen: Address;
  readonly peers: readonly Peer[];
}

export interface Peer {
  readonly replica: ReplicaId;
  readonly name: string;
  readonly address: Address;
}

// ZeroMQ's limit.
const routingIdBytesMax = 255;

// Room for what ZeroMQ sends on its own: handshakes, and the nonce and authenticator of an encrypted frame.
const overheadBytesMax = 1_024;

/** Checks the options before anything is opened: throws `DSM_INVALID_OPTION` or `DSM_INSECURE`. */
export function planOf(options: TransportOptions, settings: Settings): Plan {
  const listen = parseListen(options.listen);
  const peers = [...options.peers].map(([replica, { name, address }]) => ({
    replica,
    name,
    address: parsePeer(address),
  }));
  const plan = { options, settings, listen, peers };
  for (const address of [listen, ...peers.map((peer) => peer.address)]) demandSafety(address, options);
  if (Buffer.byteLength(routingIdOf(plan)) > routingIdBytesMax) {
    throw new DsmError('DSM_INVALID_OPTION', `The name is too long for ZeroMQ: ${options.self}`);
  }
  return plan;
}

function demandSafety(address: Address, { security, insecure }: TransportOptions): void {
  if (address.loopback || security !== undefined || insecure === true) return;
  throw new DsmError(
    'DSM_INSECURE',
    `${address.text} reaches beyond this machine: give \`security\` keys, or allow it with \`insecure: true\``,
  );
}

function routingIdOf({ options }: Plan): string {
  return `${options.self}/${options.incarnation}`;
}

/** How the socket is set up that this member listens on. */
export function inboxSocket(plan: Plan): SocketOptions<Router> {
  return commonSocket(plan, plan.listen);
}

/** How the socket is set up that connects to a peer. */
export function outletSocket(plan: Plan, peer: Peer): SocketOptions<Dealer> {
  const { settings } = plan;
  return {
    ...commonSocket(plan, peer.address),
    routingId: routingIdOf(plan),
    // Without a connection there is no queue either: a frame for an absent peer fails, and the link sends it again.
    immediate: true,
    reconnectInterval: settings.reconnectMs,
    reconnectMaxInterval: settings.reconnectMaxMs,
    connectTimeout: settings.connectTimeoutMs,
  };
}

function commonSocket({ options, settings }: Plan, address: Address) {
  return {
    linger: 0,
    ipv6: address.ipv6,
    sendHighWaterMark: settings.highWaterMark,
    receiveHighWaterMark: settings.highWaterMark,
    // ZeroMQ breaks the connection of whoever sends more, before it makes room for it.
    maxMessageSize: options.frameBytesMax + overheadBytesMax,
    heartbeatInterval: settings.heartbeatMs,
    heartbeatTimeout: settings.heartbeatTimeoutMs,
  };
}
