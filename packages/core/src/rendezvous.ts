import type { ReplicaId } from './members.js';
import type { Key, Member } from './protocol.js';

/** What a home is chosen by: of the same members every process chooses the same one. */
type Candidate = Pick<Member, 'name' | 'slot'>;

/**
 * The slot of the member that is the home of a key: the one whose name scores highest with that key, so that each is
 * home to its share of the keys, whatever the order of the list. When a member goes, only its own keys move, each to
 * what `homeOf` says of the others: that is its first backup, and so on. Rendezvous hashing: Thaler and Ravishankar,
 * "Using name-based mappings to increase hit rates", IEEE/ACM ToN 6(1), 1998. Throws a RangeError without members.
 */
export function homeOf(key: Key, members: Iterable<Candidate>): ReplicaId {
  const start = absorb(0x811c9dc5, key);
  let home: Candidate | undefined;
  let highest = -1;
  for (const member of members) {
    const score = spread(absorb(start, member.name));
    if (score < highest || (score === highest && home !== undefined && member.name > home.name)) continue;
    home = member;
    highest = score;
  }
  if (home === undefined) throw new RangeError('a key has no home among no members');
  return home.slot;
}

/** FNV-1a, on the two bytes of each character. */
function absorb(start: number, text: string): number {
  let hash = start;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    hash = Math.imul(hash ^ (code & 0xff), 0x01000193);
    hash = Math.imul(hash ^ (code >>> 8), 0x01000193);
  }
  return hash;
}

/** Lets every bit of a hash change every other (the end of MurmurHash3). From 0 to 2^32 − 1. */
function spread(hash: number): number {
  let mixed = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
