import { type Header, headerBytes, wireVersion, writeHeader } from '../codec/frame.js';
import { Reader } from '../codec/reader.js';
import { Writer } from '../codec/writer.js';
import { DsmError, type DsmErrorCode } from '../error.js';
import { type Identity, mismatch, readIdentity, writeIdentity } from '../group/identity.js';
import type { Reason } from './counters.js';
import type { Peer } from './peer.js';

/** The codes with which a member may be refused, in the order of their numbers on the wire. */
const refusals = ['DSM_PEER_MISMATCH', 'DSM_DUPLICATE_MEMBER', 'DSM_REMOVED'] as const;
type Refusal = (typeof refusals)[number];

/** What a greeter needs of its node. */
export interface GreeterHost {
  /** The header of a frame that is not numbered. */
  header(kind: 'hello' | 'refuse', to: number): Header;
  /** The incarnation that the view, or this member while there is none, knows under a slot; 0 for none. */
  expected(peer: Peer): number;
  /** A stream to this incarnation begins. */
  meet(peer: Peer, incarnation: number): void;
  transmit(peer: Peer, frame: Uint8Array): void;
  readonly entered: boolean;
  fail(error: DsmError): void;
  drop(reason: Reason): void;
}

/** How a hello arrived. */
export interface Arrival {
  /** Sends a frame back to where it came from. */
  answer(frame: Uint8Array): void;
  /** The name that its connection is proven to have, where there are keys. */
  readonly from: string | undefined;
  readonly nowMs: number;
}

/** Says who this member is, and decides who may be spoken to: outside the numbered streams, since it starts them. */
export class Greeter {
  private readonly identity: Identity;
  private readonly peers: readonly (Peer | undefined)[];
  private readonly host: GreeterHost;

  constructor(identity: Identity, peers: readonly (Peer | undefined)[], host: GreeterHost) {
    this.identity = identity;
    this.peers = peers;
    this.host = host;
  }

  hello(peer: Peer): void {
    const writer = new Writer();
    writer.length = headerBytes;
    writeIdentity(this.identity, writer);
    const frame = writer.take();
    writeHeader(frame, this.host.header('hello', peer.link?.incarnation ?? 0));
    this.host.transmit(peer, frame);
  }

  onHello(header: Header, frame: Uint8Array, { answer, from, nowMs }: Arrival): void {
    const theirs = readIdentity(new Reader(frame.subarray(headerBytes)));
    if (from !== undefined && from !== theirs.name) return this.host.drop('false-name');
    if (theirs.group !== this.identity.group) return this.host.drop('other-group');

    const difference = mismatch(this.identity, theirs);
    if (difference !== undefined) return this.differ(header, difference, answer);
    const peer = this.peers[header.from];
    if (peer?.name !== theirs.name) return this.host.drop('unknown-member');

    const expected = this.host.expected(peer);
    if (expected !== 0 && expected !== header.incarnation) return this.rival(peer, header, answer);
    if (peer.link === undefined) this.host.meet(peer, header.incarnation);
    peer.seen(nowMs);
    if (header.to === this.host.header('hello', 0).incarnation) peer.knowsUs = true;
    else this.hello(peer);
  }

  /** A frame in another version of everything; of it only that it came is known. */
  onOtherVersion(frame: Uint8Array): void {
    this.host.drop('other-version');
    if (this.host.entered) return;
    const { name } = this.identity;
    const text = `the wire version differs: '${name}' speaks ${wireVersion}, a peer ${frame[0] ?? 'none'}`;
    this.host.fail(new DsmError('DSM_PEER_MISMATCH', text));
  }

  onRefuse(header: Header, frame: Uint8Array): void {
    if (header.to !== this.host.header('refuse', 0).incarnation) return this.host.drop('unknown-member');
    if (this.host.entered) return this.host.drop('mismatch');
    const reader = new Reader(frame.subarray(headerBytes));
    const code = refusals[reader.below(refusals.length)] as DsmErrorCode;
    this.host.fail(new DsmError(code, reader.string()));
  }

  /**
   * Another process under a known name: the later of two that are alive is a duplicate, one that follows a dead one has
   * lost its memory.
   */
  private rival(peer: Peer, header: Header, answer: (frame: Uint8Array) => void): void {
    const verdict = peer.challenge(header.incarnation);
    if (verdict === 'alive') {
      this.host.drop('duplicate-member');
      const text = `'${peer.name}' is a running member already, as seen by '${this.identity.name}'`;
      this.refuse(header, 'DSM_DUPLICATE_MEMBER', text, answer);
    } else if (verdict === 'gone' && this.host.entered) {
      this.host.drop('removed-member');
      const text =
        `'${peer.name}' was a member before and has lost its memory; ` +
        `the group of '${this.identity.name}' cannot take it back`;
      this.refuse(header, 'DSM_REMOVED', text, answer);
    } else if (verdict === 'gone') {
      this.host.meet(peer, header.incarnation);
      this.hello(peer);
    } else {
      this.host.drop('duplicate-member'); // Until it is clear who of them lives; it says hello again.
    }
  }

  private differ(header: Header, difference: string, answer: (frame: Uint8Array) => void): void {
    this.host.drop('mismatch');
    this.refuse(header, 'DSM_PEER_MISMATCH', difference, answer);
    if (!this.host.entered) this.host.fail(new DsmError('DSM_PEER_MISMATCH', difference));
  }

  private refuse(header: Header, code: Refusal, text: string, answer: (frame: Uint8Array) => void): void {
    const writer = new Writer();
    writer.length = headerBytes;
    writer.byte(refusals.indexOf(code));
    writer.string(text.slice(0, 20_000));
    const frame = writer.take();
    writeHeader(frame, this.host.header('refuse', header.incarnation));
    answer(frame);
  }
}
