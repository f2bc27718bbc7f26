import type { Header } from '../codec/frame.js';
import { everyone, type Members, membersMax, type ReplicaId } from '../members.js';
import type { Peer } from './peer.js';

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
  private readonly make: (slot: ReplicaId, name: string) => Peer;

  constructor(self: ReplicaId, names: readonly string[], make: (slot: ReplicaId, name: string) => Peer) {
    this.self = self;
    this.make = make;
    this.peers = names.map((name, slot) => (slot === self ? undefined : make(slot, name)));
    this.all = this.peers.filter((peer) => peer !== undefined);
    this.count();
  }

  /** The one that a frame of a stream is from. Where members come and go, each has slots of its own. */
  from({ from, incarnation }: Header): Peer | undefined {
    const peer = this.peers[from];
    return peer?.link?.incarnation === incarnation ? peer : this.of(incarnation);
  }

  of(incarnation: number): Peer | undefined {
    return this.all.find(({ link }) => link?.incarnation === incarnation);
  }

  /** Somebody new under the first free slot; undefined where there is none. */
  add(name: string): Peer | undefined {
    let slot = 0;
    while (slot === this.self || this.peers[slot] !== undefined) slot += 1;
    if (slot >= membersMax) return undefined;
    const peer = this.make(slot, name);
    this.peers[slot] = peer;
    this.all.push(peer);
    this.count();
    return peer;
  }

  /** Nothing more comes of it: its slot is free. */
  remove(peer: Peer): void {
    this.peers[peer.slot] = undefined;
    this.all.splice(this.all.indexOf(peer), 1);
    this.count();
  }

  /** Somebody has departed or come. */
  count(): void {
    this.others = this.all.filter(({ departed }) => !departed);
    this.everyone = everyone([this.self, ...this.others.map(({ slot }) => slot)]);
  }
}
