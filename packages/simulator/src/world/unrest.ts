import type { ReplicaId } from '@dsm/core';
import type { Process } from './process.js';

/** What keeps those who live from rest: something that is to be sent again, or a member that waits for something. */
export function unrestOf(
  alive: readonly Process[],
  witness: { restless(slots: readonly ReplicaId[]): readonly ReplicaId[] },
): string | undefined {
  for (const { slot, node } of alive) {
    for (const { link, outbox, shedding, unrepeated, slot: other } of node.others) {
      if (!alive.some((process) => process.node.incarnation === link?.incarnation)) continue;
      if (!outbox.empty) return `${slot} lets something for its peer ${other} wait`;
      if (link?.restless) return `the link from ${slot} to its peer ${other} has something to send`;
      if (shedding || unrepeated) return `${slot} has not asked its peer ${other} again for what was lost`;
    }
  }
  const [busy] = witness.restless(alive.map(({ slot }) => slot));
  return busy === undefined ? undefined : `something is under way at ${busy}`;
}
