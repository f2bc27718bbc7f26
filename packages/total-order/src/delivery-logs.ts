import { count, each, type Fault, includes, type Members, nobody, type ReplicaId, vote } from '@dsm/core';
import { type Batch, type Place, precedes } from './batch.js';
import type { TotalOrderReplica } from './replica.js';

/** The names of the properties that are looked for. */
interface Properties {
  readonly rising: string;
  readonly shared: string;
  readonly acyclic: string;
  readonly verdicts: string;
  readonly keeps: string;
  readonly uniform: string;
}

/** Names a batch in the whole group. */
type BatchName = string;

/** A batch that was delivered somewhere. */
interface Delivered {
  readonly group: Members;
  readonly verdicts: readonly boolean[];
  by: Members;
  /** What some member delivered next. */
  readonly before: Set<BatchName>;
}

/**
 * The logs of what each member delivered, followed as they grow. Of the past no more is remembered than can still be
 * contradicted: what one member of a pair has delivered and the other has not, and batches before which something may
 * yet turn out to have been delivered.
 */
export class DeliveryLogs {
  private readonly properties: Properties;
  /** By member, what it kept when it was looked at last, and the place of what it had delivered last. */
  private readonly kept: BatchName[][] = [];
  private readonly places: Place[] = [];
  /** By member: the end of its log, while that is among the batches below. */
  private readonly ends: (BatchName | undefined)[] = [];
  private readonly batches = new Map<BatchName, Delivered>();
  /** By pair, `one other`: what one has delivered, and the other, which it also concerns, has not. */
  private readonly ahead = new Map<string, BatchName[]>();

  constructor(properties: Properties) {
    this.properties = properties;
  }

  /** What the deliveries since the last look have broken. */
  fault(replicas: readonly TotalOrderReplica[]): Fault | undefined {
    let moved = false;
    while (this.ends.length < replicas.length) this.ends.push(undefined);
    for (const replica of replicas) {
      const fresh = this.freshAt(replica);
      const fault = this.rises(replica, fresh) ?? this.follow(replica.self, fresh, replicas);
      if (fault !== undefined) return fault;
      moved ||= fresh.length > 0;
    }
    if (moved) this.forget();
    return this.lost();
  }

  /** What a member has delivered since it was looked at last; of what it kept then, some may be gone. */
  private freshAt({ self, kept }: TotalOrderReplica): readonly Batch[] {
    const before = this.kept[self] ?? [];
    let at = 0;
    const fresh = kept.filter((batch) => {
      const old = before.indexOf(nameOf(batch), at);
      if (old >= 0) at = old + 1;
      return old < 0;
    });
    this.kept[self] = kept.map(nameOf);
    return fresh;
  }

  private rises({ self, last }: TotalOrderReplica, fresh: readonly Batch[]): Fault | undefined {
    const { rising } = this.properties;
    let before = this.places[self];
    for (const batch of fresh) {
      if (before !== undefined && !precedes(before, batch)) {
        return { property: rising, detail: `${nameOf(batch)} after ${nameOf(before)} at ${self}` };
      }
      before = batch;
    }
    if (before !== undefined && precedes(last, before)) {
      return { property: rising, detail: `${nameOf(last)} after ${nameOf(before)} at ${self}` };
    }
    const { time, initiator, number } = last;
    this.places[self] = { time, initiator, number };
    return undefined;
  }

  private follow(
    self: ReplicaId,
    fresh: readonly Batch[],
    replicas: readonly TotalOrderReplica[],
  ): Fault | undefined {
    for (const batch of fresh) {
      const fault = this.stored(self, batch, replicas) ?? this.pairs(self, batch) ?? this.append(self, batch);
      if (fault !== undefined) return fault;
    }
    return undefined;
  }

  /** Whether so many of its subscribers know its final time as its delivery asks for. */
  private stored(self: ReplicaId, batch: Batch, replicas: readonly TotalOrderReplica[]): Fault | undefined {
    const name = nameOf(batch);
    let storers = this.batches.get(name)?.by ?? nobody;
    for (const replica of replicas) {
      for (const other of [...replica.kept, ...replica.queue]) {
        if (other.stage !== 'proposed' && nameOf(other) === name) storers = vote(storers, replica.self);
      }
    }
    const needed = replicas[self]?.storersNeeded(batch.group) ?? 1;
    if (count(storers) >= needed) return undefined;
    const detail = `${name} at ${self}, when ${count(storers)} knew the time, not ${needed}`;
    return { property: this.properties.uniform, detail };
  }

  /** At every moment the common part of two logs is, at one of the two, the beginning of that of the other. */
  private pairs(self: ReplicaId, batch: Batch): Fault | undefined {
    const name = nameOf(batch);
    for (const other of each(batch.group)) {
      if (other === self) continue;
      const due = this.ahead.get(`${other} ${self}`);
      if (due === undefined) {
        const mine = this.ahead.get(`${self} ${other}`);
        if (mine === undefined) this.ahead.set(`${self} ${other}`, [name]);
        else mine.push(name);
      } else if (due[0] !== name) {
        const detail = `${self} delivers ${name} where ${other} delivered ${due[0]}`;
        return { property: this.properties.shared, detail };
      } else {
        due.shift();
        if (due.length === 0) this.ahead.delete(`${other} ${self}`);
      }
    }
    return undefined;
  }

  private append(self: ReplicaId, { group, verdicts, ...place }: Batch): Fault | undefined {
    const name = nameOf(place);
    const batch = this.batches.get(name) ?? { group, verdicts, by: nobody, before: new Set() };
    this.batches.set(name, batch);
    batch.by = vote(batch.by, self);
    if (verdicts.some((verdict, index) => verdict !== batch.verdicts[index])) {
      const detail = `${name} at ${self}: ${verdicts}, elsewhere ${batch.verdicts}`;
      return { property: this.properties.verdicts, detail };
    }
    const end = this.ends[self];
    this.ends[self] = name;
    if (end === undefined) return undefined;
    this.batches.get(end)?.before.add(name);
    if (!this.leads(name, end)) return undefined;
    return { property: this.properties.acyclic, detail: `${self} delivers ${name} after ${end}` };
  }

  private leads(from: BatchName, to: BatchName): boolean {
    const reached = new Set([from]);
    for (const name of reached) {
      if (name === to) return true;
      for (const next of this.batches.get(name)?.before ?? []) reached.add(next);
    }
    return false;
  }

  /** What everybody has delivered, and nothing stands before, can be on no cycle any more. */
  private forget(): void {
    for (let before = -1; before !== this.batches.size; ) {
      before = this.batches.size;
      const behind = new Set([...this.batches.values()].flatMap((batch) => [...batch.before]));
      for (const [name, { by, group }] of this.batches) {
        if (by === group && !behind.has(name)) this.batches.delete(name);
      }
    }
    this.ends.forEach((end, self) => {
      if (end !== undefined && !this.batches.has(end)) this.ends[self] = undefined;
    });
  }

  /** A delivered batch that a member has forgotten, although another one may need to be told of it. */
  private lost(): Fault | undefined {
    for (const [name, { by, group }] of this.batches) {
      if (by === group) continue;
      for (const [self, kept] of this.kept.entries()) {
        if (!includes(by, self) || kept.includes(name)) continue;
        return { property: this.properties.keeps, detail: `${self} has forgotten ${name}` };
      }
    }
    return undefined;
  }
}

/** The first batch that has two final times. */
export function finalsAgree(replicas: readonly TotalOrderReplica[], property: string): Fault | undefined {
  const finals = new Map<BatchName, number>();
  for (const { self, kept, queue } of replicas) {
    for (const batch of [...kept, ...queue]) {
      if (batch.stage === 'proposed') continue;
      const name = nameOf(batch);
      const time = finals.get(name) ?? batch.time;
      if (time !== batch.time)
        return { property, detail: `${name} at ${self}: ${batch.time}, elsewhere ${time}` };
      finals.set(name, time);
    }
  }
  return undefined;
}

function nameOf({ initiator, number }: Pick<Place, 'initiator' | 'number'>): BatchName {
  return `${number} of ${initiator}`;
}
