/** A member's slot in its group: a small number, 0 to 30, stable for the member's life there. */
export type ReplicaId = number;

/** A set of replicas, one bit each; so a group has at most 31 members. */
export type Members = number;

export const membersMax = 31;
export const nobody: Members = 0;

export function only(member: ReplicaId): Members {
  return 1 << member;
}

export function everyone(slots: Iterable<ReplicaId>): Members {
  let members = nobody;
  for (const slot of slots) members |= 1 << slot;
  return members;
}

/** The votes with one more voter. Voting twice counts once. */
export function vote(votes: Members, from: ReplicaId): Members {
  return votes | (1 << from);
}

export function includes(members: Members, member: ReplicaId): boolean {
  return (members & (1 << member)) !== 0;
}

export function without(members: Members, others: Members): Members {
  return members & ~others;
}

export function count(members: Members): number {
  // Counts the bits in parallel: pairs, nibbles, then the sum of the bytes by one multiplication.
  let bits = members - ((members >>> 1) & 0x55555555);
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
  return Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** The members of a set in rising order. */
export function* each(members: Members): Generator<ReplicaId> {
  for (let left = members; left !== 0; left &= left - 1) yield 31 - Math.clz32(left & -left);
}

/** The size of the smallest set that meets every other of its size: more than half. */
export function majority(size: number): number {
  return Math.floor(size / 2) + 1;
}
