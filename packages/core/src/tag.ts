import { membersMax, type ReplicaId } from './members.js';

/**
 * A logical time and the slot of the member that gave it out, packed in one number: `time * 32 + slot`. "Newer" is
 * `>`; two members never give out the same tag (Lynch and Shvartsman, FTCS 1997). 0 is older than every tag given.
 */
export type Tag = number;

const slots = membersMax + 1;

export const noTag: Tag = 0;

export function tagOf(time: number, slot: ReplicaId): Tag {
  return time * slots + slot;
}

export function timeOf(tag: Tag): number {
  return Math.floor(tag / slots);
}

export function slotOf(tag: Tag): ReplicaId {
  return tag % slots;
}
