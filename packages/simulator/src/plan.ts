import type { Guarantees, Key, OperationName, Protocol, ReplicaId } from '@dsm/core';
import { Chance } from './chance.js';
import { type Coming, comingsOf, laterClients, moves } from './comings.js';
import type { FaultKind } from './fault-kinds.js';

/** One operation of a client. Values are numbers; a write of `undefined` is a delete. */
export interface Task {
  readonly name: OperationName;
  readonly key: Key;
  readonly value?: number | undefined;
  /** A swap that expects the version of what its client saw last, not the value. */
  readonly byVersion?: boolean | undefined;
}

/** Performs its tasks one after the other, at one member. */
export interface ClientPlan {
  readonly at: ReplicaId;
  readonly tasks: readonly Task[];
  /** The longest time between an answer and the next task. */
  readonly pauseUsMax: number;
}

/** Something that befalls a member, or the links between two groups of members, at a time. */
export interface Disturbance {
  readonly kind: 'cut' | 'pause' | 'crash';
  readonly atUs: number;
  readonly forUs: number;
  /** The members on one side of a cut; the one that is paused or crashes. */
  readonly members: readonly ReplicaId[];
  /** A cut that lets frames through to this side. */
  readonly oneWay?: boolean | undefined;
  /** Whether connections are made anew after a cut, and both ends are told. */
  readonly reconnects?: boolean | undefined;
  /** Whether a process of its name comes back after a crash. */
  readonly returns?: boolean | undefined;
}

/** How the network treats frames. Rates from 0 to 1. */
export interface NetworkPlan {
  readonly latencyUsMax: number;
  /** Frames arrive at multiples of this: those that arrive together are one turn. */
  readonly grainUs: number;
  readonly dropRate: number;
  readonly duplicateRate: number;
  readonly delayRate: number;
  readonly delayUsMax: number;
  /** Whether a frame may arrive before one that was sent earlier. */
  readonly reorders: boolean;
}

/** Everything that is drawn before a run begins. The rest comes from `chance`. Plain data: it can be shrunk. */
export interface Plan {
  /** `tiny`: replicas without links, any message in flight may be next. */
  readonly size: 'tiny' | 'medium' | 'large';
  readonly chance: number;
  readonly members: number;
  readonly keys: readonly Key[];
  readonly clients: readonly ClientPlan[];
  readonly network: NetworkPlan;
  readonly disturbances: readonly Disturbance[];
  /** Who comes and goes, where members do. */
  readonly comings: readonly Coming[];
  readonly limits: { readonly bytesInFlightMax: number; readonly earlyMax: number };
  readonly batch: boolean;
  readonly suspectAfterMs: number;
  /** By slot. */
  readonly clockRates: readonly number[];
}

export interface PlanOptions {
  readonly seed: number;
  readonly members?: number | undefined;
  readonly faults: readonly FaultKind[];
}

export const limitsUsual = { bytesInFlightMax: 1_000_000, earlyMax: 1024 };

const sizes = ['tiny', 'medium', 'large'] as const;

/** Draws what a seed means: a third of them tiny, a third medium, a third large; some without any fault. */
export function planOf(protocol: Protocol<Guarantees, unknown>, options: PlanOptions): Plan {
  const chance = new Chance(options.seed);
  const size = sizes[(options.seed + 2) % 3] as Plan['size'];
  const members =
    options.members ?? (size === 'tiny' ? chance.pick([2, 3, 3, 3]) : chance.pick([1, 2, 3, 3, 3, 4, 5]));
  const on = chance.happens(0.95) ? options.faults : [];
  const keys = ['x', 'y', 'z', 'u', 'v'].slice(
    0,
    size === 'tiny' ? chance.between(1, 2) : chance.between(1, 5),
  );
  const clients = clientsOf(protocol, size, members, keys, chance);
  const plan: Plan = {
    size,
    chance: chance.below(2 ** 32),
    members,
    keys,
    clients,
    network: networkOf(on, size, chance),
    disturbances:
      size === 'tiny'
        ? tinyCrash(protocol, members, on, chance)
        : disturbancesOf(protocol, members, on, chance),
    comings: [],
    limits: {
      bytesInFlightMax: chance.happens(0.5) ? chance.between(150, 2_500) : limitsUsual.bytesInFlightMax,
      earlyMax: chance.happens(0.2) ? chance.between(1, 4) : limitsUsual.earlyMax,
    },
    batch: chance.happens(0.8),
    suspectAfterMs: chance.pick([200, 1_000, 2_000]),
    clockRates: Array.from({ length: members }, () =>
      chance.happens(0.3) ? 0.5 + chance.below(1_000) / 1_000 : 1,
    ),
  };
  if (size === 'tiny' || on.length === 0 || !moves(protocol)) return plan;
  const manners = { mixes: protocol.guarantees.writes === 'local', cuts: on.includes('cut') };
  const comings = chance.happens(0.6) ? comingsOf(members, manners, chance) : [];
  // Enough die and come back: whoever takes them in lives.
  const disturbances =
    comings.length === 0 ? plan.disturbances : plan.disturbances.filter(({ kind }) => kind !== 'crash');
  const all = [...clients, ...laterClients(comings, keys, chance)];
  const rivals = comings.some(({ kind }) => kind === 'rival');
  return { ...plan, comings, disturbances, clients: rivals ? all.map(withoutDeletes) : all };
}

/** Where members that were cut off are replaced, a key that was deleted may come back (causal memory's "Not yet"). */
function withoutDeletes(client: ClientPlan): ClientPlan {
  const isDelete = ({ name, value }: Task) => name === 'write' && value === undefined;
  const tasks = client.tasks.map((task) =>
    isDelete(task) ? { name: 'read' as const, key: task.key } : task,
  );
  return { ...client, tasks };
}

function clientsOf(
  { guarantees }: Protocol<Guarantees, unknown>,
  size: Plan['size'],
  members: number,
  keys: readonly Key[],
  chance: Chance,
): ClientPlan[] {
  const [clients, tasks] = { tiny: [4, 2], medium: [6, 12], large: [12, 22] }[size] as [number, number];
  // Equal values hide behind each other: most runs write each value once.
  const few = chance.happens(0.1);
  const reads = chance.pick([0.2, 0.5, 0.8]);
  let written = 0;
  const task = (): Task => {
    const key = chance.pick(keys);
    if (chance.happens(reads)) return { name: 'read', key };
    if (chance.happens(0.1)) return { name: 'write', key, value: undefined };
    written += 1;
    const value = few ? chance.between(1, 5) : written;
    if (!guarantees.compareAndSwap || chance.happens(0.6)) return { name: 'write', key, value };
    // Equal values of different writes differ in their versions, which is beyond the checker.
    return { name: 'swap', key, value, byVersion: !few && chance.happens(0.3) };
  };
  return Array.from({ length: chance.between(Math.min(2, clients), few ? 4 : clients) }, () => ({
    at: chance.below(members),
    tasks: Array.from({ length: chance.between(1, few ? 4 : tasks) }, task),
    pauseUsMax: chance.pick([0, 2_000, 50_000]),
  }));
}

function networkOf(on: readonly FaultKind[], size: Plan['size'], chance: Chance): NetworkPlan {
  const rate = (kind: FaultKind, most: number) => {
    const drawn = chance.sometimes(most);
    return on.includes(kind) ? drawn : 0;
  };
  return {
    latencyUsMax: chance.pick([100, 1_000, 20_000]),
    grainUs: chance.pick([1, 100, 1_000]),
    dropRate: rate('drop', 0.4),
    duplicateRate: rate('duplicate', 0.4),
    delayRate: rate('delay', 0.4),
    delayUsMax: chance.pick([20_000, 500_000, 2_000_000]),
    // Strange orders are what tiny worlds are for.
    reorders: on.includes('reorder') && (chance.happens(0.6) || size === 'tiny'),
  };
}

/** How many crashes lose nothing that was completed, and let the others go on. */
function crashesMax({ guarantees, answersNeeded }: Protocol<Guarantees, unknown>, members: number): number {
  const { survives } = guarantees;
  const borne =
    survives === 'none'
      ? 0
      : survives === 'any'
        ? members
        : survives === 'minority'
          ? Math.ceil(members / 2) - 1
          : survives.crashes;
  return Math.min(borne, members - 1, Math.max(1, members - answersNeeded(members)));
}

function disturbancesOf(
  protocol: Protocol<Guarantees, unknown>,
  members: number,
  on: readonly FaultKind[],
  chance: Chance,
): Disturbance[] {
  const all: Disturbance[] = [];
  const atUs = () => chance.below(chance.pick([20_000, 200_000, 2_000_000]));
  for (let left = on.includes('cut') && members > 1 ? chance.pick([0, 1, 3]) : 0; left > 0; left -= 1) {
    const side = Array.from({ length: members }, (_, slot) => slot).filter(() => chance.happens(0.5));
    const forUs = chance.below(chance.pick([20_000, 500_000, 5_000_000]));
    const oneWay = chance.happens(0.3);
    all.push({ kind: 'cut', atUs: atUs(), forUs, members: side, oneWay, reconnects: chance.happens(0.5) });
  }
  for (let left = on.includes('pause') ? chance.pick([0, 1, 2]) : 0; left > 0; left -= 1) {
    const forUs = chance.below(chance.pick([50_000, 5_000_000]));
    all.push({ kind: 'pause', atUs: atUs(), forUs, members: [chance.below(members)] });
  }
  const dying = Array.from({ length: members }, (_, slot) => slot);
  const most = on.includes('crash') ? crashesMax(protocol, members) : 0;
  for (let left = chance.happens(0.6) ? chance.between(0, most) : 0; left > 0; left -= 1) {
    const [victim] = dying.splice(chance.below(dying.length), 1) as [ReplicaId];
    const forUs = chance.below(1_000_000);
    all.push({ kind: 'crash', atUs: atUs(), forUs, members: [victim], returns: chance.happens(0.5) });
  }
  return all;
}

/** In a tiny world time is counted in events. */
function tinyCrash(
  protocol: Protocol<Guarantees, unknown>,
  members: number,
  on: readonly FaultKind[],
  chance: Chance,
): Disturbance[] {
  const may = on.includes('crash') && crashesMax(protocol, members) > 0 && chance.happens(0.3);
  return may
    ? [{ kind: 'crash', atUs: chance.between(1, 40), forUs: 0, members: [chance.below(members)] }]
    : [];
}
