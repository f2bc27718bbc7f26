import type { ReplicaId } from '../members.js';

/** Carries frames of bytes between members. It may lose some; those of one connection keep their order. */
export interface Transport {
  readonly name: string;
  /**
   * Listens, and begins to connect to every peer. Rejects with `DSM_ADDRESS_IN_USE`, or `DSM_INSECURE` for an address
   * beyond this machine without keys.
   */
  open(options: TransportOptions): Promise<Wire>;
}

export interface TransportOptions {
  /** This member's name. */
  readonly self: string;
  /** This process's incarnation: tells two processes of one name apart. */
  readonly incarnation: number;
  readonly listen: string;
  readonly peers: ReadonlyMap<ReplicaId, PeerAddress>;
  /** Larger frames are refused unread. */
  readonly frameBytesMax: number;
  readonly security?: Security | undefined;
  /** Allows addresses beyond this machine without keys. */
  readonly insecure?: boolean | undefined;
  readonly events: TransportEvents;
}

/** Whom to connect to, and where; the name is '' where it is not known yet. */
export interface PeerAddress {
  readonly name: string;
  readonly address: string;
}

/** CURVE keys in Z85, 40 characters each: one's own secret key, and the public key of every member by name. */
export interface Security {
  readonly secretKey: string;
  readonly members: Readonly<Record<string, string>>;
}

/**
 * Sends a frame back on the connection that another one came on, or loses it; never throws, never waits. The frame must
 * not be changed afterwards. Calls `lost`, at once or soon, where the frame is certain not to be taken: the connection
 * is gone, or too much waits for it. What was taken is lost with a connection that breaks, and nobody is told.
 */
export type Reply = (frame: Uint8Array, lost?: () => void) => void;

export interface TransportEvents {
  /**
   * A frame arrived, the receiver's to keep. `answer` sends others back on the same connection, as long as it stands.
   * `from` is the name of the member that the connection is proven to be of, where there are keys.
   */
  frame(frame: Uint8Array, answer: Reply, from?: string | undefined): void;
  /** A connection to a peer was made: a hint that what was lost can be sent again. */
  reachable(peer: ReplicaId): void;
}

/** An open transport. */
export interface Wire {
  /** Sends a frame, or loses it; never throws, never waits. The frame must not be changed afterwards. */
  send(to: ReplicaId, frame: Uint8Array): void;
  /**
   * Begins to connect to a peer that was not there when the transport was opened, under a number that is free. Throws
   * for an address that cannot be dialled. A transport without it serves groups that do not change.
   */
  dial?(peer: ReplicaId, to: PeerAddress): void;
  /** Lets go of the connection to a peer, whose number is free afterwards. */
  hangUp?(peer: ReplicaId): void;
  /** Stops listening and frees everything; frames under way may be lost. */
  close(): Promise<void>;
}
