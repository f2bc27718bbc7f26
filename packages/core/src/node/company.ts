import type { Header } from '../codec/frame.js';
import { DsmError } from '../error.js';
import type { Group } from '../group/group.js';
import { addressOf, type Identity } from '../group/identity.js';
import type { RosterMessage } from '../group/messages.js';
import { type Enrolled, Roster } from '../group/roster.js';
import type { LinkLimits } from '../link/link.js';
import { membersMax } from '../members.js';
import type { Member, View } from '../protocol.js';
import type { Wire } from '../transport/transport.js';
import type { Circle } from './circle.js';
import type { Greeter } from './greeter.js';
import { tellOfGroup } from './group-host.js';
import { type Peer, suspectedBeats } from './peer.js';

/** What a company may do to its node. */
export interface CompanyHost {
  /** Others are members now than before. */
  changed(members: readonly Member[], formed: View): void;
  run(act: () => void): void;
  /** The others go on without this member. */
  expelled(): void;
  /** Whether the replica holds nothing that is not held elsewhere. */
  mayLeave(): boolean;
}

/** What a company is made of. */
export interface CompanyParts {
  readonly identity: Identity;
  readonly incarnation: number;
  readonly limits: LinkLimits;
  readonly circle: Circle;
  readonly group: Group;
  /** How it reaches others: the wire, once it is open. */
  readonly dispatch: { readonly wire: Wire | undefined };
  /** Where to ask to be taken into a group that is there already. */
  readonly contacts: readonly string[];
}

type Refused = 'DSM_REMOVED' | 'DSM_DUPLICATE_MEMBER';

/**
 * Who belongs to a group without views. A process says hello to any member, which takes it in and tells the others;
 * who goes says so; and what one knows of it spreads to all, on links that lose nothing. Nobody has to agree, so it
 * works in every part of a network that is cut.
 *
 * What a link carries keeps its order. So whoever learns that a member has applied something has heard before of all
 * whom that member had taken in by then.
 */
export class Company {
  readonly roster = new Roster();
  /** The members as of now; the epoch is that of the first view for good. */
  view: View | undefined;
  private readonly parts: CompanyParts;
  private readonly host: CompanyHost;
  private greeter: Greeter | undefined;
  /** Members that others have taken in, and who will tell of it themselves. */
  private readonly met = new Set<number>();
  /** Called when this member has left. */
  private left: (() => void) | undefined;
  private announced = false;

  constructor(parts: CompanyParts, host: CompanyHost) {
    this.parts = parts;
    this.host = host;
  }

  /** Whether this process asks to be taken in, and does not form a group. */
  get comesLater(): boolean {
    return this.parts.contacts.length > 0;
  }

  private get wire(): Wire | undefined {
    return this.parts.dispatch.wire;
  }

  start(greeter: Greeter): void {
    this.greeter = greeter;
    const { circle, identity } = this.parts;
    for (const peer of circle.all) peer.address = identity.members[peer.slot]?.slice(peer.name.length + 1);
    if (this.comesLater && this.wire?.dial === undefined) {
      throw new DsmError(
        'DSM_UNSUPPORTED',
        'the transport connects to nobody later, so there can be no contact',
      );
    }
    for (const [index, address] of this.parts.contacts.entries()) {
      this.wire?.dial?.(membersMax + index, { name: '', address });
      this.reached(membersMax + index);
    }
  }

  /** A contact, which has a number beyond all slots, can be reached: it is said hello to. */
  reached(number: number): void {
    if (this.view !== undefined || this.greeter === undefined) return;
    this.wire?.send(number, this.greeter.greeting(0));
  }

  beat(): void {
    const { circle, contacts } = this.parts;
    for (const index of contacts.keys()) this.reached(membersMax + index);
    for (const peer of circle.all.filter(({ departed }) => departed)) {
      peer.beat();
      if (peer.silentBeats >= suspectedBeats) this.forget(peer);
    }
    this.stir();
  }

  /** The first view was decided with this member in it. */
  formed(view: View): void {
    const { members } = this.parts.identity;
    for (const { name, slot, incarnation } of view.members) {
      this.roster.enrol({ name, incarnation, address: members[slot]?.slice(name.length + 1) ?? '' });
    }
    this.look(view);
  }

  /** Whom a hello is from, as far as it is known; perhaps another process of the same name. */
  find({ incarnation, birth }: Header, { name }: Identity): Peer | undefined {
    const { circle, group } = this.parts;
    const known = circle.of(incarnation);
    if (known !== undefined || (this.comesLater && this.view === undefined)) return known;
    // Somebody has taken it in who knew that the other of its name had gone, and both will hear of that.
    if (birth !== 0 && birth === group.view?.birth) return undefined;
    return circle.others.find((peer) => peer.name === name);
  }

  /**
   * Takes in who says hello and is no member, in the place of one of its name that has `gone` if there is one; or says
   * why not. Undefined where it is to ask again.
   */
  admit(header: Header, theirs: Identity, gone?: Peer): Peer | Refused | undefined {
    const { group, identity, limits } = this.parts;
    const { name } = theirs;
    const address = addressOf(theirs);
    if (address === undefined || this.wire?.dial === undefined) return undefined;
    if (group.view === undefined) {
      // Somebody who can take this one in.
      if (!this.comesLater || header.birth === 0) return undefined;
      return this.dialled({ name, incarnation: header.incarnation, address }, limits);
    }
    if (header.birth !== 0 && header.birth !== group.view.birth) return undefined;
    if (this.roster.hasLeft(header.incarnation)) return 'DSM_REMOVED';
    if (name === identity.name) return 'DSM_DUPLICATE_MEMBER';
    const member = { name, incarnation: header.incarnation, address };
    // Somebody else has taken it in: its own roster says so, and who had gone before.
    if (header.birth !== 0) {
      this.met.add(header.incarnation);
      return this.place(member);
    }
    // Nobody is to hear of it while there is no room for it: it asks again.
    if (!this.roster.has(header.incarnation) && !this.parts.circle.hasRoom) return undefined;
    if (gone?.link !== undefined) this.depart(gone.link.incarnation);
    this.roster.enrol(member);
    const peer = this.place(member);
    this.spread(group.view);
    return peer;
  }

  receive({ formed, members, departed }: RosterMessage): void {
    const { group, incarnation } = this.parts;
    if (group.view === undefined) {
      if (formed.members.some((member) => member.incarnation === incarnation)) return; // It is told that by the group.
      if (!members.some((member) => member.incarnation === incarnation)) return;
      group.adopt(formed);
      for (const index of this.parts.contacts.keys()) this.wire?.hangUp?.(membersMax + index);
    }
    if (group.view?.birth !== formed.birth) return;
    const came = members.filter((member) => this.roster.enrol(member));
    const went = departed.filter((other) => this.depart(other));
    for (const { incarnation: other } of came) this.met.delete(other);
    // Two processes were taken in under one name by members that had not heard of each other's.
    for (const other of this.roster.superfluous) this.depart(other);
    if (this.roster.hasLeft(incarnation) && !this.announced) return this.host.expelled();
    if (came.length === 0 && went.length === 0) return;
    for (const member of came) if (this.roster.has(member.incarnation)) this.place(member);
    this.spread(formed);
  }

  get leaving(): boolean {
    return this.left !== undefined;
  }

  /** Calls back when others hold what this member holds, and those in reach know that it goes; or nobody is left. */
  leave(left: () => void): void {
    this.left = left;
    this.stir();
  }

  /** Looks whether this member, which leaves, can go. */
  stir(): void {
    const { parts } = this;
    const { view } = parts.group;
    if (!this.leaving || view === undefined) return;
    if (!this.announced) {
      if (!this.host.mayLeave()) return;
      this.announced = true;
      this.roster.depart(parts.incarnation);
      this.spread(view);
    }
    // Who is told may die at once, so all are who are in reach.
    const { others } = parts.circle;
    const told = others.filter(({ link, outbox }) => outbox.empty && link?.idle === true);
    const waits = others.some((peer) => !peer.suspected && !told.includes(peer));
    if (others.length === 0 || (told.length > 0 && !waits)) this.go();
  }

  /** Whether this member has said that it goes. */
  get goes(): boolean {
    return this.announced;
  }

  /** This member has left, or has failed: who waits for it to leave waits no longer. */
  go(): void {
    const { left } = this;
    this.left = undefined;
    left?.();
  }

  /** Goes on without who has this name, as if another process had come under it. False where no other member has. */
  remove(name: string): boolean {
    const { group, identity } = this.parts;
    const { view } = group;
    const gone = this.roster.members.filter((member) => member.name === name);
    if (view === undefined || gone.length === 0 || name === identity.name) return false;
    this.host.run(() => {
      for (const { incarnation } of gone) this.depart(incarnation);
      this.spread(view);
    });
    return true;
  }

  private depart(incarnation: number): boolean {
    if (!this.roster.depart(incarnation)) return false;
    this.met.delete(incarnation);
    const peer = this.parts.circle.of(incarnation);
    if (peer === undefined) return true;
    peer.departed = true;
    this.parts.circle.count();
    return true;
  }

  /** Gives a member a slot, and begins to speak with it. */
  private place(member: Enrolled): Peer | undefined {
    if (member.incarnation === this.parts.incarnation) return undefined;
    const { circle, limits } = this.parts;
    const known = circle.of(member.incarnation) ?? this.strangerNamed(member.name);
    if (known?.address === member.address) {
      known.settle(member.incarnation, limits);
      return known;
    }
    // It has a name of the list, and is elsewhere.
    if (known !== undefined) this.forget(known);
    return this.dialled(member, limits);
  }

  /** A configured member that was not met, or was met as another process, before this one was taken in. */
  private strangerNamed(name: string): Peer | undefined {
    const { others } = this.parts.circle;
    return others.find((peer) => peer.name === name && !this.roster.has(peer.link?.incarnation ?? 0));
  }

  private dialled(member: Enrolled, limits: LinkLimits): Peer | undefined {
    const { name, incarnation, address } = member;
    const peer = this.parts.circle.add(name);
    if (peer === undefined) return undefined;
    peer.address = address;
    peer.settle(incarnation, limits);
    try {
      this.wire?.dial?.(peer.slot, { name, address });
    } catch {
      return peer; // It cannot be dialled from here, and counts as a member that is out of reach.
    }
    this.greeter?.hello(peer);
    return peer;
  }

  /** Tells everybody, those too that have just gone, and the replica. */
  private spread(formed: View): void {
    const { roster, parts } = this;
    for (const peer of parts.circle.others) {
      // Members of a list that are none: those who departed before this process was taken in.
      const incarnation = peer.link?.incarnation ?? 0;
      if (!roster.has(incarnation) && !this.met.has(incarnation)) this.forget(peer);
    }
    const message = { type: 'roster', formed, members: roster.members, departed: roster.departed } as const;
    for (const peer of parts.circle.all) tellOfGroup(peer, message);
    this.look(formed);
    if (this.view !== undefined && !this.announced) this.host.changed(this.view.members, formed);
  }

  private look({ epoch, birth }: View): void {
    const { circle, incarnation: mine } = this.parts;
    const members = this.roster.members.flatMap(({ name, incarnation }): Member[] => {
      const slot = incarnation === mine ? circle.self : circle.of(incarnation)?.slot;
      return slot === undefined ? [] : [{ name, slot, incarnation, since: epoch }];
    });
    this.view = { epoch, birth, members };
  }

  private forget(peer: Peer): void {
    this.parts.circle.remove(peer);
    this.wire?.hangUp?.(peer.slot);
  }
}
