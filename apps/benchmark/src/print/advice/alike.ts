import type { Run } from '../../run.js';

/** Below this, a difference after a single round is taken for chance. */
const worthNaming = 1.1;

type Throughput = Pick<Run, 'throughput' | 'spread'>;

/** Whether the throughput of two systems cannot be told apart: their rounds overlap, or one round left them near. */
export function alike(one: Throughput, other: Throughput, rounds: number): boolean {
  if (rounds === 1) return near(one.throughput, other.throughput);
  const [least, most] = one.spread.throughput;
  const [otherLeast, otherMost] = other.spread.throughput;
  return least <= otherMost && otherLeast <= most;
}

/** Whether two figures differ by less than a tenth. */
export function near(one: number, other: number): boolean {
  return Math.max(one, other) < Math.min(one, other) * worthNaming;
}
