import { median } from '../median.js';
import { figure } from '../print/numbers.js';
import { type Finding, named, registerByKey, run, type Trial, type TrialSurroundings } from './trial.js';

/**
 * Writes of one member that holds the tokens, against those of the register by members of equal rank, as usual; and by
 * one member alone, whose frames are then fuller.
 */
export async function byTheHolder(around: TrialSurroundings): Promise<Finding[]> {
  const system = 'token-coherence migrate';
  const load = { clients: 64, workload: named('writes', 1_000) };
  const rates: Record<'ours' | 'usual' | 'alone', number[]> = { ours: [], usual: [], alone: [] };
  for (let round = 0; round < around.rounds; round++) {
    for (const [way, changes] of [
      ['ours', { systems: [system], busy: 1 }],
      ['usual', { systems: [registerByKey] }],
      ['alone', { systems: [registerByKey], busy: 1 }],
    ] as const) {
      const { outcome } = await run({ ...around, rounds: 1 }, { ...load, ...changes });
      rates[way].push(outcome.runs[0]?.operationsPerCpuSecond ?? Number.NaN);
    }
  }
  const [ours, usual, alone] = [median(rates.ours), median(rates.usual), median(rates.alone)];
  const from = `${system} ${figure(ours)}, ${registerByKey} ${figure(usual)}, by one member ${figure(alone)}`;
  const name = `writes of ${system} by its holder, 64 clients, per CPU second, against the register's by key`;
  return [{ name, measured: ours / usual, target: 15, bound: 'least', from }];
}

/** One key that all members write at once, against 10,000 keys; and no operation may fail. */
export function contended(system: string): Trial {
  const name = `writes of ${system} to one key, 64 clients, against 10,000 keys`;
  const perform = async (around: TrialSurroundings): Promise<Finding[]> => {
    const throughputs: Record<'hot' | 'cool', number[]> = { hot: [], cool: [] };
    let failed = 0;
    for (let round = 0; round < around.rounds; round++) {
      for (const [way, keys] of [
        ['cool', 10_000],
        ['hot', 1],
      ] as const) {
        const changes = { systems: [system], clients: 64, workload: named('writes', keys) };
        const { outcome } = await run({ ...around, rounds: 1 }, changes);
        throughputs[way].push(outcome.runs[0]?.throughput ?? Number.NaN);
        failed += outcome.runs[0]?.failedOperations ?? 0;
      }
    }
    const [hot, cool] = [median(throughputs.hot), median(throughputs.cool)];
    const from = `${figure(hot)}/s, ${figure(cool)}/s`;
    return [
      { name, measured: hot / cool, target: 0.2, bound: 'least', from },
      { name: `${name}: failures`, measured: failed, target: 0, bound: 'most', unit: '', from: 'operations' },
    ];
  };
  return { name, perform };
}
