import type { View } from '@dsm/core';

/** The view with which a group begins: the members named, by slot, each as its first incarnation. */
export function firstView(names: readonly string[]): View {
  const members = names.map((name, slot) => ({ name, slot, incarnation: slot + 1, since: 1 }));
  return { epoch: 1, birth: 1, members };
}

/** a, b, c …: what members are called where nobody says otherwise. */
export function memberNames(count: number): string[] {
  return Array.from({ length: count }, (_, slot) =>
    slot < 26 ? String.fromCharCode(97 + slot) : `m${slot}`,
  );
}
