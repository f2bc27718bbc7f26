import type { Guarantees, Protocol, ReplicaId } from '@dsm/core';
import type { Chance } from './chance.js';
import { memberNames } from './first-view.js';
import type { ClientPlan, Plan } from './plan.js';

/** A change of who is a member, where members come and go. */
export interface Coming {
  /** A new member comes; one leaves; one dies, and a process of its name comes that has lost its memory. */
  readonly kind: 'join' | 'leave' | 'return';
  readonly atUs: number;
  /** Where it listens: behind the slots of the first members for those who join. */
  readonly place: ReplicaId;
  /** Numbers the process that comes, behind the slots of the first members. Not for `leave`. */
  readonly number: ReplicaId;
  /** The places of those who may take it in; none for one that comes back with the list of the first members. */
  readonly contacts: readonly ReplicaId[];
  /** How long it is away. */
  readonly awayUs: number;
}

/** Whether members of this protocol come and go: it says so, and its replicas can be told. */
export function moves(protocol: Protocol<Guarantees, unknown>): boolean {
  return protocol.membership === 'roster' && protocol.replica(0).roster !== undefined;
}

/**
 * Draws who comes and goes. One at least of the first members stays, and takes in whoever comes. Unless it `mixes`,
 * either some leave or some die: who is told that a member leaves may die at once, and others would wait for it.
 */
export function comingsOf(members: number, mixes: boolean, chance: Chance): Coming[] {
  const comings: Coming[] = [];
  const going = mixes
    ? (['leave', 'return', 'return'] as const)
    : [chance.pick(['leave', 'return'] as const)];
  const staying = Array.from({ length: members }, (_, slot) => slot);
  let places = members;
  let number = members;
  const atUs = () => chance.below(chance.pick([20_000, 200_000, 2_000_000]));
  for (let left = chance.pick([1, 1, 2, 3]); left > 0; left -= 1) {
    const kind = chance.pick(['join', ...going] as const);
    if (kind !== 'join' && staying.length === 1) continue;
    const [gone] = kind === 'join' ? [places++] : staying.splice(chance.below(staying.length), 1);
    const listed = kind === 'return' && chance.happens(0.5);
    const contacts = listed ? [] : [chance.pick(staying)];
    const awayUs = chance.below(chance.pick([20_000, 1_000_000]));
    const common = { atUs: atUs(), place: gone as ReplicaId, contacts, awayUs };
    comings.push({ kind, ...common, number: kind === 'leave' ? -1 : number++ });
  }
  // Those who are asked to take somebody in must not have gone.
  const stayer = staying[0] as ReplicaId;
  return comings.map((coming) =>
    coming.contacts.every((contact) => staying.includes(contact))
      ? coming
      : { ...coming, contacts: [...coming.contacts, stayer] },
  );
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

/** What the processes of a run are called, by number: one that comes back as another one has a mark. */
export function namesIn({ members, comings, disturbances }: Plan): string[] {
  const names = memberNames(members);
  for (const { number, place } of comings) {
    if (number >= 0) names[number] = `${memberNames(place + 1)[place]}${place < members ? '′' : ''}`;
  }
  const returning = disturbances.flatMap(({ returns, members: [slot = 0] }) => (returns ? slot : []));
  for (const [index, slot] of returning.entries())
    names[members + comings.length + index] = `${names[slot]}′`;
  return Array.from(names, (name, number) => name ?? `${number}`);
}
