import type { ReplicaId } from '@dsm/core';
import type { Wire } from '@dsm/core/node';
import type { Chance } from '../chance.js';
import type { FaultCounts } from '../fault-kinds.js';
import type { NetworkPlan } from '../plan.js';
import type { Clock } from './clock.js';
import type { TraceHash } from './hash.js';
import type { Process } from './process.js';

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
    this.stations[process.slot] = process;
    for (const other of this.stations) {
      if (other === undefined || other === process) continue;
      this.clock.after(other, this.latency(), () => other.node.arrivals.reachable(process.slot));
    }
    return {
      send: (to, frame) => this.send(process, to, frame),
      close: async () => undefined,
    };
  }

  detach(process: Process): void {
    if (this.stations[process.slot] === process) this.stations[process.slot] = undefined;
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
    if (from.dead) return;
    const { healed, plan, chance, counts } = this;
    const path = this.path(from.slot, to);
    if (path.cuts > 0 && !healed) {
      counts.cut += 1;
      return;
    }
    if (!healed && plan.dropRate > 0 && chance.happens(plan.dropRate)) {
      counts.drop += 1;
      return;
    }
    this.carry(from, to, frame, path);
    if (healed || plan.duplicateRate === 0 || !chance.happens(plan.duplicateRate)) return;
    counts.duplicate += 1;
    this.carry(from, to, frame, path);
  }

  private carry(from: Process, to: ReplicaId, frame: Uint8Array, path: Path): void {
    const { healed, plan, chance, counts, clock } = this;
    let delayUs = this.latency();
    if (!healed && plan.delayRate > 0 && chance.happens(plan.delayRate)) {
      counts.delay += 1;
      delayUs += chance.below(plan.delayUsMax);
    }
    let atUs = clock.nowUs + delayUs;
    if (atUs < path.lastUs) {
      if (plan.reorders && !healed) counts.reorder += 1;
      else atUs = path.lastUs;
    }
    path.lastUs = Math.max(path.lastUs, atUs);
    const station = this.stations[to];
    if (station === undefined) return;
    clock.after(station, atUs - clock.nowUs, () => this.arrive(from, station, frame));
  }

  private arrive(from: Process, to: Process, frame: Uint8Array): void {
    this.hash.number(this.clock.nowUs);
    this.hash.number(from.slot * 64 + to.slot);
    this.hash.bytes(frame);
    const answer = (back: Uint8Array) => this.send(to, from.slot, back);
    // A receiver may keep and change what it is given.
    to.node.arrivals.frame(frame.slice(), answer);
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
