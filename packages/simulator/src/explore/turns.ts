import type { Fault, Replica, ReplicaId } from '@dsm/core';
import { firstView } from '../first-view.js';
import type { Subject } from '../subject.js';
import { type Action, actionOf, kinds } from './action.js';
import { Names } from './names.js';
import { copied, fingerprint, reached } from './plain-data.js';
import { builtIn } from './scenario.js';
import { Trie } from './trie.js';
import { act, type Deeds, type Ending, type Stimulus } from './turn.js';

/** A member between two events: a replica that nobody changes any more, and the timers that are set. */
export interface Snapshot {
  readonly replica: Replica<unknown>;
  readonly timers: readonly string[];
}

/** A message in flight. `message` is changed by nobody: who receives it is given a copy. */
export interface Parcel {
  readonly from: ReplicaId;
  readonly to: ReplicaId;
  readonly message: unknown;
}

/** What a member did in one turn, in numbers of snapshots and parcels. */
export interface Turn {
  readonly snapshot: number;
  readonly sent: readonly number[];
  readonly endings: readonly Ending[];
  readonly fault: Fault | undefined;
}

/**
 * The turns of all members, in whatever script. A replica is plain data, so one that is in the same state and meets the
 * same event does the same: each turn runs once, however many states of the group it is a part of. In fact it runs
 * twice, on two copies: a replica that then does something else depends on more than its state, and the objects that
 * both results have in common are constants, which a copy must not copy.
 */
export class Turns {
  readonly snapshots: Snapshot[] = [];
  readonly parcels: Parcel[] = [];
  readonly size: number;
  readonly names: readonly string[];
  /** The timers that were met, by number. */
  readonly timers: string[] = [];
  private readonly protocol: Subject['protocol'];
  private readonly constants = new Map<object, number>();
  /** What each constant was when it was found. */
  private readonly constantTexts: string[] = [];
  private readonly snapshotNames = new Names();
  private readonly parcelNames = new Names();
  private readonly deedNames = new Names();
  private readonly timerNames = new Names();
  private readonly known = new Trie();
  /** By node of `known`; those of longer paths are undefined. */
  private readonly turns: (Turn | undefined)[] = [];

  constructor(protocol: Subject['protocol'], names: readonly string[]) {
    this.protocol = protocol;
    this.size = names.length;
    this.names = names;
  }

  /** A member enters the first view of its group. */
  enter(self: ReplicaId): Turn {
    const stimulus = () => ({ kind: 'enter', view: firstView(this.names) }) as const;
    return this.run(self, () => this.protocol.replica(self), [], stimulus);
  }

  /** What a member does; `code` is a number that stands for the event and for no other one. */
  take(self: ReplicaId, snapshot: number, code: number, stimulus: () => Stimulus): Turn {
    const node = this.known.child(this.known.child(Trie.root, snapshot), code);
    const known = this.turns[node];
    if (known !== undefined) return known;
    const { replica, timers } = this.snapshots[snapshot] as Snapshot;
    const turn = this.run(self, () => copied(replica, this.constants), timers, stimulus);
    this.turns[node] = turn;
    return turn;
  }

  /** The code for the beginning of an operation: scripts that plan the same at different places share it. */
  codeOf(deed: Stimulus): Action {
    return actionOf(kinds.invoke, this.deedNames.of(fingerprint(deed)));
  }

  timerOf(name: string): number {
    const number = this.timerNames.of(name);
    this.timers[number] ??= name;
    return number;
  }

  /** The same member with the given timers. */
  withTimers(snapshot: number, self: ReplicaId, timers: readonly string[]): number {
    return this.keep({ replica: (this.snapshots[snapshot] as Snapshot).replica, timers }, self);
  }

  parcel(number: number): Parcel {
    return this.parcels[number] as Parcel;
  }

  private run(
    self: ReplicaId,
    replica: () => Replica<unknown>,
    timers: readonly string[],
    stimulus: () => Stimulus,
  ): Turn {
    const once = replica();
    const again = replica();
    const met = stimulus();
    const before = met.kind === 'receive' ? fingerprint(met.message) : '';
    const deeds = act(once, { self, size: this.size, timers }, met);
    const others = act(again, { self, size: this.size, timers }, stimulus());
    this.findConstants(once, again);
    const snapshot = this.keep({ replica: once, timers: deeds.timers }, self);
    const sent = deeds.sent.map((parcel) => this.parcelOf(self, parcel));
    const same =
      fingerprint(once, this.constants) === fingerprint(again, this.constants) &&
      deedsText(deeds) === deedsText(others);
    const fault =
      deeds.fault ?? handled(met, before, self) ?? this.shared(met, self) ?? repeated(same, met, self);
    return { snapshot, sent, endings: deeds.endings, fault };
  }

  /** What two replicas have in common that were made apart belongs to neither. */
  private findConstants(once: Replica<unknown>, again: Replica<unknown>): void {
    const others = reached(again, this.constants);
    for (const object of reached(once, this.constants)) {
      if (!others.has(object)) continue;
      this.constants.set(object, this.constants.size);
      this.constantTexts.push(fingerprint(object, noConstants));
    }
  }

  /** Constants that a handler changed. They keep their first texts, so that every later turn is accused, too. */
  private shared({ kind }: Stimulus, self: ReplicaId): Fault | undefined {
    for (const [object, number] of this.constants) {
      if (fingerprint(object, noConstants) === this.constantTexts[number]) continue;
      const detail = `${kind} at m${self} changed an object that is no part of its replica alone`;
      return { property: builtIn.shared, detail };
    }
    return undefined;
  }

  private keep(snapshot: Snapshot, self: ReplicaId): number {
    const text = `${self}.${snapshot.timers.join()}.${fingerprint(snapshot.replica, this.constants)}`;
    const number = this.snapshotNames.of(text);
    this.snapshots[number] ??= snapshot;
    return number;
  }

  private parcelOf(from: ReplicaId, { to, message, text }: Deeds['sent'][number]): number {
    const number = this.parcelNames.of(`${from}>${to}:${text}`);
    this.parcels[number] ??= { from, to, message };
    return number;
  }
}

const noConstants = new Map<object, number>();

function handled(met: Stimulus, before: string, self: ReplicaId): Fault | undefined {
  if (met.kind !== 'receive' || fingerprint(met.message) === before) return undefined;
  return { property: builtIn.changed, detail: `by m${self}, which received it: ${before}` };
}

function repeated(same: boolean, { kind }: Stimulus, self: ReplicaId): Fault | undefined {
  if (same) return undefined;
  const detail = `${kind} at m${self}: two equal replicas that met the same event differ after it`;
  return { property: builtIn.chance, detail };
}

function deedsText({ sent, endings, timers, fault }: Deeds): string {
  return fingerprint([sent.map(({ to, text }) => [to, text]), endings, timers, fault]);
}
