import type { Members, ReplicaId } from '../members.js';
import { count, vote } from '../members.js';
import type { View } from '../protocol.js';
import { noTag, tagOf, timeOf } from '../tag.js';
import type { Ballot, GroupMessage, Proposal, RosterMessage } from './messages.js';

/** What a group may do to the world. */
export interface GroupHost {
  send(to: ReplicaId, message: GroupMessage): void;
  broadcast(message: GroupMessage): void;
  /** The view is decided and this member is in it: from now on it speaks with these incarnations only. */
  settle(view: View): void;
  /** The members were told; messages of the view may follow. */
  entered(view: View): void;
  /** A member has told of those who come later, or go. */
  told(roster: RosterMessage): void;
  /** The group was formed without this incarnation. */
  removed(view: View): void;
}

/** A ballot of mine that is being counted. */
interface Proposing {
  readonly ballot: Ballot;
  promises: Members;
  /** The accepted proposal of the highest ballot among the promises. */
  bound: Proposal | undefined;
  /** What was proposed, once everybody has promised. */
  view: View | undefined;
  votes: Members;
}

/** The slot whose member proposes the first view; all must take part in it, so one proposer is enough. */
const proposer: ReplicaId = 0;

/**
 * Decides the first view: Paxos with every configured member as acceptor, a quorum of *all*, and the incarnations and
 * the birth id as the value. Invariant: at most one view is ever decided, and nobody enters but by a decision. With a
 * smaller quorum, a restarted member could form a second group, empty and of the same epoch.
 */
export class Group {
  readonly self: ReplicaId;
  private readonly names: readonly string[];
  private readonly birth: number;
  /** By slot, the incarnation each member runs as; 0 while it has not been met. */
  private readonly incarnations: number[];

  /** No ballot below this one is answered any more. */
  private promised: Ballot = noTag;
  /** The process that was promised so last, by the birth id of the view that it draws. */
  private asker = 0;
  private accepted: Proposal | undefined;
  /** The process in whose ballot it was accepted. */
  private acceptedFrom = 0;
  private proposing: Proposing | undefined;
  /** The view this member is in. */
  view: View | undefined;

  constructor(self: ReplicaId, names: readonly string[], incarnation: number, birth: number) {
    this.self = self;
    this.names = names;
    this.birth = birth;
    this.incarnations = names.map((_, slot) => (slot === self ? incarnation : 0));
  }

  get epoch(): number {
    return this.view?.epoch ?? 0;
  }

  /**
   * Whether the others are known not to go on without this member. The first view never changes, so they cannot. Once
   * views change, this must ask whether a quorum has confirmed this member lately enough.
   */
  get leased(): boolean {
    return this.view !== undefined;
  }

  /** The incarnation that a member of the view, or one that was met before there is a view, runs as. */
  incarnationOf(slot: ReplicaId): number {
    return this.incarnations[slot] ?? 0;
  }

  /** A member was met, or was met again as another incarnation while no view was decided. */
  met(slot: ReplicaId, incarnation: number, host: GroupHost): void {
    if (this.view !== undefined) return;
    this.incarnations[slot] = incarnation;
    this.propose(host);
  }

  /** Starts a ballot once everybody is known; the only member of a group knows everybody at once. */
  propose(host: GroupHost): void {
    if (this.self !== proposer || this.view !== undefined || this.incarnations.includes(0)) return;
    const ballot = tagOf(timeOf(this.promised) + 1, this.self);
    this.proposing = { ballot, promises: 0, bound: undefined, view: undefined, votes: 0 };
    host.broadcast({ type: 'prepare', ballot, birth: this.birth });
  }

  /** This member comes later to a group that others have formed by this view. */
  adopt(formed: View): void {
    this.view = formed;
    this.proposing = undefined;
  }

  receive(from: ReplicaId, message: GroupMessage, host: GroupHost): void {
    switch (message.type) {
      case 'prepare':
        return this.onPrepare(from, message.ballot, message.birth, host);
      case 'promised':
        return this.onPromised(from, message.ballot, message.accepted, host);
      case 'outranked':
        return this.onOutranked(message.ballot, message.promised, host);
      case 'accept':
        return this.onAccept(from, message.ballot, message.view, host);
      case 'accepted':
        return this.onAccepted(from, message.ballot, host);
      case 'decided':
        return this.onDecided(message.view, host);
      case 'roster':
        return host.told(message); // Not a matter of ballots.
    }
  }

  private onPrepare(from: ReplicaId, ballot: Ballot, birth: number, host: GroupHost): void {
    if (this.view !== undefined) return host.send(from, { type: 'decided', view: this.view });
    if (ballot <= this.promised) {
      return host.send(from, { type: 'outranked', ballot, promised: this.promised });
    }
    this.promised = ballot;
    this.asker = birth;
    // Who drew that view, and asked for it, asks for another one: it has not decided the first, so nobody has. Not so
    // where a successor asked for it: that one may have decided before a late request of the dead one arrives here.
    const { accepted } = this;
    if (accepted?.view.birth === birth && this.acceptedFrom === birth) this.accepted = undefined;
    host.send(from, { type: 'promised', ballot, accepted: this.accepted });
  }

  private onPromised(from: ReplicaId, ballot: Ballot, accepted: Proposal | undefined, host: GroupHost): void {
    const { proposing } = this;
    if (proposing?.ballot !== ballot || proposing.view !== undefined) return;

    proposing.promises = vote(proposing.promises, from);
    if (accepted !== undefined && accepted.ballot > (proposing.bound?.ballot ?? noTag)) {
      proposing.bound = accepted;
    }
    if (count(proposing.promises) < this.names.length) return;

    // What somebody may have seen decided is finished, even if a member of it has gone.
    proposing.view = proposing.bound?.view ?? this.firstView();
    host.broadcast({ type: 'accept', ballot, view: proposing.view });
  }

  private onOutranked(ballot: Ballot, promised: Ballot, host: GroupHost): void {
    if (this.proposing?.ballot !== ballot) return;
    this.promised = Math.max(this.promised, promised);
    this.propose(host);
  }

  private onAccept(from: ReplicaId, ballot: Ballot, view: View, host: GroupHost): void {
    if (this.view !== undefined) return;
    if (ballot < this.promised) {
      // Told, or the proposer would wait for ever: a hello that came late made this member listen to a dead process.
      return host.send(from, { type: 'outranked', ballot, promised: this.promised });
    }
    this.promised = ballot;
    this.accepted = { ballot, view };
    this.acceptedFrom = this.asker;
    host.send(from, { type: 'accepted', ballot });
  }

  private onAccepted(from: ReplicaId, ballot: Ballot, host: GroupHost): void {
    const { proposing } = this;
    if (proposing?.ballot !== ballot || proposing.view === undefined) return;

    proposing.votes = vote(proposing.votes, from);
    if (count(proposing.votes) < this.names.length) return;

    this.proposing = undefined;
    host.broadcast({ type: 'decided', view: proposing.view });
  }

  private onDecided(view: View, host: GroupHost): void {
    if (this.view !== undefined) return;
    const mine = view.members.find((member) => member.slot === this.self);
    if (mine?.incarnation !== this.incarnations[this.self]) return host.removed(view);

    this.view = view;
    for (const { slot, incarnation } of view.members) this.incarnations[slot] = incarnation;
    this.proposing = undefined;
    host.settle(view);
    // On every link the decision goes before the first message of the view.
    host.broadcast({ type: 'decided', view });
    host.entered(view);
  }

  private firstView(): View {
    const members = this.names.map((name, slot) => ({
      name,
      slot,
      incarnation: this.incarnations[slot] as number,
      since: 1,
    }));
    return { epoch: 1, birth: this.birth, members };
  }
}
