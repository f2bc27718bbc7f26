/** What an open loop, in which throughput is no more than what was offered, says about a choice. */
import type { Run } from '../../run.js';
import { duration, figure, listed, times } from '../numbers.js';

/** By this part less may be completed than arrives. */
const shortfallMax = 0.1;
/** Where few operations arrive, their number is a matter of chance: so many standard deviations say nothing. */
const deviations = 3;

type Paced = Pick<Run, 'rate' | 'throughput' | 'seconds' | 'latencyUs'>;

/** Whether a system completed what arrived; never in a closed loop, where nothing arrives by itself. */
export function keptUp({ rate, throughput, seconds }: Paced): boolean {
  if (rate === undefined) return false;
  const chance = deviations * Math.sqrt(rate / seconds);
  return rate - throughput <= Math.max(rate * shortfallMax, chance);
}

/**
 * Within which time 99 of 100 reads, and 99 of 100 writes, had their result: the larger p99 of what there was; infinite
 * where too little was measured to know.
 */
export function tailUs({ latencyUs }: Paced): number {
  const known = [latencyUs.read.p99, latencyUs.write.p99].filter(Number.isFinite);
  return known.length === 0 ? Number.POSITIVE_INFINITY : Math.max(...known);
}

/** From the best to the worst: who kept up, by p99; then the others, by what they completed. */
export function bestFirst(one: Paced, other: Paced): number {
  if (keptUp(one) && keptUp(other)) return tailUs(one) - tailUs(other) || 0;
  if (keptUp(one) !== keptUp(other)) return keptUp(one) ? -1 : 1;
  return other.throughput - one.throughput;
}

/** What one did beside another, behind `which`. */
export function beside(run: Run, other: Run): string {
  if (keptUp(run) && keptUp(other)) {
    const [tail, otherTail] = [tailUs(run), tailUs(other)];
    const known = Number.isFinite(tail) && Number.isFinite(otherTail);
    return known ? `has ${times(tail / otherTail)} the p99 of ${other.system}` : 'kept up, too';
  }
  if (keptUp(run)) return `kept up with what arrived, unlike ${other.system}`;
  if (keptUp(other)) return 'did not keep up with what arrived';
  return `completed ${times(run.throughput / other.throughput)} as many operations as ${other.system}`;
}

/** The rate at which operations arrived, in words that end a part of a sentence; nothing in a closed loop. */
export function atRate({ rate }: Pick<Run, 'rate'>): string {
  return rate === undefined ? '' : ` at ${figure(rate)} operations a second`;
}

/** Why the choice is best, of so many that promise the same, and by how much. */
export function soonest(best: Run, next: Run | undefined, count: number): string {
  const ones = `the ${count} ${best.guarantees.consistency} ones that need no server`;
  if (next === undefined)
    return `It kept up; nothing else here is ${best.guarantees.consistency} without a server.`;
  if (!keptUp(next)) return `Of ${ones}, it alone kept up.`;
  const lead = `${times(tailUs(best) / tailUs(next))} that of ${next.system}, the next`;
  return `Of ${ones}, it has the lowest p99, the larger one of reads and writes: ${duration(tailUs(best))}, ${lead}.`;
}

/** The same of several that cannot be told apart. */
export function equallySoon(
  equals: readonly Run[],
  { guarantees: { consistency } }: Run,
  count: number,
): string {
  const ones = `the ${count} ${consistency} ones that need no server`;
  if (!equals.every((run) => Number.isFinite(tailUs(run))))
    return `Of ${ones}, they kept up, and too little was measured to say which answers sooner.`;
  const tails = listed(equals.map((run) => duration(tailUs(run))));
  const lowest = `they have the lowest p99, the larger one of reads and writes: ${tails}`;
  return `Of ${ones}, ${lowest}, which differ by less than a tenth.`;
}

/** That nothing of the kind kept up, where that is so. */
export function noneKeptUp(best: Run): string[] {
  if (best.rate === undefined || keptUp(best)) return [];
  return [`Nothing that is ${best.guarantees.consistency} without a server kept up with that.`];
}

/** A sentence about each system that did not keep up. */
export function behind(runs: readonly Run[]): string[] {
  return runs.flatMap((run) => {
    if (run.rate === undefined || keptUp(run)) return [];
    const most = `it completed ${figure(run.throughput)} of ${figure(run.rate)} operations a second`;
    return [`${run.system} did not keep up with what arrived: ${most}.`];
  });
}
