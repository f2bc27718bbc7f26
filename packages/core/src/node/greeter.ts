import { type Header, headerBytes, wireVersion, writeHeader } from '../codec/frame.js';
import { Reader } from '../codec/reader.js';
import { Writer } from '../codec/writer.js';
import { DsmError, type DsmErrorCode } from '../error.js';
import { type Identity, mismatch, readIdentity, writeIdentity } from '../group/identity.js';
import type { Reply } from '../transport/transport.js';
import type { Reason } from './counters.js';
import type { Peer } from './peer.js';

/** The codes with which a member may be refused, in the order of their numbers on the wire. */
const refusals = ['DSM_PEER_MISMATCH', 'DSM_DUPLICATE_MEMBER', 'DSM_REMOVED'] as const;
export type Refusal = (typeof refusals)[number];

/** What a greeter needs of its node. */
export interface GreeterHost {
  /** The header of a frame that is not numbered. */
  header(kind: 'hello' | 'refuse', to: number): Header;
  /** Whom a hello is from, as far as it is known: perhaps another process of that name. */
  find(header: Header, theirs: Identity): Peer | undefined;
  /** Takes a process in that is no member, if the group can: in the place of one that has gone, perhaps. */
  admit(header: Header, theirs: Identity, gone?: Peer): Peer | Refusal | undefined;
  /** The incarnation that the view, or this member while there is none, knows under a slot; 0 for none. */
  expected(peer: Peer): number;
  /** A stream to this incarnation begins. */
  meet(peer: Peer, incarnation: number): void;
  dial(peer: Peer, frame: Uint8Array): void;
  readonly entered: boolean;
  /** Whether members come and go. */
  readonly moves: boolean;
  fail(error: DsmError): void;
  drop(reason: Reason): void;
}

/** How a hello arrived. */
export interface Arrival {
  /** Sends a frame back to where it came from. */
  readonly answer: Reply;
  /** The name that its connection is proven to have, where there are keys. */
  readonly from: string | undefined;
  readonly nowMs: number;
}

/** Says who this member is, and decides who may be spoken to: outside the numbered streams, since it starts them. */
export class Greeter {
  private readonly identity: Identity;
  private readonly host: GreeterHost;

  constructor(identity: Identity, host: GreeterHost) {
    this.identity = identity;
    this.host = host;
  }

  hello(peer: Peer): void {
    this.host.dial(peer, this.greeting(peer.link?.incarnation ?? 0));
  }

  /** A hello to an incarnation; 0 where it is not known. */
  greeting(to: number): Uint8Array {
    const writer = new Writer();
    writer.length = headerBytes;
    writeIdentity(this.identity, writer);
    const frame = writer.take();
    writeHeader(frame, this.host.header('hello', to));
    return frame;
  }

  onHello(header: Header, frame: Uint8Array, { answer, from, nowMs }: Arrival): void {
    const theirs = readIdentity(new Reader(frame.subarray(headerBytes)));
    if (from !== undefined && from !== theirs.name) return this.host.drop('false-name');
    if (theirs.group !== this.identity.group) return this.host.drop('other-group');

    const difference = mismatch(this.identity, theirs);
    if (difference !== undefined) return this.differ(header, difference, answer);
    if (header.incarnation === this.own) return this.host.drop('unknown-member');
    const peer = this.host.find(header, theirs);
    if (peer === undefined) return this.welcome(header, answer, this.host.admit(header, theirs));

    const expected = this.host.expected(peer);
    if (expected !== 0 && expected !== header.incarnation) return this.rival(peer, header, theirs, answer);
    if (peer.link === undefined) this.host.meet(peer, header.incarnation);
    peer.seen(nowMs);
    if (header.to === this.own) peer.knowsUs = true;
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
    if (header.to !== this.own) return this.host.drop('unknown-member');
    const reader = new Reader(frame.subarray(headerBytes));
    const code = refusals[reader.below(refusals.length)] as DsmErrorCode;
    // A member is a member, unless the others have gone on without it.
    if (this.host.entered && !(this.host.moves && code === 'DSM_REMOVED')) return this.host.drop('mismatch');
    this.host.fail(new DsmError(code, reader.string()));
  }

  /** A process that the others have gone on without still speaks, as if it were a member. */
  expel(header: Header, answer: Reply): void {
    this.host.drop('removed-member');
    const text = `the group of '${this.identity.name}' has gone on without this process`;
    this.refuse(header, 'DSM_REMOVED', text, answer);
  }

  private get own(): number {
    return this.host.header('hello', 0).incarnation;
  }

  /** A process that was no member is one now, or is told why not. */
  private welcome(header: Header, answer: Reply, admitted: Peer | Refusal | undefined): void {
    if (admitted === undefined) return this.host.drop('unknown-member');
    if (admitted === 'DSM_REMOVED') return this.expel(header, answer);
    if (typeof admitted === 'string') {
      this.host.drop('duplicate-member');
      return this.refuse(header, admitted, `'${this.identity.name}' is a running member already`, answer);
    }
    this.hello(admitted);
  }

  /**
   * Another process under a known name: the later of two that are alive is a duplicate, one that follows a dead one has
   * lost its memory.
   */
  private rival(peer: Peer, header: Header, theirs: Identity, answer: Reply): void {
    const verdict = peer.challenge(header.incarnation);
    if (verdict === 'alive') {
      this.host.drop('duplicate-member');
      const text = `'${peer.name}' is a running member already, as seen by '${this.identity.name}'`;
      this.refuse(header, 'DSM_DUPLICATE_MEMBER', text, answer);
    } else if (verdict === 'gone' && this.host.entered && this.host.moves) {
      this.welcome(header, answer, this.host.admit(header, theirs, peer));
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

  private differ(header: Header, difference: string, answer: Reply): void {
    this.host.drop('mismatch');
    this.refuse(header, 'DSM_PEER_MISMATCH', difference, answer);
    if (!this.host.entered) this.host.fail(new DsmError('DSM_PEER_MISMATCH', difference));
  }

  private refuse(header: Header, code: Refusal, text: string, answer: Reply): void {
    const writer = new Writer();
    writer.length = headerBytes;
    writer.byte(refusals.indexOf(code));
    writer.string(text.slice(0, 20_000));
    const frame = writer.take();
    writeHeader(frame, this.host.header('refuse', header.incarnation));
    answer(frame);
  }
}
