import type { Key, RawEntry, ReplicaId } from '@dsm/core';
import type { Holdings } from './holdings.js';
import type { Home } from './home.js';
import type { Applied, GrantNumber } from './messages.js';

/** What the next view must know of a variable: from its home and from its backups, halted ones too. */
export interface SealedVariable {
  readonly key: Key;
  readonly entry: RawEntry;
  /** The member that shared it. */
  readonly owner: ReplicaId | undefined;
}

/** What the next view must know of write access: from the home of the key, and from who has it. */
export interface SealedGrant {
  readonly key: Key;
  readonly holder: ReplicaId;
  readonly grant: GrantNumber;
}

/** What the next view must know of a member. */
export interface Sealed {
  /** The last version or grant that it gave as a home: later ones are larger. */
  readonly last: number;
  readonly variables: readonly SealedVariable[];
  readonly grants: readonly SealedGrant[];
  /** Changes that are applied in `variables` and may be asked for again. */
  readonly applied: readonly Applied[];
}

/** The parts of a member of which that is. */
interface Parts {
  readonly self: ReplicaId;
  readonly holdings: Holdings;
  readonly owners: ReadonlyMap<Key, ReplicaId>;
  readonly grants: ReadonlyMap<Key, GrantNumber>;
  readonly home: Home;
  readonly applied: Iterable<Applied>;
}

/** What a member knows that the next view must know. */
export function sealed({ self, holdings, owners, grants, home, applied }: Parts): Sealed {
  const variables: SealedVariable[] = [];
  for (const [key, { as, entry }] of holdings) {
    if (as === 'backup') variables.push({ key, entry, owner: owners.get(key) });
  }
  const held: SealedGrant[] = [];
  for (const [key, grant] of grants) held.push({ key, holder: self, grant });
  for (const [key, { entry, owner, grant }] of home.records) {
    variables.push({ key, entry, owner });
    if (grant !== undefined) held.push({ key, holder: grant.holder, grant: grant.number });
  }
  return { last: home.last, variables, grants: held, applied: [...applied] };
}
