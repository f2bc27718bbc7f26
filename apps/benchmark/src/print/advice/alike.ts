import type { Run } from '../../run.js';
import { keptUp, tailUs } from './pace.js';

/** Below this, a difference after a single round is taken for chance. */
const worthNaming = 1.1;

/**
 * Whether two systems cannot be told apart by throughput: their rounds overlap, or one round left them near. Of two
 * that kept up with a rate, whether their p99 are near, or not known.
 */
export function alike(one: Run, other: Run, rounds: number): boolean {
  if (keptUp(one) !== keptUp(other)) return false;
  if (keptUp(one)) return equallyQuick(one, other);
  if (rounds === 1) return near(one.throughput, other.throughput);
  const [least, most] = one.spread.throughput;
  const [otherLeast, otherMost] = other.spread.throughput;
  return least <= otherMost && otherLeast <= most;
}

/** Whether of two that kept up it cannot be told which answers sooner. */
function equallyQuick(one: Run, other: Run): boolean {
  const [tail, otherTail] = [tailUs(one), tailUs(other)];
  return !Number.isFinite(tail) || !Number.isFinite(otherTail) || near(tail, otherTail);
}

/** Whether two figures differ by less than a tenth. */
export function near(one: number, other: number): boolean {
  return Math.max(one, other) < Math.min(one, other) * worthNaming;
}
