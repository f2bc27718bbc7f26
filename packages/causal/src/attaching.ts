import type { OperationId } from '@dsm/core';
import type { Seen } from './context.js';
import type { Origins } from './origins.js';
import type { Past } from './request.js';
import { covers, include, type Vector } from './vector.js';

/** A session that comes from another member, until this one has all that it has seen. */
export interface Attaching {
  readonly operation: OperationId;
  readonly past: Past;
  readonly seen: Seen;
}

/** What a session has seen, in the numbers of this member; undefined while this member lacks some of it. */
export function seenHere(
  { formed, later }: Seen,
  applied: Readonly<Vector>,
  origins: Origins,
): Vector | undefined {
  const vector = [...formed];
  for (const [incarnation, sequence] of later) {
    const origin = origins.find(incarnation);
    // Of somebody who was never heard of here: so is what it has written.
    if (origin === undefined) return undefined;
    include(vector, origin, sequence);
  }
  return covers(applied, vector) ? vector : undefined;
}
