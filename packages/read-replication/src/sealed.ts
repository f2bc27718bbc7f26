import type { Key, RawEntry, ReplicaId } from '@dsm/core';
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
