import { ABSENT, type Key, type Members, type OperationId, type RawEntry, type Value } from '@dsm/core';
import type { Command, Outcome } from './command.js';
import type { Request } from './requests.js';

/**
 * How many tokens a key has, one of them the owner's. They cannot run out: between two writes a member asks once for a
 * token to read with, and is given at most one by each other, so that 31 members have fewer than 31 × 31.
 */
export const tokensPerKey = 4_096;

/** A value with its version: how many times the key had been written. */
export interface Versioned extends RawEntry {
  readonly value: Value;
  readonly version: number;
}

/** The round in which a writer shows the others what it is about to write. All tokens stay where they are. */
export interface Round {
  readonly outcome: Outcome;
  /** Of the request that brought the tokens; 0 where none was needed. */
  readonly time: number;
  /** Who keeps the new value. */
  votes: Members;
}

/** What is under way at a member for one key. */
class UnderWay {
  /** What a writer has shown and not yet let be read. Only while there is no token here. */
  prepared: Versioned | undefined = undefined;
  /** Requests of all members, this one's too, that are not closed; the oldest first. */
  readonly requests: Request[] = [];
  /** Reads of this member that wait for a token and the data. */
  readonly reads: OperationId[] = [];
  /** Writes of this member that wait for all tokens, in the order in which they were asked for. */
  readonly commands: Command[] = [];
  round: Round | undefined = undefined;

  get over(): boolean {
    const { prepared, requests, reads, commands, round } = this;
    return requests.length + reads.length + commands.length === 0 && (prepared ?? round) === undefined;
  }
}

const none: readonly never[] = [];

/** What is true of a holding, in one number: each as a property would take eight bytes of every key. */
const flag = { owner: 1, valid: 2, untold: 4, present: 8 } as const;

/** What a member has of one key. */
export class Holding {
  readonly key: Key;
  /** Of all holdings of the key and of what is in flight the sum is `tokensPerKey`. */
  tokens: number;
  /** The newest value that came here; kept when it cannot be read, for the next view. */
  entry: Versioned;
  /** The newest version heard of. */
  heard: number;
  private flags = 0;
  /** Of most keys nothing is under way, and it would take more than all the rest. */
  private work: UnderWay | undefined = undefined;

  /** A key as its home has it in the beginning, with all tokens, or as others have it, with none. */
  constructor(key: Key, entry: Versioned, isHome: boolean) {
    this.key = key;
    this.tokens = isHome ? tokensPerKey : 0;
    this.owner = isHome;
    this.entry = entry;
    this.valid = isHome;
    this.heard = entry.version;
    this.present = entry.value !== ABSENT;
  }

  /** Whether the owner token is among the tokens. Then the data is valid. */
  get owner(): boolean {
    return this.has(flag.owner);
  }

  set owner(owner) {
    this.set(flag.owner, owner);
  }

  /** Whether `entry` is the newest there is. Never without a token. */
  get valid(): boolean {
    return this.has(flag.valid);
  }

  set valid(valid) {
    this.set(flag.valid, valid);
  }

  /** With `migrate`: tokens were taken from others, and nothing written. Their watchers must hear of the next write. */
  get untold(): boolean {
    return this.has(flag.untold);
  }

  set untold(untold) {
    this.set(flag.untold, untold);
  }

  /** Whether the newest version heard of is a value. */
  get present(): boolean {
    return this.has(flag.present);
  }

  set present(present) {
    this.set(flag.present, present);
  }

  /** What is under way, to be added to or taken from. */
  get underWay(): UnderWay {
    this.work ??= new UnderWay();
    return this.work;
  }

  /** Whether nothing is. */
  get quiet(): boolean {
    return this.work === undefined;
  }

  get requests(): readonly Request[] {
    return this.work?.requests ?? none;
  }

  get reads(): readonly OperationId[] {
    return this.work?.reads ?? none;
  }

  get commands(): readonly Command[] {
    return this.work?.commands ?? none;
  }

  get round(): Round | undefined {
    return this.work?.round;
  }

  get prepared(): Versioned | undefined {
    return this.work?.prepared;
  }

  /** Forgets that anything was under way, where nothing is any more. */
  settled(): void {
    if (this.work?.over) this.work = undefined;
  }

  private has(one: number): boolean {
    return (this.flags & one) !== 0;
  }

  private set(one: number, on: boolean): void {
    this.flags = on ? this.flags | one : this.flags & ~one;
  }
}
