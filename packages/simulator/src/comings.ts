import type { Guarantees, Protocol, ReplicaId } from '@dsm/core';
import type { Chance } from './chance.js';
import { memberNames } from './first-view.js';
import type { ClientPlan, Disturbance, Plan } from './plan.js';

/** A change of who is a member, where members come and go. */
export interface Coming {
  /**
   * A new member comes; one leaves; one dies, and a process of its name comes that has lost its memory; or such a one
   * comes elsewhere while the member lives and cannot be reached: `rival`.
   */
  readonly kind: 'join' | 'leave' | 'return' | 'rival';
  readonly atUs: number;
  /** Where it listens: behind the slots of the first members for those who join, and for rivals. */
  readonly place: ReplicaId;
  /** The place of the first of its name. */
  readonly named: ReplicaId;
  /** Numbers the process that comes, behind the slots of the first members. Not for `leave`. */
  readonly number: ReplicaId;
  /** The places of those who may take it in; none for one that comes back with the list of the first members. */
  readonly contacts: readonly ReplicaId[];
  /** How long it is away. */
  readonly awayUs: number;
  /** The members that a rival cannot reach: the one whose name it has, and those on its side of a cut. */
  readonly beyond?: Disturbance | undefined;
}

/** Whether members of this protocol come and go: it says so, and its replicas can be told. */
export function moves(protocol: Protocol<Guarantees, unknown>): boolean {
  return protocol.membership === 'roster' && protocol.replica(0).roster !== undefined;
}

/** What may befall the members of a run. */
interface Manners {
  /** Some leave and others die. */
  readonly mixes: boolean;
  /** Links are cut. */
  readonly cuts: boolean;
}

/**
 * Draws who comes and goes. One at least of the first members stays, and takes in whoever comes. Unless it `mixes`,
 * either some leave or some die: who is told that a member leaves may die at once, and others would wait for it.
 */
export function comingsOf(members: number, { mixes, cuts }: Manners, chance: Chance): Coming[] {
  const comings: Coming[] = [];
  const dying = cuts ? (['return', 'rival'] as const) : (['return', 'return'] as const);
  const going = mixes ? (['leave', ...dying] as const) : [chance.pick(['leave', ...dying] as const)];
  const staying = Array.from({ length: members }, (_, slot) => slot);
  let places = members;
  let number = members;
  const atUs = () => chance.below(chance.pick([20_000, 200_000, 2_000_000]));
  for (let left = chance.pick([1, 1, 2, 3]); left > 0; left -= 1) {
    const kind = chance.pick(['join', ...going] as const);
    if (kind !== 'join' && staying.length === 1) continue;
    const [named = places] = kind === 'join' ? [] : staying.splice(chance.below(staying.length), 1);
    const place = kind === 'join' || kind === 'rival' ? places++ : named;
    const listed = kind === 'return' && chance.happens(0.5);
    const contact = chance.pick(staying);
    const awayUs = chance.below(chance.pick([20_000, 1_000_000]));
    const common = { atUs: atUs(), place, named, contacts: listed ? [] : [contact], awayUs };
    const beyond = kind === 'rival' ? cutOff(named, contact, staying, chance) : undefined;
    comings.push({ kind, ...common, number: kind === 'leave' ? -1 : number++, beyond });
  }
  // Those who are asked to take somebody in must not have gone.
  const stayer = staying[0] as ReplicaId;
  return comings.map((coming) =>
    coming.contacts.every((contact) => staying.includes(contact))
      ? coming
      : { ...coming, contacts: [...coming.contacts, stayer] },
  );
}

/** A member, and perhaps others with it, are cut off from the one that will take in a rival. */
function cutOff(
  named: ReplicaId,
  contact: ReplicaId,
  staying: readonly ReplicaId[],
  chance: Chance,
): Disturbance {
  const besides = staying.filter((slot) => slot !== contact && chance.happens(0.4));
  const forUs = chance.below(chance.pick([1_000_000, 7_000_000]));
  return { kind: 'cut', atUs: 0, forUs, members: [named, ...besides], reconnects: chance.happens(0.5) };
}

/** Clients of those who come. They write what nobody else does. */
export function laterClients(
  comings: readonly Coming[],
  keys: readonly string[],
  chance: Chance,
): ClientPlan[] {
  return comings
    .filter(({ kind }) => kind !== 'leave')
    .map(({ number }) => ({
      at: number,
      tasks: Array.from({ length: chance.between(1, 12) }, (_, index) => {
        const key = chance.pick(keys);
        if (chance.happens(0.4)) return { name: 'read' as const, key };
        const value = chance.happens(0.15) ? undefined : (number + 1) * 10_000 + index;
        return { name: 'write' as const, key, value };
      }),
      pauseUsMax: chance.pick([0, 2_000, 50_000]),
    }));
}

/** How many places there are to listen at. */
export function placesIn({ members, comings }: Plan): number {
  return Math.max(members, ...comings.map(({ place }) => place + 1));
}

/** What the processes of a run are called, by number: one that comes back as another one has a mark. */
export function namesIn({ members, comings, disturbances }: Plan): string[] {
  const names = memberNames(members);
  for (const { number, named } of comings) {
    if (number >= 0) names[number] = `${memberNames(named + 1)[named]}${named < members ? '′' : ''}`;
  }
  const returning = disturbances.flatMap(({ returns, members: [slot = 0] }) => (returns ? slot : []));
  for (const [index, slot] of returning.entries())
    names[members + comings.length + index] = `${names[slot]}′`;
  return Array.from(names, (name, number) => name ?? `${number}`);
}
