import { DsmError, type PeerAddress, type ReplicaId, type TransportOptions } from '@dsm/core';
import type { Dealer, Router, SocketOptions } from 'zeromq';
import { type Address, parseListen, parsePeer } from './address.js';
import { Credentials } from './credentials.js';
import type { Settings } from './options.js';

/** What is to be opened, checked. */
export interface Plan {
  readonly options: TransportOptions;
  readonly settings: Settings;
  readonly listen: Address;
  readonly peers: readonly Peer[];
  /** With `security` only. */
  readonly credentials: Credentials | undefined;
}

export interface Peer {
  readonly replica: ReplicaId;
  readonly name: string;
  readonly address: Address;
}

// ZeroMQ allows 255 bytes for name, incarnation (11 characters), outlet (4), proof (43) and what separates them.
const nameBytesMax = 194;
const outletsMax = 36 ** 4;

// The silence of a connection after which the system looks whether its other end still exists, and how often it does.
const keepAliveSeconds = 30;

// Room for what ZeroMQ sends on its own: handshakes, and the nonce and authenticator of an encrypted frame.
const overheadBytesMax = 1_024;

/** Checks the options before anything is opened: throws `DSM_INVALID_OPTION` or `DSM_INSECURE`. */
export function planOf(options: TransportOptions, settings: Settings): Plan {
  const listen = parseListen(options.listen);
  const peers = [...options.peers].map(([replica, peer]) => peerOf(replica, peer, options));
  demandSafety(listen, options);
  if (Buffer.byteLength(options.self) > nameBytesMax) {
    throw new DsmError(
      'DSM_INVALID_OPTION',
      `The name is longer than ${nameBytesMax} bytes: ${options.self}`,
    );
  }
  const credentials = options.security && new Credentials(options.self, options.security);
  return { options, settings, listen, peers, credentials };
}

/** Checks whom to connect to: throws `DSM_INVALID_OPTION` or `DSM_INSECURE`. */
export function peerOf(replica: ReplicaId, { name, address }: PeerAddress, options: TransportOptions): Peer {
  const parsed = parsePeer(address);
  demandSafety(parsed, options);
  if (name === '' && options.security !== undefined) {
    // A connection is encrypted to the key of a name, and nobody knows whose this address is.
    throw new DsmError('DSM_INVALID_OPTION', `With keys nobody can be asked to be taken in: ${address}`);
  }
  return { replica, name, address: parsed };
}

function demandSafety({ loopback, scheme, text }: Address, { security, insecure }: TransportOptions): void {
  if (security !== undefined && scheme === 'inproc') {
    throw new DsmError('DSM_INVALID_OPTION', `ZeroMQ does not encrypt within a process: ${text}`);
  }
  if (loopback || security !== undefined || insecure === true) return;
  throw new DsmError(
    'DSM_INSECURE',
    `${text} reaches beyond this machine: give \`security\` keys, or allow it with \`insecure: true\``,
  );
}

/**
 * How the socket is set up that this member listens on. It has no heartbeats: whoever connects has, and the system
 * looks after those that vanished. libzmq 4.3.5 aborts the process (`!_io_error`, stream_engine_base.cpp) when it is
 * time for a heartbeat on a connection that another one took over, or whose queue is full, if its other end has gone.
 */
export function inboxSocket(plan: Plan): SocketOptions<Router> {
  const common = {
    ...commonSocket(plan, plan.listen),
    tcpKeepalive: 1,
    tcpKeepaliveIdle: keepAliveSeconds,
    tcpKeepaliveInterval: keepAliveSeconds,
  };
  if (plan.credentials === undefined) return common;
  return {
    ...common,
    curveServer: true,
    curveSecretKey: plan.credentials.secretKey,
    // Without a gatekeeper nobody is let in, instead of everybody.
    zapDomain: 'dsm',
    zapEnforceDomain: true,
  };
}

/**
 * How the socket is set up that connects to a peer; `outlet` numbers those of this member. Each goes by a name of its
 * own, since a connection takes over the name of another one, which from then on is heard no more: two outlets may
 * reach the same process, as when a member comes back on its address before it was missed.
 */
export function outletSocket(plan: Plan, peer: Peer, outlet: number): SocketOptions<Dealer> {
  const { credentials, options, settings } = plan;
  const claim = `${options.self}/${options.incarnation.toString(36)}.${(outlet % outletsMax).toString(36)}`;
  const common = {
    ...commonSocket(plan, peer.address),
    routingId: credentials?.routingId(claim, peer.name) ?? claim,
    // Without a connection there is no queue either: a frame for an absent peer fails, and the link sends it again.
    immediate: true,
    reconnectInterval: settings.reconnectMs,
    reconnectMaxInterval: settings.reconnectMaxMs,
    connectTimeout: settings.connectTimeoutMs,
    heartbeatInterval: settings.heartbeatMs,
    heartbeatTimeout: settings.heartbeatTimeoutMs,
  };
  if (credentials === undefined) return common;
  return {
    ...common,
    curvePublicKey: credentials.publicKey,
    curveSecretKey: credentials.secretKey,
    curveServerKey: credentials.publicKeyOf(peer.name),
  };
}

function commonSocket({ options, settings }: Plan, address: Address) {
  return {
    linger: 0,
    ipv6: address.ipv6,
    sendHighWaterMark: settings.highWaterMark,
    // Without a limit, or a heartbeat may abort the process (see `inboxSocket`). Links bound what their peers have on
    // its way, in bytes.
    receiveHighWaterMark: 0,
    // ZeroMQ breaks the connection of whoever sends more, before it makes room for it.
    maxMessageSize: options.frameBytesMax + overheadBytesMax,
  };
}
