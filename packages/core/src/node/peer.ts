import { Link, type LinkHost, type LinkLimits } from '../link/link.js';
import type { ReplicaId } from '../members.js';
import type { Reply } from '../transport/transport.js';
import type { Delivery } from './delivery.js';
import { Outbox } from './outbox.js';

/** Beats without a sign of life after which a member is suspected; a beat is a quarter of `suspectAfterMs`. */
export const suspectedBeats = 4;

/** Frames go another way than before only where so few are under way: those behind them come early. */
const overtakenMax = 8;

/** Streams kept to other processes of a name until there is a view: more have hardly come and gone and come back. */
const linksMax = 16;

/** Another process that claims the name of a member already known. */
interface Rival {
  readonly incarnation: number;
  beats: number;
  /** The known one was heard of at least a beat after the rival appeared: both are alive. */
  bothAlive: boolean;
}

/** By incarnation, the streams to other processes. */
export type Streams = Map<number, Link<Delivery>>;

/** How a node speaks with others. */
export interface Speaking {
  readonly batch: boolean;
  /** Where others of the circle may speak with the same processes. */
  readonly streams?: Streams | undefined;
  carry(peer: Peer, frame: Uint8Array): void;
}

/** What a node knows of another configured member. */
export class Peer implements LinkHost {
  readonly slot: ReplicaId;
  readonly name: string;
  /** Where it is dialled, where members come and go. */
  address: string | undefined;
  /** The stream to the incarnation that was met. */
  link: Link<Delivery> | undefined;
  /** Every stream begun before there was a view: one that is taken up again must not start over with its numbers. */
  private readonly links: Streams;
  /** Whether others of the circle may speak with the same incarnations. */
  private readonly shared: boolean;
  readonly outbox: Outbox;
  /** Beats since a frame of the incarnation that was met arrived. Counted, not measured: a process that was itself
   * paused wakes to one beat, not to a silence of everybody else. */
  silentBeats = 0;
  lastSeenMs = 0;
  /** It has addressed this incarnation of ours, so it knows us. */
  knowsUs = false;
  /** Something left for it since the last beat. */
  addressed = false;
  /** Messages to it are dropped because too much is in flight. */
  shedding = false;
  /** The replica is asking it again for what it waits for. */
  repeating = false;
  /** There was no room for all that was to be asked again. */
  unrepeated = false;
  /** So much may be in flight even if it is more than usual: the answers to what was asked last have to get through. */
  roomAfterRepeating = 0;
  rival: Rival | undefined;
  /** It is no member any more, and stays until nothing more comes of it. */
  departed = false;

  /**
   * The connection that its frames come on. Two members need one: answers bring along what acknowledges the requests to
   * the operating system, and fewer sockets wake anybody. So of two, what the one under the higher slot has to say
   * leaves on the connection that the other one has dialled, as long as there is one.
   */
  back: Reply | undefined;

  private readonly carry: (peer: Peer, frame: Uint8Array) => void;

  constructor(slot: ReplicaId, name: string, { batch, streams, carry }: Speaking) {
    this.links = streams ?? new Map();
    this.shared = streams !== undefined;
    this.slot = slot;
    this.name = name;
    this.outbox = new Outbox(batch);
    this.carry = carry;
  }

  transmit(frame: Uint8Array): void {
    this.carry(this, frame);
  }

  get suspected(): boolean {
    return this.link === undefined || this.silentBeats >= suspectedBeats;
  }

  /** A frame of the known incarnation arrived. */
  seen(nowMs: number): void {
    this.silentBeats = 0;
    this.lastSeenMs = nowMs;
    if (this.rival !== undefined && this.rival.beats >= 2) this.rival.bothAlive = true;
  }

  /** Speaks with this incarnation from now on. */
  meet(incarnation: number, limits: LinkLimits): void {
    if (this.link?.incarnation === incarnation) return;
    this.outbox.take();
    this.link = this.links.get(incarnation) ?? new Link(incarnation, limits);
    this.links.set(incarnation, this.link);
    this.back = undefined;
    for (const oldest of this.links.keys()) {
      if (this.shared || this.links.size <= linksMax) break;
      this.links.delete(oldest);
    }
    this.knowsUs = false;
    this.shedding = false;
    this.unrepeated = false;
    this.rival = undefined;
    this.silentBeats = 0;
  }

  /** Frames of its stream come on this connection. */
  heardOn(connection: Reply): void {
    const few = this.link === undefined || this.link.framesInFlight <= overtakenMax;
    if (this.back !== undefined || few) this.back = connection;
  }

  /** The view has decided with which incarnation to speak; there will be no other. */
  settle(incarnation: number, limits: LinkLimits): void {
    this.meet(incarnation, limits);
    if (!this.shared) this.links.clear();
  }

  beat(): void {
    this.silentBeats += 1;
    if (this.rival !== undefined) this.rival.beats += 1;
  }

  /** Another incarnation says hello under this name. What is to be said to it, once that is known? */
  challenge(incarnation: number): 'alive' | 'gone' | 'unclear' {
    if (this.rival?.incarnation !== incarnation) {
      this.rival = { incarnation, beats: 0, bothAlive: false };
    }
    if (this.rival.bothAlive) return 'alive';
    return this.silentBeats >= suspectedBeats && this.rival.beats > 0 ? 'gone' : 'unclear';
  }
}
