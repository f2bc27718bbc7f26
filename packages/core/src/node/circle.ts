import type { Header } from '../codec/frame.js';
import { everyone, type Members, membersMax, type ReplicaId } from '../members.js';
import { Peer, type Speaking, type Streams } from './peer.js';

/** The other members that a node speaks with, each under a slot of its own. */
export class Circle {
  readonly self: ReplicaId;
  /** By slot; the holes are this member itself, and slots that are free. */
  readonly peers: (Peer | undefined)[];
  /** All of them, those too that are no members any more and of whom something may still come. */
  readonly all: Peer[];
  /** The members, without this one. */
  others: readonly Peer[] = [];
  /** With this one. */
  everyone: Members = 0;
  /**
   * Where members come and go, all streams: a process may be met under one slot and be a member under another, and must
   * find its numbers where they were.
   */
  private readonly streams: Streams | undefined;
  private readonly speaking: Speaking;

  constructor(self: ReplicaId, names: readonly string[], speaking: Speaking) {
    this.self = self;
    this.speaking = speaking;
    this.streams = speaking.streams;
    this.peers = names.map((name, slot) => (slot === self ? undefined : new Peer(slot, name, this.speaking)));
    this.all = this.peers.filter((peer) => peer !== undefined);
    this.count();
  }

  /** The other members that are not suspected. */
  get inReach(): Members {
    return everyone(this.others.filter(({ suspected }) => !suspected).map(({ slot }) => slot));
  }

  /** The one that a frame of a stream is from. Where members come and go, each has slots of its own. */
  from({ from, incarnation }: Header): Peer | undefined {
    const peer = this.peers[from];
    return peer?.link?.incarnation === incarnation ? peer : this.of(incarnation);
  }

  of(incarnation: number): Peer | undefined {
    return this.all.find(({ link }) => link?.incarnation === incarnation);
  }

  /** Whether there is a slot for somebody new. */
  get hasRoom(): boolean {
    return this.freeSlot < membersMax;
  }

  /** Somebody new under the first free slot; undefined where there is none. */
  add(name: string): Peer | undefined {
    const slot = this.freeSlot;
    if (slot >= membersMax) return undefined;
    const peer = new Peer(slot, name, this.speaking);
    this.peers[slot] = peer;
    this.all.push(peer);
    this.count();
    return peer;
  }

  private get freeSlot(): number {
    let slot = 0;
    while (slot === this.self || this.peers[slot] !== undefined) slot += 1;
    return slot;
  }

  /** Nothing more comes of it: its slot is free. */
  remove(peer: Peer): void {
    this.peers[peer.slot] = undefined;
    this.all.splice(this.all.indexOf(peer), 1);
    // Who has departed never comes back.
    if (peer.departed) this.streams?.delete(peer.link?.incarnation ?? 0);
    this.count();
  }

  /** Somebody has departed or come. */
  count(): void {
    this.others = this.all.filter(({ departed }) => !departed);
    this.everyone = everyone([this.self, ...this.others.map(({ slot }) => slot)]);
  }
}
