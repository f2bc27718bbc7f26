import { type Member, membersMax, type ReplicaId, type Tag, tagOf, type View } from '@dsm/core';
import type { Vector } from './vector.js';

/** The place of an origin in the vectors of this member. */
export type Origin = number;

/** In tags, it stands for all who came later: no member of a first view has this slot. */
const laterSlot = membersMax;

/** How a member numbers origins. */
export interface Numbering {
  /** How many there are of the first view. */
  readonly first: number;
  /** The incarnations of those who came later: numbered on from `first`. */
  readonly later: readonly number[];
}

/** A vector as a text that means the same at every member; `digits` is the base of its numbers. */
export function named(vector: Readonly<Vector>, { first, later }: Numbering, digits: number): string {
  const formed = vector.slice(0, first).map((sequence) => sequence.toString(digits));
  const others = later
    .map((incarnation, index) => ({ incarnation, sequence: vector[first + index] ?? 0 }))
    .filter(({ sequence }) => sequence > 0)
    .sort((one, other) => one.incarnation - other.incarnation)
    .map(({ incarnation, sequence }) => `${incarnation.toString(36)}=${sequence.toString(digits)}`);
  return others.length === 0 ? formed.join('.') : `${formed.join('.')}:${others.join('.')}`;
}

/**
 * The origins of updates as a member numbers them. An origin is a process: a member that lost its memory comes back as
 * another one. Those of the first view have the numbers of their slots there, the same at every member; those who
 * came later follow in the order in which this member has heard of them, which is its own. So a message says which
 * those are, and its vectors are translated by whoever receives it. Nobody forgets an origin: what it wrote stays.
 */
export class Origins implements Numbering {
  first = 0;
  /** Replaced, never changed. */
  later: readonly number[] = [];
  /** This member's own number. */
  self: Origin;
  /** The members now, without this one. */
  others: readonly Origin[] = [];
  private readonly numbers = new Map<number, Origin>();
  /** By the slot that a member has here. */
  private origins: (Origin | undefined)[] = [];
  private slots: (ReplicaId | undefined)[] = [];

  constructor(self: ReplicaId) {
    this.self = self;
  }

  get size(): number {
    return this.first + this.later.length;
  }

  /** Numbers the first view. Who comes later is not in it, even under a name of it. */
  form({ members }: View): void {
    this.first = members.length;
    for (const { slot, incarnation } of members) this.numbers.set(incarnation, slot);
  }

  /** Takes over who is a member now, by slot. `slot` is that of this member. */
  become(members: readonly Member[], slot: ReplicaId = this.self): void {
    this.origins = [];
    this.slots = [];
    for (const member of members) {
      const origin = this.numberOf(member.incarnation);
      this.origins[member.slot] = origin;
      this.slots[origin] = member.slot;
    }
    this.self = this.origins[slot] ?? this.self;
    this.others = members
      .map((member) => this.numberOf(member.incarnation))
      .filter((one) => one !== this.self);
  }

  /** The number of a process, which is heard of now if it was not before. */
  numberOf(incarnation: number): Origin {
    const known = this.numbers.get(incarnation);
    if (known !== undefined) return known;
    const origin = this.size;
    this.numbers.set(incarnation, origin);
    this.later = [...this.later, incarnation];
    return origin;
  }

  /** The number of a process; undefined where it was never heard of. */
  find(incarnation: number): Origin | undefined {
    return this.numbers.get(incarnation);
  }

  /** Which origin a member is, by the slot it has here. */
  at(slot: ReplicaId): Origin | undefined {
    return this.origins[slot];
  }

  /** The slot of an origin that is a member. */
  slotOf(origin: Origin): ReplicaId | undefined {
    return this.slots[origin];
  }

  /** Whether an origin is a member now, as this one is. */
  isMember(origin: Origin): boolean {
    return origin === this.self || this.slots[origin] !== undefined;
  }

  /** Of an origin that came later, its incarnation; 0 for one of the first view. */
  incarnationOf(origin: Origin): number {
    return this.later[origin - this.first] ?? 0;
  }

  /** The order of all writes but for those of one time by two who came later: `isLater` decides between them. */
  tagOf({ time, origin }: { readonly time: number; readonly origin: Origin }): Tag {
    return tagOf(time, origin < this.first ? origin : laterSlot);
  }

  /** Whether of two writes with the same tag the first wins: the same at every member, whatever its numbers. */
  isLater(origin: Origin, other: Origin): boolean {
    return this.incarnationOf(origin) > this.incarnationOf(other);
  }

  /** A name of a write that means the same at every member. */
  versionOf(tag: Tag, origin: Origin): number | string {
    return origin < this.first ? tag : `${tag}.${this.incarnationOf(origin).toString(36)}`;
  }

  /** How the numbers of a sender translate; undefined where they are the same here. */
  translation(later: readonly number[]): Translation | undefined {
    if (later.length === 0) return undefined;
    const numbers = later.map((incarnation) => this.numberOf(incarnation));
    return numbers.every((origin, index) => origin === this.first + index)
      ? undefined
      : new Translation(this.first, numbers);
  }
}

/** From the numbers of a sender to those of a receiver. */
export class Translation {
  private readonly first: number;
  private readonly numbers: readonly Origin[];

  constructor(first: number, numbers: readonly Origin[]) {
    this.first = first;
    this.numbers = numbers;
  }

  origin(origin: Origin): Origin | undefined {
    return origin < this.first ? origin : this.numbers[origin - this.first];
  }

  vector(vector: Readonly<Vector>): Vector {
    const translated = vector.slice(0, this.first);
    for (let index = this.first; index < vector.length; index += 1) {
      const origin = this.numbers[index - this.first];
      // A number without a name stands for nobody.
      if (origin === undefined) continue;
      while (translated.length <= origin) translated.push(0);
      translated[origin] = vector[index] as number;
    }
    return translated;
  }
}
