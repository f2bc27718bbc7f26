import { measureLocalReads, type Pair } from '../local-reads.js';
import { median } from '../median.js';
import { figure } from '../print/numbers.js';
import {
  type Finding,
  named,
  register,
  registerByKey,
  run,
  type Trial,
  type TrialSurroundings,
} from './trial.js';

/** Uncontended latency against the round trip of a bare frame. */
export async function inFloors(around: TrialSurroundings): Promise<Finding[]> {
  const { outcome } = await run(around, { clients: 1, workload: named('ycsb-a'), floor: true });
  const { read, write } = outcome.runs[0]?.latencyUs ?? {};
  const floor = outcome.floorUs.p50;
  const finding = (kind: string, p50: number | undefined, target: number): Finding => ({
    name: `one client, ${kind} p50 in floors`,
    measured: (p50 ?? Number.NaN) / floor,
    target,
    bound: 'most',
    from: `${kind} ${figure(p50 ?? Number.NaN)} µs, floor ${figure(floor)} µs`,
  });
  return [finding('read', read?.p50, 1.15), finding('write', write?.p50, 2.3)];
}

/** What recording the history costs. */
export async function recorded(around: TrialSurroundings): Promise<Finding[]> {
  const throughputs: Record<'recorded' | 'not', number[]> = { recorded: [], not: [] };
  for (let round = 0; round < around.rounds; round++) {
    for (const way of ['not', 'recorded'] as const) {
      const changes = { workload: named('ycsb-b'), verify: way === 'recorded' };
      const { outcome } = await run({ ...around, rounds: 1 }, changes);
      throughputs[way].push(outcome.runs[0]?.throughput ?? Number.NaN);
    }
  }
  const [withIt, without] = [median(throughputs.recorded), median(throughputs.not)];
  const from = `${figure(withIt)}/s recorded, ${figure(without)}/s not`;
  const name = 'ycsb-b, 192 clients, recorded against not recorded';
  return [{ name, measured: withIt / without, target: 0.95, bound: 'least', from }];
}

const entries = 100_000;

/** What one member's heap and buffers grow by with 100,000 entries of 100 bytes, after a full collection. */
export function heap(system: string, megabytesMax: number): Trial {
  const name = `heap of ${system} for 100,000 entries of 100 bytes, per member`;
  const perform = async (around: TrialSurroundings): Promise<Finding[]> => {
    const changes = { systems: [system], clients: 64, workload: named('ycsb-b', 1_000), entries, seconds: 1 };
    const { outcome } = await run({ ...around, rounds: 1 }, changes);
    const [grown] = outcome.runs;
    const megabytes = (bytes: number | null | undefined): number => (bytes ?? Number.NaN) / 1e6;
    const resident = megabytes(grown?.residentBytesPer100kEntries);
    const from = `all members together hold ${figure(resident)} MB more`;
    const measured = megabytes(grown?.heapBytesPer100kEntries);
    return [{ name, measured, target: megabytesMax, bound: 'most', unit: 'MB', from }];
  };
  return { name, perform };
}

/**
 * Operations per CPU second of the whole group of nine, against three, in proportion to the messages that an operation
 * takes: 1 means that a message costs as much as before. Groups in turns, so that both meet the same machine.
 */
export function nineAgainstThree(workload: 'reads' | 'writes'): Trial {
  const name = `${workload} per CPU second and message, 9 members against 3`;
  const kind = workload === 'reads' ? 'read' : 'write';
  const perform = async (around: TrialSurroundings): Promise<Finding[]> => {
    const sizes = { 3: { rates: [] as number[], messages: 0 }, 9: { rates: [] as number[], messages: 0 } };
    for (let round = 0; round < around.rounds; round++) {
      for (const members of [3, 9] as const) {
        const { outcome } = await run({ ...around, rounds: 1 }, { members, workload: named(workload) });
        sizes[members].rates.push(outcome.runs[0]?.operationsPerCpuSecond ?? Number.NaN);
        sizes[members].messages = outcome.runs[0]?.messagesPerOperation[kind] ?? Number.NaN;
      }
    }
    const each = ([3, 9] as const).map((members) => ({
      ...sizes[members],
      rate: median(sizes[members].rates),
    }));
    const [three, nine] = each.map(({ rate, messages }) => rate * messages);
    const measured = (nine ?? Number.NaN) / (three ?? Number.NaN);
    const from = each
      .map(({ rate, messages }) => `${figure(rate)} of ${figure(messages)} messages`)
      .join(', ');
    return [{ name, measured, target: 1, bound: 'least', from }];
  };
  return { name, perform };
}

/** Operations per CPU second of the whole group, against those of the register under the same load, as published. */
export function perCpuSecond(system: string, workload: 'reads' | 'writes', target: number): Trial {
  const name = `${workload} of ${system}, 64 clients, per CPU second, against the register's by key`;
  const perform = async (around: TrialSurroundings): Promise<Finding[]> => {
    const changes = { systems: [system, registerByKey, register], clients: 64, workload: named(workload) };
    const { outcome } = await run(around, changes);
    const [ours, theirs] = outcome.runs.map(({ operationsPerCpuSecond }) => operationsPerCpuSecond);
    const measured = (ours ?? Number.NaN) / (theirs ?? Number.NaN);
    const from = outcome.runs
      .map((each) => `${each.system} ${figure(each.operationsPerCpuSecond)}`)
      .join(', ');
    return [{ name, measured, target, bound: 'least', from }];
  };
  return { name, perform };
}

/** Reads of what a member holds, against what they could cost at least. */
export async function localReads({ rounds }: TrialSurroundings): Promise<Finding[]> {
  const { peek, read } = await measureLocalReads(rounds);
  const finding = (name: string, { ours, theirs }: Pair): Finding => ({
    name,
    measured: ours / theirs,
    target: 0.3,
    bound: 'least',
    from: `${figure(ours)}/s, ${figure(theirs)}/s`,
  });
  return [finding('peek, against a Map', peek), finding('read, against a resolved promise', read)];
}
