import {
  ABSENT,
  count,
  type Expectation,
  everyone,
  type Host,
  homeOf,
  type Key,
  type Member,
  type Members,
  nobody,
  type OperationId,
  only,
  type RawEntry,
  type Replica,
  type ReplicaId,
  type Value,
  type View,
  vote,
  without,
} from '@dsm/core';
import { type Command, type Outcome, perform } from './command.js';
import { Holding, tokensPerKey, type Versioned } from './holding.js';
import type { Close, Granted, Message, Seek, Share, Update, Updated } from './messages.js';
import { close, find, open, overtake, type Request } from './requests.js';
import { type Sealed, sealed } from './sealed.js';

/** The options of the protocol, complete. */
export interface Settings {
  readonly writes: 'update' | 'migrate';
  /** The values that keys have in the first view, encoded. */
  readonly initial: ReadonlyMap<Key, Value>;
}

/** How many writes of a member are done under one hold of the tokens while others may be waiting. */
export const commandsPerHold = 64;

/** What a member has heard of a key. */
type News = Pick<Holding, 'present' | 'heard'>;

const absent: Versioned = { value: ABSENT, version: 0 };

/**
 * Single writer or many readers, by counting tokens: Martin, Hill and Wood, "Token coherence: decoupling performance
 * and correctness" (ISCA 2003), with persistent requests only, since links lose nothing. Invariants: a key has exactly
 * `tokensPerKey` tokens, held or in flight; a member writes only while it holds all of them, and reads only while it
 * holds one and valid data; what carries the owner token carries the data.
 */
export class TokenReplica implements Replica<Message, Sealed> {
  readonly self: ReplicaId;
  readonly settings: Settings;
  /** Of the view; nobody before it was entered. */
  members: readonly Member[] = [];
  private others: Members = nobody;

  /** Keys that were used, or that others have spoken of. */
  readonly holdings = new Map<Key, Holding>();
  /** At least the time of every request that is known here. */
  clock = 0;

  constructor(self: ReplicaId, settings: Settings) {
    this.self = self;
    this.settings = settings;
  }

  read(operation: OperationId, key: Key, host: Host<Message>): void {
    const holding = this.at(key);
    if (holding.valid) return host.complete(operation, { kind: 'read', entry: holding.entry });
    holding.underWay.reads.push(operation);
    this.settle(holding, host);
  }

  write(operation: OperationId, key: Key, value: Value, host: Host<Message>): void {
    const holding = this.at(key);
    if (!this.writesAlone(holding)) {
      return this.command(holding, { operation, value, expected: undefined }, host);
    }
    const { present, heard, entry } = holding;
    const version = entry.version + 1;
    this.apply(holding, { value, version }, host);
    host.complete(operation, { kind: 'written', version });
    this.tell(holding, 0, { present, heard }, host);
  }

  swap(operation: OperationId, key: Key, expected: Expectation, value: Value, host: Host<Message>): void {
    this.command(this.at(key), { operation, value, expected }, host);
  }

  receive(from: ReplicaId, message: Message, host: Host<Message>): void {
    const holding = this.at(message.key);
    switch (message.type) {
      case 'seek':
        return this.onSeek(from, message, holding, host);
      case 'granted':
        return this.onGranted(message, holding, host);
      case 'yielded':
        holding.tokens += message.tokens;
        return this.settle(holding, host);
      case 'close':
        return this.onClose(from, message, holding, host);
      case 'update':
        return this.onUpdate(from, message, holding, host);
      case 'updated':
        return this.onUpdated(from, message, holding, host);
      case 'share':
        return this.onShare(from, message, holding, host);
      case 'announce':
        return hear(holding, message.version, message.present, host);
    }
  }

  /** The keys that have a value, as far as this member has heard. */
  *keys(): Iterable<Key> {
    for (const { key, present } of this.holdings.values()) if (present) yield key;
  }

  /** What a read is answered at once, if it is: a token and valid data are here. */
  peek(key: Key): RawEntry | undefined {
    const holding = this.holdings.get(key);
    return holding?.valid ? holding.entry : undefined;
  }

  seal(): Sealed {
    return sealed(this.clock, this.holdings.values());
  }

  enter(view: View, states: readonly Sealed[]): void {
    if (this.members.length > 0 || states.length > 0) throw new Error('views cannot change yet');
    this.members = view.members;
    this.others = without(everyone(view.members.map(({ slot }) => slot)), only(this.self));
    for (const key of this.settings.initial.keys()) this.at(key);
  }

  /** What a key has in the first view. */
  initial(key: Key): Versioned {
    const value = this.settings.initial.get(key);
    return value === undefined ? absent : { value, version: 1 };
  }

  /** What this member has of a key; in the beginning its home has everything. */
  private at(key: Key): Holding {
    const known = this.holdings.get(key);
    if (known !== undefined) return known;
    const holding = new Holding(key, this.initial(key), homeOf(key, this.members) === this.self);
    this.holdings.set(key, holding);
    return holding;
  }

  private command(holding: Holding, command: Command, host: Host<Message>): void {
    holding.underWay.commands.push(command);
    this.settle(holding, host);
  }

  private onSeek(from: ReplicaId, { time, reading }: Seek, holding: Holding, host: Host<Message>): void {
    this.clock = Math.max(this.clock, time);
    open(holding.underWay.requests, from, time, reading);
    this.settle(holding, host);
  }

  private onGranted(message: Granted, holding: Holding, host: Host<Message>): void {
    const { tokens, owner, version, value } = message;
    holding.tokens += tokens;
    holding.owner ||= owner;
    // Nobody has written while a token was on its way: what comes with it is the newest.
    holding.entry = { value, version };
    holding.valid = true;
    hear(holding, version, value !== ABSENT, host);
    this.settle(holding, host);
  }

  private onClose(from: ReplicaId, message: Close, holding: Holding, host: Host<Message>): void {
    close(holding.underWay.requests, from, message.time);
    hear(holding, message.version, message.present, host);
    this.settle(holding, host);
  }

  private onUpdate(
    from: ReplicaId,
    { key, version, value }: Update,
    holding: Holding,
    host: Host<Message>,
  ): void {
    holding.underWay.prepared = { value, version };
    host.send(from, { type: 'updated', key, version });
  }

  private onUpdated(from: ReplicaId, { version }: Updated, holding: Holding, host: Host<Message>): void {
    const { round } = holding;
    if (round?.outcome.entry.version !== version) throw new Error(`nobody showed version ${version}`);
    round.votes = vote(round.votes, from);
    if (round.votes !== this.others) return;

    holding.underWay.round = undefined;
    this.finish(holding, round.outcome, round.time, host);
    this.settle(holding, host);
  }

  /** Every member has the newest value, and now a token, too. */
  private onShare(from: ReplicaId, { time, version }: Share, holding: Holding, host: Host<Message>): void {
    if (time > 0) close(holding.underWay.requests, from, time);
    const { prepared } = holding;
    if (prepared?.version === version) {
      holding.entry = prepared;
      holding.underWay.prepared = undefined;
    }
    if (holding.entry.version !== version) throw new Error(`version ${version} was never shown`);
    holding.tokens += 1;
    holding.valid = true;
    hear(holding, version, holding.entry.value !== ABSENT, host);
    this.settle(holding, host);
  }

  /** Does what can be done now: reads, then the requests of all, the oldest first; asks for what is missing. */
  private settle(holding: Holding, host: Host<Message>): void {
    if (holding.quiet) return;
    if (holding.valid && holding.reads.length > 0) this.answerReads(holding, host);
    if (holding.round !== undefined) return;
    this.serve(holding, host);
    this.seekWhatIsMissing(holding, host);
    holding.settled();
  }

  private answerReads(holding: Holding, host: Host<Message>): void {
    const { entry, underWay } = holding;
    const { reads, requests } = underWay;
    for (const operation of reads.splice(0)) host.complete(operation, { kind: 'read', entry });
    const request = find(requests, this.self, true);
    if (request === undefined) return;
    const { key, heard: version, present } = holding;
    close(requests, this.self, request.time);
    host.broadcast({ type: 'close', key, time: request.time, reading: true, version, present }, this.others);
  }

  /** What waits for a younger request than one that cannot be served now waits, too. */
  private serve(holding: Holding, host: Host<Message>): void {
    const { requests } = holding;
    for (let at = 0; at < requests.length; ) {
      const request = requests[at] as Request;
      if (request.reading) {
        this.serveRead(holding, request, host);
        at += 1;
      } else if (request.slot !== this.self) {
        return this.yieldTo(request.slot, holding, host);
      } else {
        if (!holdsAll(holding)) return;
        this.hold(holding, request, host);
        // Where it has ended its request is closed, and the next one is in its place.
        if (holding.round !== undefined) return;
      }
    }
  }

  /** The owner gives one token with the data. */
  private serveRead(holding: Holding, request: Request, host: Host<Message>): void {
    if (request.slot === this.self || request.served || !holding.owner || holding.tokens < 2) return;
    const { key, entry, requests } = holding;
    overtake(requests, request);
    request.served = true;
    holding.tokens -= 1;
    host.send(request.slot, { type: 'granted', key, tokens: 1, owner: false, ...entry });
  }

  /** All tokens that are here go to a writer whose turn it is. */
  private yieldTo(slot: ReplicaId, holding: Holding, host: Host<Message>): void {
    const { key, tokens, owner, entry } = holding;
    if (tokens === 0) return;
    holding.tokens = 0;
    holding.owner = false;
    holding.valid = false;
    // Who writes next has asked for the tokens, and tells everybody by closing its request.
    holding.untold = false;
    host.send(
      slot,
      owner ? { type: 'granted', key, tokens, owner, ...entry } : { type: 'yielded', key, tokens },
    );
  }

  /** Writes of this member under all tokens, which `request` has brought; no more than may be while others wait. */
  private hold(holding: Holding, request: Request | undefined, host: Host<Message>): void {
    const { key, entry, underWay } = holding;
    overtake(underWay.requests, request);
    const outcome = perform(entry, underWay.commands.splice(0, commandsPerHold));
    const time = request?.time ?? 0;
    if (this.settings.writes === 'migrate' || this.others === nobody || outcome.entry === entry) {
      return this.finish(holding, outcome, time, host);
    }
    underWay.round = { outcome, time, votes: nobody };
    host.broadcast({ type: 'update', key, ...outcome.entry }, this.others);
  }

  /** Everybody has the new value who must: it can be read from now on, and the operations have ended. */
  private finish(holding: Holding, { entry, ends }: Outcome, time: number, host: Host<Message>): void {
    const { present, heard } = holding;
    const writes = entry !== holding.entry;
    if (writes) this.apply(holding, entry, host);
    for (const { operation, result } of ends) host.complete(operation, result);
    if (time > 0) close(holding.underWay.requests, this.self, time);
    if (this.settings.writes === 'migrate') this.tell(holding, time, { present, heard }, host);
    else if (writes || time > 0) this.share(holding, time, host);
  }

  private apply(holding: Holding, entry: Versioned, host: Host<Message>): void {
    holding.entry = entry;
    hear(holding, entry.version, entry.value !== ABSENT, host);
  }

  /**
   * The others need not remember the request; where there was none, they need to know which keys there are, and that
   * there is something new where they were not told as their tokens were taken.
   */
  private tell(holding: Holding, time: number, before: News, host: Host<Message>): void {
    if (this.others === nobody) return;
    const { key, present, heard: version, untold } = holding;
    const writes = version !== before.heard;
    if (time > 0) host.broadcast({ type: 'close', key, time, reading: false, version, present }, this.others);
    else if (present !== before.present || (untold && writes)) {
      host.broadcast({ type: 'announce', key, version, present }, this.others);
    }
    holding.untold = writes ? false : untold || time > 0;
  }

  /** A token for everybody: all have the newest value, and whoever asked to read is served by this. */
  private share(holding: Holding, time: number, host: Host<Message>): void {
    if (this.others === nobody) return;
    const { key, entry, requests } = holding;
    for (const request of requests) request.served ||= request.reading;
    holding.tokens -= count(this.others);
    host.broadcast({ type: 'share', key, time, version: entry.version }, this.others);
  }

  private seekWhatIsMissing(holding: Holding, host: Host<Message>): void {
    const { reads, commands, requests } = holding;
    if (commands.length > 0 && find(requests, this.self, false) === undefined) {
      // Who else waits would have been given tokens.
      while (commands.length > 0 && holding.round === undefined && holdsAll(holding)) {
        this.hold(holding, undefined, host);
      }
      if (commands.length > 0 && holding.round === undefined) this.seek(holding, false, host);
    }
    if (reads.length > 0 && !this.isComing(requests)) this.seek(holding, true, host);
  }

  /** Whether a token and the data will come without being asked for (again). */
  private isComing(requests: readonly Request[]): boolean {
    const shares = this.settings.writes === 'update';
    return requests.some(({ slot, reading }) => slot === this.self || (shares && !reading));
  }

  private seek({ key, underWay }: Holding, reading: boolean, host: Host<Message>): void {
    this.clock += 1;
    const { clock: time } = this;
    open(underWay.requests, this.self, time, reading);
    host.broadcast({ type: 'seek', key, time, reading }, this.others);
  }

  /** Whether a write is done here and now. Who has all tokens has nobody waiting: they would have been given them. */
  private writesAlone(holding: Holding): boolean {
    return holdsAll(holding) && (this.settings.writes === 'migrate' || this.others === nobody);
  }
}

function holdsAll({ tokens }: Holding): boolean {
  return tokens === tokensPerKey;
}

/** There is a newer version: whoever watches the key reads it. */
function hear(holding: Holding, version: number, present: boolean, host: Host<Message>): void {
  if (version <= holding.heard) return;
  holding.heard = version;
  holding.present = present;
  host.changed(holding.key, holding.valid && holding.entry.version === version ? holding.entry : undefined);
}
