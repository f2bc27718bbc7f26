import type { Percentiles } from './load/histogram.js';
import type { Measured, Range, Run, RunVerdict } from './run.js';

/** From the best to the worst. */
const verdicts: readonly RunVerdict[] = ['legal', 'unchecked', 'unknown', 'illegal'];

/** The medians of the rounds of one system; of the verdicts, the worst; of what was checked, the least share. */
export function medianOf(rounds: readonly Measured[]): Measured {
  const runs = rounds.map(({ run }) => run);
  const first = runs[0] as Run;
  const middle = (of: (run: Run) => number): number => median(runs.map(of));
  const throughput = middle((each) => each.throughput);
  const run: Run = {
    ...first,
    operations: Math.round(middle((each) => each.operations)),
    reads: Math.min(...runs.map((each) => each.reads)),
    writes: Math.min(...runs.map((each) => each.writes)),
    failedOperations: Math.max(...runs.map((each) => each.failedOperations)),
    // No medians: the two have to be of the same rounds.
    swaps: runs.reduce((sum, each) => sum + each.swaps, 0),
    lostSwaps: runs.reduce((sum, each) => sum + each.lostSwaps, 0),
    seconds: middle((each) => each.seconds),
    throughput,
    operationsPerCpuSecond: middle((each) => each.operationsPerCpuSecond),
    spread: {
      throughput: rangeOf(runs.flatMap((each) => each.spread.throughput)),
      operationsPerCpuSecond: rangeOf(runs.flatMap((each) => each.spread.operationsPerCpuSecond)),
    },
    latencyUs: {
      read: percentiles(runs.map((each) => each.latencyUs.read)),
      write: percentiles(runs.map((each) => each.latencyUs.write)),
    },
    messagesPerOperation: {
      read: middle((each) => each.messagesPerOperation.read),
      write: middle((each) => each.messagesPerOperation.write),
    },
    bytesPerOperation: middle((each) => each.bytesPerOperation),
    startUpMs: middle((each) => each.startUpMs),
    residentBytes: middle((each) => each.residentBytes),
    residentBytesPer100kEntries: medianOrNull(runs.map((each) => each.residentBytesPer100kEntries)),
    heapBytesPer100kEntries: medianOrNull(runs.map((each) => each.heapBytesPer100kEntries)),
    cdf: nearest(runs, throughput).cdf,
    verdict: worst(runs.map((each) => each.verdict)),
    ...leastChecked(runs),
    convergedKeys: Math.min(...runs.map((each) => each.convergedKeys)),
  };
  const notes = [...new Set(rounds.flatMap((each) => each.notes))];
  const reason = rounds.find((each) => each.run.verdict === run.verdict)?.reason;
  return { run, notes, reason };
}

/**
 * The middle one; of an even number, the mean of the two in the middle: the lower one is the worse of two throughputs
 * and the better of two latencies. NaN where one is, for what lies in the middle is then not known.
 */
export function median(values: readonly number[]): number {
  if (values.length === 0 || values.some(Number.isNaN)) return Number.NaN;
  const sorted = values.toSorted((one, other) => one - other);
  const [low, high] = [(sorted.length - 1) >> 1, sorted.length >> 1].map((place) => sorted[place] as number);
  // Without the dust of adding decimals.
  return Number((((low as number) + (high as number)) / 2).toPrecision(12));
}

/** The round that completed about as much as the median says; of several, the first. */
function nearest(runs: readonly Run[], throughput: number): Run {
  const distance = (run: Run): number => Math.abs(run.throughput - throughput);
  return runs.reduce((one, other) => (distance(other) < distance(one) ? other : one));
}

/** What was checked of the round of which the smallest share was; beside another round's operations it says nothing. */
function leastChecked(runs: readonly Run[]): Pick<Run, 'checkedOperations' | 'checkedOf'> {
  const share = (run: Run): number => (run.checkedOf === 0 ? 1 : run.checkedOperations / run.checkedOf);
  const least = runs.reduce((one, other) => (share(other) < share(one) ? other : one));
  return { checkedOperations: least.checkedOperations, checkedOf: least.checkedOf };
}

/** The least and the most. */
function rangeOf(values: readonly number[]): Range {
  return [Math.min(...values), Math.max(...values)];
}

function medianOrNull(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : median(known);
}

function percentiles(all: readonly Percentiles[]): Percentiles {
  return {
    p50: median(all.map(({ p50 }) => p50)),
    p99: median(all.map(({ p99 }) => p99)),
    p999: median(all.map(({ p999 }) => p999)),
  };
}

function worst(all: readonly RunVerdict[]): RunVerdict {
  return all.reduce((one, other) => (verdicts.indexOf(other) > verdicts.indexOf(one) ? other : one));
}
