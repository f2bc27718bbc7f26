import type { ReplicaId } from '@dsm/core';
import type { Process } from './process.js';

interface Sight {
  /** Whether those who live must agree in the end. */
  readonly unites: boolean;
  restless(slots: readonly ReplicaId[], complete: boolean): readonly ReplicaId[];
}

/** Whether nothing comes any more. Those who must agree in the end have something to tell when they miss somebody. */
export function isAtRest(alive: readonly Process[], witness: Sight): boolean {
  return (!witness.unites || areSuspected(alive)) && unrestOf(alive, witness) === undefined;
}

/** What keeps those who live from rest: something that is to be sent again, or a member that waits for something. */
export function unrestOf(alive: readonly Process[], witness: Sight): string | undefined {
  for (const { slot, node, entered } of alive) {
    if (!entered) return `${slot} is not in the group`;
    for (const { link, outbox, shedding, unrepeated, slot: other } of node.others) {
      const process = alive.find((one) => one.node.incarnation === link?.incarnation);
      if (process === undefined) continue;
      if (!process.node.others.some((back) => back.link?.incarnation === node.incarnation))
        return `${slot} has not heard that its peer ${other} goes on without it`;
      if (!outbox.empty) return `${slot} lets something for its peer ${other} wait`;
      if (link?.restless) return `the link from ${slot} to its peer ${other} has something to send`;
      if (shedding || unrepeated) return `${slot} has not asked its peer ${other} again for what was lost`;
    }
  }
  const slots = alive.map(({ slot }) => slot);
  const [busy] = witness.restless(slots, areComplete(alive));
  return busy === undefined ? undefined : `something is under way at ${busy}`;
}

/** Whether all whom those who live take for members live, too. */
export function areComplete(alive: readonly Process[]): boolean {
  return missing(alive).length === 0;
}

/** Whether those who live suspect all whom they take for members and who do not live. */
function areSuspected(alive: readonly Process[]): boolean {
  return missing(alive).every(({ suspected }) => suspected);
}

/** Whom those who live take for members and who do not live. */
function missing(alive: readonly Process[]) {
  const incarnations = new Set(alive.map(({ node }) => node.incarnation));
  return alive.flatMap(({ node }) =>
    node.others.filter(({ link }) => !incarnations.has(link?.incarnation ?? 0)),
  );
}
