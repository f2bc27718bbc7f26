import { medianOf } from './median.js';
import type { CurvePoint, Measured, Scale, ScalePoint } from './run.js';

/** A point of a curve: the medians of what was measured at one rate. */
export function curvePoint(offered: number, rounds: readonly Measured[]): CurvePoint {
  const { throughput, spread, reads, writes, latencyUs, verdict } = medianOf(rounds).run;
  return {
    offered,
    throughput,
    throughputSpread: spread.throughput,
    reads,
    writes,
    readUs: latencyUs.read,
    writeUs: latencyUs.write,
    verdict,
  };
}

/** A point of scaling: the medians of what was measured at one size. */
export function scalePoint(at: number, rounds: readonly Measured[]): ScalePoint {
  const { throughput, spread, operationsPerCpuSecond, reads, writes, latencyUs, residentBytes, verdict } =
    medianOf(rounds).run;
  return {
    at,
    throughput,
    throughputSpread: spread.throughput,
    operationsPerCpuSecond,
    reads,
    writes,
    readUs: latencyUs.read,
    writeUs: latencyUs.write,
    residentBytes,
    verdict,
  };
}

/** Why a point of scaling is not legal, in words; a curve's points share the verdict of its system's run. */
export function objectionTo(of: Scale, at: number, rounds: readonly Measured[]): string[] {
  const { run, reason } = medianOf(rounds);
  if (run.verdict === 'legal' || run.verdict === 'unchecked') return [];
  return [`${sizeOf(run.system, of, at)}: ${run.verdict}: ${reason ?? 'no reason known'}`];
}

/** A system at one size, in words. */
export function sizeOf(system: string, of: Scale, at: number): string {
  return `${system} with ${of} ${at.toLocaleString('en')}`;
}
