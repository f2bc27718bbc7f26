import {
  count,
  everyone,
  type Host,
  includes,
  type Members,
  nobody,
  only,
  type ReplicaId,
  type View,
  without,
} from '@dsm/core';
import type { Message, Round } from './messages.js';

/** A member with so many rounds under way is busy. */
const busyRoundsUsual = 4;
/** Whoever has not answered after this, and at most twice this, is not waited for alone. */
const patienceMs = 20;

/**
 * Whom rounds ask, and when they ask others. A member that has little to do asks everybody about each key, and takes
 * the first answers. One that is busy asks for all keys at once, and only those next to it: the answers of a quorum are
 * enough. It asks the others if these do not answer soon: "thrifty" (Moraru, Andersen, Kaminsky, SOSP 2013) with hedged
 * requests (Dean, Barroso: The tail at scale, CACM 56(2), 2013).
 */
export class Asking {
  everyone: Members = nobody;
  private readonly self: ReplicaId;
  private readonly busyRounds: number;
  /** Those who were asked and did not answer in time, until they are heard of. */
  private doubted: Members = nobody;
  /** A quorum with this member, of those who are next to it and answer. */
  near: Members = nobody;
  /** In the order of a ring that begins behind this member, so that all members are asked alike. */
  others: readonly ReplicaId[] = [];
  private voices = 0;
  private waiting = false;
  /** Rounds up to this one have waited since the last lapse. */
  private waited: Round = 0;

  constructor(self: ReplicaId, busyRounds = busyRoundsUsual) {
    this.self = self;
    this.busyRounds = busyRounds;
  }

  /** So many of the members of a view have to answer. */
  form({ members }: View, voices: number): void {
    const slots = members.map(({ slot }) => slot).sort((one, other) => one - other);
    this.everyone = everyone(slots);
    this.others = [...slots.filter((slot) => slot > this.self), ...slots.filter((slot) => slot < this.self)];
    this.voices = voices;
    this.choose();
  }

  /** Whether so many rounds under way are much to do. */
  isBusy(rounds: number): boolean {
    return rounds >= this.busyRounds;
  }

  /** Sets the timer, unless it is. */
  wait(host: Host<Message>): void {
    if (this.waiting) return;
    this.waiting = true;
    host.setTimer('late', patienceMs);
  }

  /** Time has passed: the last of the rounds that have waited for long, where this is the last one of all. */
  lapse(last: Round): Round {
    const { waited } = this;
    this.waiting = false;
    this.waited = last;
    return waited;
  }

  doubt(members: Members): void {
    this.doubted |= members;
    this.choose();
  }

  heard(from: ReplicaId): void {
    if (!includes(this.doubted, from)) return;
    this.doubted = without(this.doubted, only(from));
    this.choose();
  }

  private choose(): void {
    const trusted = this.others.filter((other) => !includes(this.doubted, other)).slice(0, this.voices - 1);
    const near = everyone([this.self, ...trusted]);
    this.near = count(near) < this.voices ? this.everyone : near;
  }
}
