import {
  each,
  everyone,
  type Host,
  IdMap,
  includes,
  type Member,
  type Members,
  nobody,
  only,
  type ReplicaId,
  type View,
  vote,
  without,
} from '@dsm/core';
import { Contents } from './contents.js';
import { Departures } from './departures.js';
import { Graveyard } from './graveyard.js';
import { Holding } from './holding.js';
import { Journal } from './journal.js';
import type { Compare, Message } from './messages.js';
import { type Origin, Origins } from './origins.js';
import type { Policy } from './policy.js';
import { Arrivals } from './transfer.js';
import type { Update } from './update.js';
import { covers, type Vector } from './vector.js';

/** A log keeps this many updates of each origin: a member that was away for longer is given the contents instead. */
const logMaxUsual = 10_000;

/** What a member knows of the others: who they are, what each has, and what is kept for them. */
export abstract class CausalMember {
  readonly self: ReplicaId;
  readonly policy: Policy;
  readonly origins: Origins;
  readonly contents: Contents;
  journal: Journal;
  /** By origin, the updates that came before something that they depend on. Never one that was applied. */
  waiting: IdMap<Update>[] = [];
  readonly graveyard = new Graveyard();
  readonly holding = new Holding();
  readonly departures = new Departures();
  readonly arrivals = new Arrivals();
  /** By slot, as `asked`. */
  protected others: Members = nobody;
  protected birth = 0;
  /** Those who were asked for what is missing here and have not answered. */
  protected asked: Members = nobody;
  /**
   * Whether this member has what members have. One that came later has not: what it wrote could be older than what is
   * deleted and forgotten elsewhere, and what it says it has could be nothing.
   */
  ready = false;
  /** What those had that have answered, where this one came later: it is ready once it has what one of them had. */
  protected readonly given = new Map<Origin, Readonly<Vector>>();
  /** Updates of others, and their bytes, that were applied since this member last said what it has. */
  protected unsaid = 0;
  protected unsaidBytes = 0;
  /** What it had when it wanted to depart. */
  private leaving: Readonly<Vector> | undefined;
  private readonly logMax: number;

  constructor(self: ReplicaId, policy: Policy, logMax = logMaxUsual) {
    this.logMax = logMax;
    this.self = self;
    this.policy = policy;
    this.origins = new Origins(self);
    this.contents = new Contents(policy, this.origins);
    this.journal = new Journal(this.origins, logMax);
  }

  /** Messages to and from a member were lost: it is told what is here, and sends the rest. It repeats as well. */
  repeat(to: ReplicaId, host: Host<Message>): void {
    this.asked = without(this.asked, only(to));
    if (this.ready) host.send(to, this.compare(false));
    else this.ask(to, host);
  }

  enter(view: View, sealed: readonly unknown[]): void {
    if (this.birth !== 0 || sealed.length > 0) throw new Error('there is a first view only');
    this.form(view, view.members);
  }

  /** Who came later begins here. What they lack others send; those who departed are waited for no longer. */
  roster(members: readonly Member[], formed: View, host: Host<Message>, departed: readonly number[]): void {
    if (this.birth === 0) this.form(formed, members);
    this.origins.become(members, this.self);
    // Those too who went before this member came: the others wait until it says that it knows.
    const gone = departed.map((incarnation) => this.origins.numberOf(incarnation));
    this.grow();
    const news = gone.filter((origin) => this.departures.add(origin));
    // Some of what they wrote or passed on of each other may be lost: whoever has applied it sends it again.
    if (news.length > 0) for (const origin of gone) this.waiting[origin]?.clear();
    this.others = without(everyone(members.map(({ slot }) => slot)), only(this.self));
    this.asked = nobody;
    this.arrivals.keep(this.origins.others);
    this.journal.pruneAll();
    this.bury();
    this.complete(host);
    for (const other of each(this.others)) this.ask(other, host);
    if (!this.ready) this.begin(host);
  }

  /** Says so once this member has been given what another one had: until then it answers nobody. */
  protected begin(host: Host<Message>): void {
    const { applied } = this.journal;
    // What one had that has gone may be lost.
    const has = (other: Origin) => covers(applied, this.given.get(other) ?? [Number.POSITIVE_INFINITY]);
    if (this.ready || !this.origins.others.some(has)) return;
    this.ready = true;
    this.given.clear();
    host.broadcast(this.compare(false), this.others);
  }

  /** Others who crash must not take with them what this member held, too: so many hold it as hold what is written. */
  leave(host: Host<Message>, inReach: Members): boolean {
    this.leaving ??= [...this.journal.applied];
    const near = [...each(inReach)].flatMap((slot) => this.origins.at(slot) ?? []);
    const enough = Math.min(this.policy.acknowledgements + 1, near.length);
    const holders = this.journal.holdersOf(this.leaving, near);
    if (this.others === nobody || (holders > 0 && holders >= enough)) return true;
    for (const other of each(this.others)) this.ask(other, host);
    return false;
  }

  protected form(view: View, members: readonly Member[]): void {
    this.birth = view.birth;
    this.policy.enter(view);
    this.origins.form(view);
    this.origins.become(members, this.self);
    // Nobody holds all keys where there are subscriptions, so the contents of one member are no substitute for a log.
    this.journal = new Journal(this.origins, this.policy.full ? this.logMax : Number.POSITIVE_INFINITY);
    this.others = without(everyone(members.map(({ slot }) => slot)), only(this.self));
    this.ready = this.origins.self < this.origins.first || this.others === nobody;
    this.grow();
  }

  /** Makes room for origins that were heard of. */
  protected grow(): void {
    this.journal.grow();
    while (this.waiting.length < this.origins.size) this.waiting.push(new IdMap<Update>());
  }

  protected compare(answer: boolean): Compare {
    const { journal, origins, departures } = this;
    const departed = [...departures.origins];
    return { type: 'compare', later: origins.later, applied: [...journal.applied], answer, departed };
  }

  /** An origin as a set of members: of itself, if it is one. */
  protected memberOf(origin: Origin): Members {
    const slot = this.origins.slotOf(origin);
    return slot === undefined ? nobody : only(slot);
  }

  protected say(to: Members, host: Host<Message>): void {
    if (to === this.others) this.unsaid = this.unsaidBytes = 0;
    host.broadcast({ type: 'applied', later: this.origins.later, applied: [...this.journal.applied] }, to);
  }

  protected ask(to: ReplicaId, host: Host<Message>): void {
    if (includes(this.asked, to)) return;
    this.asked = vote(this.asked, to);
    host.send(to, this.compare(true));
  }

  /** A member has said what it has applied; what it wrote itself by the number of its update. */
  protected learn(member: Origin, message: Message, host: Host<Message>): void {
    const { applied } = message;
    if (message.type === 'update' && message.origin === member)
      this.journal.learnOf(member, message.sequence);
    if (applied.length === 0) return;
    this.journal.learn(member, applied);
    this.bury();
    this.complete(host);
  }

  /** Forgets deleted keys; none while somebody may still take in what one who departed had sent. */
  protected bury(): void {
    if (this.contents.entombed === 0 && this.graveyard.graves.size === 0) return;
    if (!this.departures.areKnownTo(this.origins.others)) return;
    this.graveyard.bury(this.journal, this.contents);
  }

  /** Ends the writes that enough others hold. */
  protected complete(host: Host<Message>): void {
    if (this.holding.size > 0) this.holding.release((sequence) => this.isHeld(sequence), host);
  }

  /** Whether enough others have applied an update of this member: all of them where there are no more. */
  protected isHeld(sequence: number): boolean {
    const enough = Math.min(this.policy.acknowledgements, this.origins.others.length);
    return enough === 0 || this.journal.holders(sequence) >= enough;
  }
}
