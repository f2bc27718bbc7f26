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
import type { Batch, Compare, Message, Told } from './messages.js';
import { type Origin, Origins } from './origins.js';
import type { Policy } from './policy.js';
import { Arrivals } from './transfer.js';
import type { Update } from './update.js';
import { covers, nothing, type Vector } from './vector.js';

/** A log keeps this many updates of each origin: a member that was away for longer is given the contents instead. */
const logMaxUsual = 10_000;

/** A message carries updates of about so many bytes, or a single one. */
const batchBytesMax = 64 * 1024;
/** What an update takes beside its key, its value and what it depends on. */
const updateBytes = 16;

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
  /** What was written here in this turn: the others are told when it ends, or before they are told anything else. */
  untold: Update[] = [];
  protected untoldBytes = 0;
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
    // What was written in this turn is told when it ends: what finds no room while something is repeated is not missed.
    this.asked = without(this.asked, only(to));
    if (this.ready) host.send(to, this.compare(false));
    else this.ask(to, host);
  }

  /** What a member had sent that crashed may have reached some only: the others compare what they have. */
  silent(member: ReplicaId, host: Host<Message>): void {
    if (!this.ready) return;
    this.tell(host);
    host.broadcast(this.compare(false), without(this.others, only(member)));
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
    this.tell(host);
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

  /** Tells the others what was written here. */
  protected tell(host: Host<Message>): void {
    const { untold, untoldBytes, others, policy } = this;
    if (untold.length === 0) return;
    this.untold = [];
    this.untoldBytes = 0;
    // What was applied of others is news once; that these updates were is said by their numbers.
    const applied = this.unsaid > 0 ? this.journal.applied : nothing;
    this.unsaid = this.unsaidBytes = 0;
    for (const part of partsOf(this.spelled(untold), untoldBytes)) {
      if (policy.full) host.broadcast(this.told(part, applied), others);
      else for (const to of each(others)) host.send(to, this.told(policy.partsFor(to, part), applied));
    }
  }

  /** One alone says its key, so that whoever looks at messages sees what it is about. It was applied last here. */
  private spelled(updates: Update[]): Update[] {
    const [update] = updates;
    if (update === undefined || updates.length > 1) return updates;
    return [{ ...update, key: this.contents.keyOf(update) }];
  }

  protected told(updates: readonly Update[], vector: Readonly<Vector>): Told | Batch {
    const { later } = this.origins;
    const applied = vector === nothing ? nothing : vector.slice();
    if (updates.length > 1) return { type: 'updates', later, updates, applied };
    const [update] = updates as readonly [Update];
    return { type: 'update', later, ...update, applied };
  }

  protected say(to: Members, host: Host<Message>): void {
    this.tell(host);
    if (to === this.others) this.unsaid = this.unsaidBytes = 0;
    host.broadcast({ type: 'applied', later: this.origins.later, applied: [...this.journal.applied] }, to);
  }

  protected ask(to: ReplicaId, host: Host<Message>): void {
    if (includes(this.asked, to)) return;
    this.tell(host);
    this.asked = vote(this.asked, to);
    host.send(to, this.compare(true));
  }

  /** A member has said what it has applied; what it wrote itself by the number of its update. */
  protected learn(member: Origin, message: Message, host: Host<Message>): void {
    const { applied } = message;
    const update = lastOf(message);
    if (update?.origin === member) this.journal.learnOf(member, update.sequence);
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

function lastOf(message: Message): Update | undefined {
  if (message.type === 'update') return message;
  return message.type === 'updates' ? message.updates[message.updates.length - 1] : undefined;
}

/** What an update adds to a message, about. */
export function bytesOf(update: Update): number {
  const { key, value, dependencies } = update;
  return (value?.length ?? 0) + key.length + 4 * dependencies.length + updateBytes;
}

/** Updates as messages of a bounded size, unless one alone is larger. */
function partsOf(updates: Update[], bytesOfAll: number): Update[][] {
  if (bytesOfAll <= batchBytesMax) return [updates];
  const parts: Update[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const update of updates) {
    const more = bytesOf(update);
    bytes += more;
    if (bytes > batchBytesMax) {
      parts.push([]);
      bytes = more;
    }
    parts.at(-1)?.push(update);
  }
  return parts;
}
