import type { Header } from '../codec/frame.js';
import type { Reply } from '../transport/transport.js';
import type { Circle } from './circle.js';
import type { Company } from './company.js';
import type { Counters } from './counters.js';
import type { Greeter } from './greeter.js';
import type { Peer } from './peer.js';

/** Where a node is in its life, as headers say it. */
export interface Place {
  readonly incarnation: number;
  readonly epoch: number;
  /** 0 before the first view. */
  readonly birth: number;
}

/** Decides which frames of the numbered streams are read: of peers that were met, for this process, in its view. */
export class Entrance {
  private readonly place: Place;
  private readonly parts: {
    readonly circle: Circle;
    readonly company: Company | undefined;
    readonly counters: Counters;
    readonly greeter: Greeter;
  };

  constructor(place: Place, parts: Entrance['parts']) {
    this.place = place;
    this.parts = parts;
  }

  /** The peer whose frame is to be read; undefined where it is dropped. `from` is the name that keys prove. */
  pass(header: Header, answer: Reply, from: string | undefined): Peer | undefined {
    const { circle, company, counters, greeter } = this.parts;
    const peer = company === undefined ? circle.peers[header.from] : circle.from(header);
    if (from !== undefined && peer !== undefined && from !== peer.name) return counters.drop('false-name');
    if (peer?.link?.incarnation !== header.incarnation) {
      if (company?.roster.hasLeft(header.incarnation)) greeter.expel(header, answer);
      else counters.drop('unknown-member');
      return undefined;
    }
    if (header.to !== this.place.incarnation) {
      // It speaks with another process of this name: the next beat says hello.
      peer.knowsUs = false;
      return counters.drop('unknown-member');
    }
    const { birth, epoch } = this.place;
    if (header.birth !== 0 && birth !== 0 && header.birth !== birth) return counters.drop('other-birth');
    // Unread: it will come again, when this member has entered the epoch.
    if (header.epoch > epoch && (header.kind === 'protocol' || header.kind === 'lost')) {
      return counters.drop('epoch-not-entered');
    }
    return peer;
  }
}
