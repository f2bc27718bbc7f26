import { type Benchmarked, benchmark } from './benchmark.js';
import type { Children } from './children.js';
import { measureLocalReads, type Pair } from './local-reads.js';
import { median } from './median.js';
import { figure } from './print/numbers.js';
import type { Progress } from './progress.js';
import type { Settings } from './settings.js';
import { peers } from './systems.js';

/** What was promised, and what was measured of it. */
export interface Finding {
  readonly name: string;
  readonly measured: number;
  readonly target: number;
  /** Whether the target is the least or the most that is right. */
  readonly bound: 'least' | 'most';
  /** The figures behind it. */
  readonly from: string;
}

export interface TrialSurroundings {
  readonly children: Children;
  readonly progress: Progress;
  readonly rounds: number;
  readonly seconds: number;
}

/** Something to be measured that answers one promise or two. */
export interface Trial {
  readonly name: string;
  perform(surroundings: TrialSurroundings): Promise<Finding[]>;
}

const register = 'attiya-register';
const redis = Object.keys(peers.redis ?? {});

/** Every promise, in the order they are measured. Ratios hold within one run only, so each trial is one. */
export const trials: readonly Trial[] = [
  againstRedis('ycsb-c', 192, 0.6),
  againstRedis('ycsb-a', 192, 0.4),
  againstRedis('ycsb-b', 768, 0.8),
  { name: 'one client in floors', perform: inFloors },
  { name: 'recorded against not recorded', perform: recorded },
  { name: 'local reads', perform: localReads },
  perCpuSecond('causal', 'writes', 8),
  perCpuSecond('total-order', 'writes', 0.5),
  perCpuSecond('token-coherence', 'reads', 15),
  perCpuSecond('read-replication', 'reads', 15),
  { name: 'writes of token-coherence migrate by its holder', perform: byTheHolder },
  perCpuSecond('read-replication', 'writes', 0.7),
  contended('token-coherence'),
  contended('token-coherence migrate'),
  contended('read-replication'),
];

export function holds({ measured, target, bound }: Finding): boolean {
  return bound === 'least' ? measured >= target : measured <= target;
}

/** The register's throughput against that of the better client of Redis. */
function againstRedis(workload: string, clients: number, target: number): Trial {
  const name = `${workload}, ${clients} clients, throughput against Redis`;
  const perform = async (around: TrialSurroundings): Promise<Finding[]> => {
    const { outcome } = await run(around, {
      systems: [register, ...redis],
      clients,
      workload: named(workload),
    });
    const [ours, ...theirs] = outcome.runs.map(({ throughput }) => throughput);
    const measured = (ours ?? Number.NaN) / Math.max(...theirs);
    const from = outcome.runs.map(({ system, throughput }) => `${system} ${figure(throughput)}/s`).join(', ');
    return [{ name, measured, target, bound: 'least', from }];
  };
  return { name, perform };
}

/** Uncontended latency against the round trip of a bare frame. */
async function inFloors(around: TrialSurroundings): Promise<Finding[]> {
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
  return [finding('read', read?.p50, 1.3), finding('write', write?.p50, 2.6)];
}

/** What recording the history costs. */
async function recorded(around: TrialSurroundings): Promise<Finding[]> {
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
  return [{ name, measured: withIt / without, target: 0.9, bound: 'least', from }];
}

/** Reads of what a member holds, against what they could cost at least. */
async function localReads({ rounds }: TrialSurroundings): Promise<Finding[]> {
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

/** Operations per CPU second of the whole group, against those of the register under the same load. */
function perCpuSecond(system: string, workload: 'reads' | 'writes', target: number): Trial {
  const name = `${workload} of ${system}, 64 clients, per CPU second, against the register's`;
  const perform = async (around: TrialSurroundings): Promise<Finding[]> => {
    const changes = { systems: [system, register], clients: 64, workload: named(workload) };
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

/**
 * Writes of one member that holds the tokens, against those of the register by members of equal rank, as usual; and by
 * one member alone, whose frames are then fuller.
 */
async function byTheHolder(around: TrialSurroundings): Promise<Finding[]> {
  const system = 'token-coherence migrate';
  const load = { clients: 64, workload: named('writes', 1_000) };
  const rates: Record<'ours' | 'usual' | 'alone', number[]> = { ours: [], usual: [], alone: [] };
  for (let round = 0; round < around.rounds; round++) {
    for (const [way, changes] of [
      ['ours', { systems: [system], busy: 1 }],
      ['usual', { systems: [register] }],
      ['alone', { systems: [register], busy: 1 }],
    ] as const) {
      const { outcome } = await run({ ...around, rounds: 1 }, { ...load, ...changes });
      rates[way].push(outcome.runs[0]?.operationsPerCpuSecond ?? Number.NaN);
    }
  }
  const [ours, usual, alone] = [median(rates.ours), median(rates.usual), median(rates.alone)];
  const from = `${system} ${figure(ours)}, ${register} ${figure(usual)}, by one member ${figure(alone)}`;
  const name = `writes of ${system} by its holder, 64 clients, per CPU second, against the register's`;
  return [{ name, measured: ours / usual, target: 15, bound: 'least', from }];
}

/** One key that all members write at once, against 10,000 keys; and no operation may fail. */
function contended(system: string): Trial {
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
      { name: `${name}: failures`, measured: failed, target: 0, bound: 'most', from: 'operations' },
    ];
  };
  return { name, perform };
}

function named(workload: string, keys?: number): Settings['workload'] {
  return { name: workload, size: { valueBytes: 100, keys } };
}

function run(around: TrialSurroundings, changes: Partial<Settings>): Promise<Benchmarked> {
  const settings: Settings = {
    systems: [register],
    workload: named('ycsb-b'),
    members: 3,
    clients: 192,
    spread: 'poisson',
    seconds: around.seconds,
    warmSeconds: 1,
    rounds: around.rounds,
    seed: 1,
    verify: false,
    floor: false,
    ...changes,
  };
  return benchmark(settings, around.children, around.progress);
}
