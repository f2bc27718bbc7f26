import { membersMax, type ReplicaId } from '../members.js';
import type { Circle } from './circle.js';
import type { Company } from './company.js';
import type { Dispatch } from './dispatch.js';
import type { Greeter } from './greeter.js';
import { type Peer, suspectedBeats } from './peer.js';
import type { Timers } from './timers.js';

/** How often a link counts time while something may have to be sent again or acknowledged. */
const linkTickMs = 50;

/** What passes time at a node. */
export interface PulseParts<Message> {
  readonly timers: Timers;
  readonly circle: Circle;
  readonly company: Company | undefined;
  readonly dispatch: Dispatch<Message>;
  readonly greeter: Greeter;
  readonly suspectAfterMs: number;
  run(handler: () => void): void;
  /** A member that was heard of has given no sign of life for so long that it is suspected. */
  silent(peer: Peer): void;
  /** Time passed. */
  stirred(): void;
}

/** The regular signs of life between members, and the time that links count. */
export class Pulse<Message> {
  private readonly parts: PulseParts<Message>;

  constructor(parts: PulseParts<Message>) {
    this.parts = parts;
  }

  /** Links have something to send again or to acknowledge. */
  tickLater(): void {
    const { timers, dispatch } = this.parts;
    if (timers.isSet('links')) return;
    timers.set('links', linkTickMs, () => {
      if (dispatch.tick()) this.tickLater();
    });
  }

  beatLater(): void {
    const { timers, suspectAfterMs, circle, company, run } = this.parts;
    timers.set('beat', suspectAfterMs / suspectedBeats, () => {
      this.beatLater();
      for (const peer of circle.others) this.beat(peer);
      if (company !== undefined) run(() => company.beat());
      this.parts.stirred();
    });
  }

  /** A connection to a peer was made, or to a contact. */
  reached(slot: ReplicaId): void {
    const { circle, company, greeter } = this.parts;
    if (slot >= membersMax) return company?.reached(slot);
    const peer = circle.peers[slot];
    if (peer === undefined) return;
    if (peer.link === undefined || !peer.knowsUs) greeter.hello(peer);
    else peer.link.reconnected(peer);
  }

  private beat(peer: Peer): void {
    const { greeter, dispatch, silent } = this.parts;
    peer.beat();
    if (peer.link !== undefined && peer.silentBeats === suspectedBeats) silent(peer);
    if (peer.link === undefined || !peer.knowsUs) greeter.hello(peer);
    else if (!peer.addressed) dispatch.acknowledge(peer, peer.link);
    peer.addressed = false;
  }
}
