import { Chance } from './chance.js';
import { type Disturbance, limitsUsual, type NetworkPlan, type Plan, planOf } from './plan.js';
import { perform } from './run.js';
import type { Subject } from './subject.js';

/** How many tiny worlds are tried first, and how many runs all of it may take. */
const tinyMax = 3_000;
const runsMax = 6_000;
/** How many events those may have: something that goes on for ever has many in each run. */
const eventsMax = 20_000_000;
/** How many orders of events each smaller plan gets to show the fault in. */
const ordersPerPlan = 12;

/**
 * A plan that breaks the same property with less: fewer members, clients, operations and faults. The tiny worlds are
 * searched first, since what can be shown in one of them is easiest to follow.
 */
export function shrink(subject: Subject, plan: Plan, property: string): Plan {
  return new Shrinking(subject, property).shrink(plan);
}

class Shrinking {
  private readonly subject: Subject;
  private readonly property: string;
  private readonly chance = new Chance(1);
  private runs = 0;
  private events = 0;

  constructor(subject: Subject, property: string) {
    this.subject = subject;
    this.property = property;
  }

  shrink(plan: Plan): Plan {
    let smallest = this.tiny(plan) ?? plan;
    for (let smaller = this.smaller(smallest); smaller !== undefined; smaller = this.smaller(smallest))
      smallest = smaller;
    return smallest;
  }

  /** A tiny world that shows it, with the kinds of faults that the plan has. */
  private tiny(plan: Plan): Plan | undefined {
    if (plan.size === 'tiny') return undefined;
    const faults = kindsOf(plan);
    for (let seed = 1; seed <= 3 * tinyMax; seed += 3) {
      const candidate = planOf(this.subject.protocol, { seed, members: undefined, faults });
      if (this.breaks(candidate)) return candidate;
    }
    return undefined;
  }

  /** The first of all plans that are one step smaller to break the property too. */
  private smaller(plan: Plan): Plan | undefined {
    for (const candidate of candidates(plan)) {
      for (let order = 0; order < ordersPerPlan; order += 1) {
        const tried = order === 0 ? candidate : { ...candidate, chance: this.chance.below(2 ** 32) };
        if (this.breaks(tried)) return tried;
      }
    }
    return undefined;
  }

  private breaks(plan: Plan): boolean {
    if (this.runs >= runsMax || this.events >= eventsMax) return false;
    const { violation, events } = perform(this.subject, plan);
    this.runs += 1;
    this.events += events;
    return violation?.property === this.property;
  }
}

function kindsOf({ network, disturbances }: Plan) {
  const kinds: ('drop' | 'duplicate' | 'delay' | 'reorder' | Disturbance['kind'])[] = [];
  if (network.dropRate > 0) kinds.push('drop');
  if (network.duplicateRate > 0) kinds.push('duplicate');
  if (network.delayRate > 0) kinds.push('delay');
  if (network.reorders) kinds.push('reorder');
  return [...kinds, ...new Set(disturbances.map(({ kind }) => kind))];
}

/** Everything that can be left out, the largest first. */
function* candidates(plan: Plan): Iterable<Plan> {
  const { clients, disturbances, network, keys } = plan;
  for (const index of clients.keys()) {
    if (clients.length > 1) yield { ...plan, clients: clients.toSpliced(index, 1) };
  }
  for (const index of disturbances.keys()) yield { ...plan, disturbances: disturbances.toSpliced(index, 1) };
  for (const index of plan.comings.keys()) {
    const [gone] = plan.comings.slice(index, index + 1);
    const left = clients.filter(({ at }) => at !== gone?.number);
    if (left.length > 0) yield { ...plan, comings: plan.comings.toSpliced(index, 1), clients: left };
  }
  for (const [index, client] of clients.entries()) {
    for (const task of client.tasks.keys()) {
      const tasks = client.tasks.toSpliced(task, 1);
      if (tasks.length > 0) yield { ...plan, clients: clients.with(index, { ...client, tasks }) };
    }
  }
  yield* calmer(plan, network);
  const last = plan.members - 1;
  const idle =
    plan.comings.length === 0 &&
    clients.every(({ at }) => at < last) &&
    disturbances.every(({ members }) => !members.includes(last));
  if (idle && last > 0) yield { ...plan, members: last };
  const used = keys.filter((key) => clients.some(({ tasks }) => tasks.some((task) => task.key === key)));
  if (used.length < keys.length) yield { ...plan, keys: used };
}

function* calmer(plan: Plan, network: NetworkPlan): Iterable<Plan> {
  for (const rate of ['dropRate', 'duplicateRate', 'delayRate'] as const) {
    if (network[rate] > 0) yield { ...plan, network: { ...network, [rate]: 0 } };
  }
  const { bytesInFlightMax, earlyMax } = plan.limits;
  if (bytesInFlightMax < limitsUsual.bytesInFlightMax || earlyMax < limitsUsual.earlyMax)
    yield { ...plan, limits: limitsUsual };
  if (network.reorders) yield { ...plan, network: { ...network, reorders: false } };
  if (plan.clockRates.some((rate) => rate !== 1)) yield { ...plan, clockRates: plan.clockRates.map(() => 1) };
}
