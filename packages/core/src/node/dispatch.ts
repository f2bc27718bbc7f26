import { type FrameKind, type Header, headerBytes, writeHeader } from '../codec/frame.js';
import { Writer } from '../codec/writer.js';
import type { Link } from '../link/link.js';
import type { Guarantees, Protocol } from '../protocol.js';
import type { Wire } from '../transport/transport.js';
import type { Counters } from './counters.js';
import type { Delivery } from './delivery.js';
import { frameBytesTarget } from './outbox.js';
import type { Peer } from './peer.js';

/** Who sends, as every header says it. */
export interface Sender {
  readonly self: number;
  readonly incarnation: number;
  readonly epoch: number;
  readonly birth: number;
}

const empty = new Writer(0);
/** How much of what a link may hold is given to what is asked again. */
const repeatedShareMax = 0.75;
/** A scratch buffer beyond this size is let go after use. */
const scratchBytesMax = 1024 * 1024;

/** The outgoing side of a node: numbers the frames of a turn, hands them to links and transport, acknowledges. */
export class Dispatch<Message> {
  private readonly sender: Sender;
  private readonly peers: readonly Peer[];
  private readonly counters: Counters;
  private readonly protocol: Protocol<Guarantees, Message>;
  private scratch = new Writer();
  wire: Wire | undefined;

  constructor(
    sender: Sender,
    peers: readonly Peer[],
    counters: Counters,
    protocol: Protocol<Guarantees, Message>,
  ) {
    this.sender = sender;
    this.peers = peers;
    this.counters = counters;
    this.protocol = protocol;
  }

  open(wire: Wire): void {
    this.wire = wire;
  }

  /** A message as bytes, until the next one is encoded. */
  encoded(message: Message): Writer {
    if (this.scratch.bytes.length > scratchBytesMax) this.scratch = new Writer();
    this.scratch.reset();
    this.protocol.codec.encode(message, this.scratch);
    return this.scratch;
  }

  /** Puts an encoded message into the peer's outbox. False where it is dropped. */
  post(peer: Peer, message: Message, encoded: Writer): boolean {
    const { link } = peer;
    if (link === undefined) return false;
    if (this.protocol.channels === 'unordered' && !this.hasRoom(peer, link)) {
      this.counters.drop(peer.suspected ? 'suspected' : 'link-full');
      return false;
    }
    const { messagesOut } = this.counters;
    if (this.protocol.codec.purpose(message) === 'read') messagesOut.read += 1;
    else messagesOut.write += 1;
    peer.outbox.append('protocol', encoded);
    return true;
  }

  /**
   * Whether a message that may be lost is sent. Once one was not, none is until the peer is heard of and has room: then
   * the replica is told, here and there, and asks again for what it waits for. What piles up for a silent member would
   * mostly be requests that others have answered since, and it would have to work through them first.
   */
  private hasRoom(peer: Peer, link: Link<Delivery>): boolean {
    const load = link.bytesInFlight + peer.outbox.bytes;
    if (peer.repeating && !peer.shedding && !peer.suspected) {
      const crowded = load > link.bytesInFlightMax * repeatedShareMax;
      peer.unrepeated ||= crowded;
      return !crowded;
    }
    peer.shedding ||= peer.suspected || load > Math.max(link.bytesInFlightMax, peer.roomAfterRepeating);
    return !peer.shedding;
  }

  /**
   * Lets a replica ask again. Not for everything at once if that is much; and whatever it has asked, there is room for
   * answers afterwards: if requests filled the link each time, none would ever get through.
   */
  repeat(peer: Peer, act: () => void): void {
    peer.repeating = true;
    act();
    peer.repeating = false;
    const { link } = peer;
    if (link === undefined) return;
    peer.roomAfterRepeating =
      link.bytesInFlight + peer.outbox.bytes + link.bytesInFlightMax * (1 - repeatedShareMax);
  }

  /** Hands a frame to the transport, which may lose it. */
  transmit(peer: Peer, frame: Uint8Array): void {
    const { back } = peer;
    if (back === undefined) return this.dial(peer, frame);
    this.count(peer, frame);
    back(frame, () => {
      // Until it is heard of again.
      peer.back = undefined;
      this.wire?.send(peer.slot, frame);
    });
  }

  /** The same, on the connection that this member makes to the peer's address. */
  dial(peer: Peer, frame: Uint8Array): void {
    if (this.wire === undefined) return;
    this.count(peer, frame);
    this.wire.send(peer.slot, frame);
  }

  private count(peer: Peer, frame: Uint8Array): void {
    this.counters.framesOut += 1;
    this.counters.bytesOut += frame.length;
    peer.addressed = true;
  }

  /** Whether some peer has enough to fill a frame. */
  get crowded(): boolean {
    return this.peers.some(({ outbox }) => outbox.bytes >= frameBytesTarget);
  }

  /** Sends what the outboxes hold. True if some link wants to be told of time passing. */
  flush(): boolean {
    let restless = false;
    for (const peer of this.peers) {
      const { link } = peer;
      if (link === undefined) continue;
      if (!peer.outbox.empty) this.sendDrafts(peer, link);
      if (link.owes) this.acknowledge(peer, link);
      restless ||= link.restless;
    }
    return restless;
  }

  /** A link's time passes: what was not acknowledged is sent again, what is owed is acknowledged. */
  tick(): boolean {
    let restless = false;
    for (const peer of this.peers) {
      const { link } = peer;
      if (link === undefined) continue;
      link.tick(peer);
      if (link.owesAnything) this.acknowledge(peer, link);
      restless ||= link.restless;
    }
    return restless;
  }

  /** A sign of life with an acknowledgement, outside the numbered stream. */
  acknowledge(peer: Peer, link: Link<Delivery>): void {
    const frame = new Uint8Array(headerBytes);
    writeHeader(frame, this.header('bare', link.incarnation, 0, link.received));
    link.acknowledging();
    this.transmit(peer, frame);
  }

  /** There is room for a peer again: it is told, in the stream, that messages before this one were dropped. */
  recover(peer: Peer): void {
    if (peer.shedding) peer.outbox.append('lost', empty);
    peer.shedding = false;
    peer.unrepeated = false;
  }

  header(kind: FrameKind, to: number, sequence = 0, acknowledged = 0): Header {
    const { self, incarnation, epoch, birth } = this.sender;
    return { kind, from: self, epoch, incarnation, to, birth, sequence, acknowledged };
  }

  private sendDrafts(peer: Peer, link: Link<Delivery>): void {
    for (const { kind, frame } of peer.outbox.take()) {
      const sequence = link.number();
      writeHeader(frame, this.header(kind, link.incarnation, sequence, link.received));
      link.acknowledging();
      link.send(sequence, frame, peer);
    }
  }
}
