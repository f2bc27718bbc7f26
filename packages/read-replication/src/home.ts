import {
  ABSENT,
  each,
  type Host,
  includes,
  type Key,
  type Members,
  nobody,
  type OperationId,
  only,
  type ReplicaId,
  vote,
  without,
} from '@dsm/core';
import type { AppliedChanges } from './applied.js';
import type { Holdings } from './holdings.js';
import type {
  Acquire,
  Applied,
  Change,
  GrantNumber,
  Message,
  Release,
  Request,
  Withdraw,
  WriteVersion,
} from './messages.js';
import type { Places } from './places.js';
import {
  type Asked,
  type Deciding,
  type Grant,
  isOf,
  type Plan,
  planned,
  Record,
  type Round,
  type Served,
  takenFrom,
} from './record.js';
import type { HomeSettings } from './settings.js';

/**
 * The fixed distributed manager of Li and Hudak (TOCS 7(4), 1989, section 3.2), for the keys whose home is this member:
 * it serves one request of a key at a time, in the order of arrival, and applies a change when nobody can read the
 * value before any more and every backup holds the value after it.
 */
export class Home implements Deciding {
  /** The last version or grant that was given. */
  last: WriteVersion | GrantNumber = 0;
  readonly records = new Map<Key, Record>();
  private readonly self: ReplicaId;
  private readonly settings: HomeSettings;
  private readonly places: Places;
  private readonly holdings: Holdings;
  private readonly applied: AppliedChanges;

  constructor(
    self: ReplicaId,
    settings: HomeSettings,
    parts: { readonly places: Places; readonly holdings: Holdings; readonly applied: AppliedChanges },
  ) {
    this.self = self;
    this.settings = settings;
    this.places = parts.places;
    this.holdings = parts.holdings;
    this.applied = parts.applied;
  }

  /** Puts a request behind the others. */
  onRequest(from: ReplicaId, request: Request, host: Host<Message>): void {
    if (includes(this.places.gone, from)) return;
    const record = this.recordOf(request.key);
    record.queue.push({ from, request: request.type === 'change' ? this.heard(from, request) : request });
    this.advance(request.key, record, host);
  }

  /** Nobody waits any more for write access: it loses its place, or is taken back once it is given. */
  onWithdraw(from: ReplicaId, message: Withdraw, host: Host<Message>): void {
    const { key, operation } = message;
    const queue = this.records.get(key)?.queue ?? [];
    const at = queue.findIndex(
      (asked) =>
        asked.from === from && asked.request.type === 'acquire' && asked.request.operation === operation,
    );
    if (at < 0) return this.onRequest(from, message, host);
    queue.splice(at, 1);
    host.send(from, { type: 'withdrawn', key, operation });
  }

  /** A member is being closed: nobody waits for it any more, unless what it held as a backup is needed. */
  onParted(from: ReplicaId, host: Host<Message>): void {
    this.places.gone = vote(this.places.gone, from);
    for (const [key, record] of this.records) {
      record.expel(key, from);
      const awaited = includes(record.round?.awaited ?? nobody, from);
      if (awaited && !includes(record.backups, from)) this.onHalted(from, key, host);
      else this.advance(key, record, host);
    }
  }

  /** A member does not read its copy any more, and holds what came with the question. */
  onHalted(from: ReplicaId, key: Key, host: Host<Message>): void {
    const record = this.records.get(key);
    const round = record?.round;
    if (record === undefined || round === undefined || !includes(round.awaited, from)) {
      throw new Error(`${from} was not asked to halt '${key}'`);
    }
    round.awaited = without(round.awaited, only(from));
    if (round.awaited !== nobody) return;
    this.conclude(key, record, round, host);
    this.advance(key, record, host);
  }

  /** A holder has dropped its copy. */
  onForget(from: ReplicaId, key: Key): void {
    const record = this.records.get(key);
    if (record === undefined) return;
    record.copies = without(record.copies, only(from));
    this.tidy(key, record);
  }

  knownVersion(from: ReplicaId, operation: OperationId): WriteVersion | undefined {
    return this.applied.versionOf(from, operation);
  }

  nextVersion(): WriteVersion {
    this.last += 1;
    return this.last;
  }

  private recordOf(key: Key): Record {
    let record = this.records.get(key);
    if (record === undefined) {
      record = new Record(this.places.backupsOf(key));
      this.records.set(key, record);
    }
    return record;
  }

  /** A change, of which is not kept what it says of others. */
  private heard(from: ReplicaId, change: Change): Change {
    const { floor, open } = change;
    this.applied.raise({ origin: from, floor, open });
    return open.length === 0 ? change : { ...change, open: [] };
  }

  /** Serves what may be served, until it has to wait for somebody. */
  private advance(key: Key, record: Record, host: Host<Message>): void {
    while (record.round === undefined) {
      const { grant, queue } = record;
      const at = grant === undefined ? 0 : queue.findIndex((asked) => this.admits(record, asked));
      const asked = queue[at];
      if (asked === undefined) break;
      if (asked.request.type === 'change') this.change(key, record, at, host);
      else {
        queue.splice(at, 1);
        this.serve(key, record, asked, host);
      }
    }
    this.tidy(key, record);
  }

  /** While a member has write access only what it asks for is served, and reads where the option says so. */
  private admits({ grant }: Record, { from, request }: Asked): boolean {
    if (grant === undefined) return true;
    if (from === grant.holder) return request.type !== 'acquire';
    return request.type === 'fetch' && this.settings.whileHeld === 'serve';
  }

  private serve(key: Key, record: Record, { from, request }: Asked, host: Host<Message>): void {
    if (request.type === 'acquire') this.acquire(key, record, { from, request }, host);
    else if (request.type === 'release') this.release(key, record, request, host);
    else if (request.type === 'withdraw') this.takeBack(key, record, { from, request }, host);
    else {
      const keeps = record.grant === undefined || record.grant.holder === from;
      if (keeps) this.join(record, only(from));
      host.send(from, { type: 'fetched', key, entry: record.entry, keeps });
    }
  }

  /** Members are in the copy set from now on. Home and backups need not be. */
  private join(record: Record, members: Members): void {
    record.copies |= without(members, record.backups | only(this.self) | this.places.gone);
  }

  /** Serves a change, with all changes behind it that may be served and have nothing else between them. */
  private change(key: Key, record: Record, first: number, host: Host<Message>): void {
    const changes = takenFrom(record.queue, first, (asked) => this.admits(record, asked));
    const plan = planned(record, changes, this);
    let askers = nobody;
    for (const { from } of changes) askers = vote(askers, from);
    if (!plan.news) {
      this.join(record, askers);
      this.answer(key, plan, host);
      return;
    }
    this.halt(key, record, { plan, askers }, host);
  }

  /** Asks everybody to halt who may read the value before, but who asked: their copies are halted already. */
  private halt(
    key: Key,
    record: Record,
    { plan, askers }: { readonly plan: Plan; readonly askers: Members },
    host: Host<Message>,
  ): void {
    const { next, owner, served } = plan;
    const { backups } = record;
    const told = without(record.copies, askers);
    const awaited = told | backups;
    const applied = appliedAmong(served);
    const round: Round = { kind: 'change', served, applied, next, owner, askers, told, awaited };
    record.round = round;
    if (backups !== nobody) {
      const progress = [...each(askers)].map((asker) => this.applied.progressOf(asker));
      host.broadcast({ type: 'store', key, entry: next, owner, applied, progress }, backups);
    }
    if (told !== nobody) {
      const update = this.settings.policy === 'update';
      const present = next.value !== ABSENT;
      host.broadcast(update ? { type: 'update', key, entry: next } : { type: 'halt', key, present }, told);
    }
    if (awaited === nobody) this.conclude(key, record, round, host);
  }

  /** Nobody reads the value before, and every backup holds the one after it. */
  private conclude(key: Key, record: Record, round: Round, host: Host<Message>): void {
    record.round = undefined;
    if (round.kind === 'acquire') this.grant(key, record, round, host);
    else this.apply(key, record, round, host);
  }

  private apply(
    key: Key,
    record: Record,
    round: Extract<Round, { kind: 'change' }>,
    host: Host<Message>,
  ): void {
    const { next, owner, served, applied, askers, told } = round;
    const present = next.value !== ABSENT;
    record.entry = next;
    record.owner = owner;
    for (const one of applied) this.applied.record(one);
    this.show(key, record);
    const update = this.settings.policy === 'update';
    if (!update) record.copies = without(record.copies, told);
    this.join(record, askers);
    this.answer(key, { served, next, owner, news: true }, host);
    // While somebody has write access, copies stay halted. Who was given no value learnt of the change by its halt.
    const resumes = record.grant === undefined;
    const halted = update ? nobody : told;
    const others = without(this.places.everyone, askers | halted | only(this.self) | this.places.gone);
    if (others !== nobody) host.broadcast({ type: 'announce', key, present, resumes }, others);
    host.changed(key);
  }

  /** What the home itself may read. */
  private show(key: Key, { entry, grant }: Record): void {
    const valid = grant === undefined || grant.holder === this.self || this.settings.whileHeld === 'serve';
    this.holdings.hold(key, entry, valid, 'home');
    if (entry.value === ABSENT) this.holdings.drop(key);
  }

  /** Answers each change; the last one of each member says what it may read. */
  private answer(key: Key, { served, next, news }: Plan, host: Host<Message>): void {
    let answered = nobody;
    const lasts: boolean[] = [];
    for (let at = served.length - 1; at >= 0; at -= 1) {
      const { from } = served[at] as Served;
      lasts[at] = !includes(answered, from);
      answered = vote(answered, from);
    }
    for (const [at, { from, request, outcome, version, found }] of served.entries()) {
      const more = lasts[at] !== true;
      const { operation, deed } = request;
      const told = outcome === 'applied' ? isOf(next, version, deed.value) : found === next;
      const entry = more || told ? undefined : next;
      host.send(from, { type: 'changed', key, operation, outcome, version, more, news, found, entry });
    }
  }

  private acquire(key: Key, record: Record, { from, request }: Asked<Acquire>, host: Host<Message>): void {
    const awaited = without(record.copies | record.backups, only(from));
    const round: Round = { kind: 'acquire', holder: from, operation: request.operation, awaited };
    record.round = round;
    if (awaited === nobody) return this.conclude(key, record, round, host);
    host.broadcast({ type: 'halt', key, present: undefined }, awaited);
  }

  private grant(
    key: Key,
    record: Record,
    { holder, operation }: Extract<Round, { kind: 'acquire' }>,
    host: Host<Message>,
  ): void {
    record.grant = { holder, operation, number: this.nextVersion() };
    record.copies = nobody;
    this.join(record, only(holder));
    this.show(key, record);
    const { entry } = record;
    host.send(holder, { type: 'granted', key, operation, grant: record.grant.number, entry });
  }

  private release(key: Key, record: Record, { grant }: Release, host: Host<Message>): void {
    if (record.grant?.number !== grant)
      throw new Error(`write access ${grant} to '${key}' has ended already`);
    this.endGrant(key, record, record.grant, host);
  }

  private takeBack(
    key: Key,
    record: Record,
    { from, request: { operation } }: Asked<Withdraw>,
    host: Host<Message>,
  ): void {
    const { grant } = record;
    if (grant?.holder !== from || grant.operation !== operation)
      throw new Error(`write access ${operation} to '${key}' was not asked for`);
    this.endGrant(key, record, grant, host);
    host.send(from, { type: 'withdrawn', key, operation });
  }

  private endGrant(key: Key, record: Record, { holder }: Grant, host: Host<Message>): void {
    const resumed = without(record.backups, only(holder));
    record.grant = undefined;
    this.show(key, record);
    if (resumed !== nobody) host.broadcast({ type: 'resume', key }, resumed);
  }

  private tidy(key: Key, record: Record): void {
    if (record.blank) this.records.delete(key);
  }
}

/** The changes among them that leave something to remember. */
function appliedAmong(served: readonly Served[]): readonly Applied[] {
  const applied: Applied[] = [];
  for (const { from, request, version, outcome } of served) {
    if (outcome === 'applied') applied.push({ origin: from, operation: request.operation, version });
  }
  return applied;
}
