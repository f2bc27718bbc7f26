import { membersMax, type ReplicaId } from '@dsm/core';
import type { Wire } from '@dsm/core/node';
import type { Chance } from '../chance.js';
import type { FaultCounts } from '../fault-kinds.js';
import { memberNames } from '../first-view.js';
import type { NetworkPlan } from '../plan.js';
import type { Clock } from './clock.js';
import type { TraceHash } from './hash.js';
import type { Process } from './process.js';

/** What is later than this comes after a link has lost its patience for the first time. */
const lateUs = 250_000;

const copiesBytes = 16_384;

/** One direction between two members. */
interface Path {
  /** When the last frame that is under way arrives. */
  lastUs: number;
  /** Cuts that are on it. */
  cuts: number;
}

/** Carries frames between processes, as badly as the plan says, until it is healed. */
export class Network {
  healed = false;
  private readonly plan: NetworkPlan;
  private readonly clock: Clock;
  private readonly chance: Chance;
  private readonly counts: FaultCounts;
  private readonly hash: TraceHash;
  private readonly paths: Path[][];
  private copies = new Uint8Array(0);
  private copied = 0;
  /** By slot, the process that can be reached there. */
  private readonly stations: (Process | undefined)[] = [];

  constructor(
    plan: NetworkPlan,
    members: number,
    world: { clock: Clock; chance: Chance; counts: FaultCounts; hash: TraceHash },
  ) {
    this.plan = plan;
    this.clock = world.clock;
    this.chance = world.chance;
    this.counts = world.counts;
    this.hash = world.hash;
    const row = () => Array.from({ length: members }, (): Path => ({ lastUs: 0, cuts: 0 }));
    this.paths = Array.from({ length: members }, row);
  }

  /** A process listens; the others notice some time later. */
  attach(process: Process): Wire {
    this.stations[process.place] = process;
    for (const other of this.stations) {
      if (other !== undefined && other !== process) this.reach(other, process.place);
    }
    return {
      send: (to, frame) => {
        const place = process.places.get(to);
        if (place !== undefined) this.send(process, place, frame);
      },
      dial: (to, { address }) => {
        const place = placeOf(address);
        process.places.set(to, place);
        if (this.stations[place] !== undefined) this.reach(process, place);
      },
      hangUp: (to) => {
        process.places.delete(to);
      },
      close: async () => undefined,
    };
  }

  detach(process: Process): void {
    if (this.stations[process.place] === process) this.stations[process.place] = undefined;
  }

  /** When the last frame that is under way arrives. */
  get lastUs(): number {
    return Math.max(0, ...this.paths.flatMap((row) => row.map((path) => path.lastUs)));
  }

  /** Connections are made anew: both ends are told. */
  reconnect(some: readonly ReplicaId[], others: readonly ReplicaId[]): void {
    for (const one of some) for (const other of others) this.meet(one, other);
  }

  private meet(one: ReplicaId, other: ReplicaId): void {
    const [here, there] = [this.stations[one], this.stations[other]];
    if (here === undefined || there === undefined) return;
    this.reach(here, other);
    this.reach(there, one);
  }

  /** A connection from a process to a place is made some time later. */
  private reach(process: Process, place: ReplicaId): void {
    for (const number of process.numbersOf(place)) {
      this.clock.after(process, this.latency(), () => process.node.arrivals.reachable(number));
    }
  }

  /** Nothing gets from one of the first to one of the second any more. */
  cut(from: readonly ReplicaId[], to: readonly ReplicaId[], by: 1 | -1): void {
    for (const one of from) {
      for (const other of to) {
        const path = this.path(one, other);
        path.cuts += by;
      }
    }
  }

  private send(from: Process, to: ReplicaId, frame: Uint8Array): void {
    // What is sent to nobody is lost anyway, and counts as no fault.
    const station = this.stations[to];
    if (from.dead || station === undefined) return;
    const { healed, plan, chance, counts } = this;
    const path = this.path(from.place, to);
    if (path.cuts > 0 && !healed) {
      counts.cut += 1;
      return;
    }
    if (!healed && plan.dropRate > 0 && chance.happens(plan.dropRate)) {
      counts.drop += 1;
      return;
    }
    this.carry(from, station, frame, path);
    if (healed || plan.duplicateRate === 0 || !chance.happens(plan.duplicateRate)) return;
    counts.duplicate += 1;
    this.carry(from, station, frame, path);
  }

  private carry(from: Process, station: Process, frame: Uint8Array, path: Path): void {
    const { healed, plan, chance, counts, clock } = this;
    let delayUs = this.latency();
    if (!healed && plan.delayRate > 0 && chance.happens(plan.delayRate)) {
      const lateness = chance.below(plan.delayUsMax);
      if (lateness >= lateUs) counts.delay += 1;
      delayUs += lateness;
    }
    let atUs = clock.nowUs + delayUs;
    if (atUs < path.lastUs) {
      if (plan.reorders && !healed) counts.reorder += 1;
      else atUs = path.lastUs;
    }
    path.lastUs = Math.max(path.lastUs, atUs);
    clock.after(station, atUs - clock.nowUs, () => this.arrive(from, station, frame));
  }

  private arrive(from: Process, to: Process, frame: Uint8Array): void {
    this.hash.number(this.clock.nowUs);
    this.hash.number(from.slot * 64 + to.slot);
    this.hash.bytes(frame);
    const answer = (back: Uint8Array) => this.send(to, from.place, back);
    to.node.arrivals.frame(this.copyOf(frame), answer);
  }

  /** A receiver may keep and change what it is given. Copies share buffers: small ones cost more than they hold. */
  private copyOf(frame: Uint8Array): Uint8Array {
    if (this.copied + frame.length > this.copies.length) {
      this.copies = new Uint8Array(Math.max(copiesBytes, frame.length));
      this.copied = 0;
    }
    const copy = this.copies.subarray(this.copied, this.copied + frame.length);
    copy.set(frame);
    this.copied += frame.length;
    return copy;
  }

  private latency(): number {
    const { latencyUsMax, grainUs } = this.plan;
    const steps = Math.max(1, Math.floor(latencyUsMax / grainUs));
    return grainUs * this.chance.between(1, steps);
  }

  private path(from: ReplicaId, to: ReplicaId): Path {
    return (this.paths[from] as Path[])[to] as Path;
  }
}

/** Addresses are the names of the first members, and go on like them. */
function placeOf(address: string): ReplicaId {
  return memberNames(membersMax).indexOf(address);
}
