import type { Guarantees } from '../protocol.js';

/** A copy that nobody can change, since methods are offered by it. */
export function frozen(guarantees: Guarantees): Guarantees {
  const copy = structuredClone(guarantees);
  if (typeof copy.survives === 'object') Object.freeze(copy.survives);
  return Object.freeze(copy);
}
