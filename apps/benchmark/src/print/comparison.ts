import type { Outcome, Run, RunVerdict } from '../run.js';
import { table } from './columns.js';
import { loadFactsOf } from './load.js';
import { dateOf, listed, times } from './numbers.js';
import type { StoredOutcome, StoredRun } from './stored.js';

/** What has become of one system: its figures now, divided by those of then. */
export interface Change {
  readonly system: string;
  readonly ratios: Readonly<Record<Ratio, number>>;
  /** Whether the rounds of now and of then overlap in throughput; false where the earlier file does not tell. */
  readonly overlap: boolean;
  readonly verdicts: { readonly before: RunVerdict; readonly now: RunVerdict };
}

/** An outcome beside an earlier one. */
export interface Comparison {
  /** What it is compared with, in words. */
  readonly earlier: string;
  /** What differs besides the code, in words: with any of these, ratios say little. */
  readonly differences: readonly string[];
  /** Whether the earlier file tells its whole load; else some of it may differ. */
  readonly loadKnown: boolean;
  readonly changes: readonly Change[];
  readonly onlyNow: readonly string[];
  readonly onlyThen: readonly string[];
}

const ratiosOf = {
  'ops/s': ({ throughput }: StoredRun) => throughput,
  'ops per CPU s': ({ operationsPerCpuSecond }: StoredRun) => operationsPerCpuSecond,
  'read p50': ({ latencyUs }: StoredRun) => latencyUs.read.p50,
  'read p99': ({ latencyUs }: StoredRun) => latencyUs.read.p99,
  'write p50': ({ latencyUs }: StoredRun) => latencyUs.write.p50,
  'write p99': ({ latencyUs }: StoredRun) => latencyUs.write.p99,
};

type Ratio = keyof typeof ratiosOf;

export const ratioNames = Object.keys(ratiosOf) as readonly Ratio[];

/** Compares what is the same system over the same transport, whether or not its label says which. */
export function comparisonOf(now: Outcome, then: StoredOutcome): Comparison {
  const before = new Map(then.runs.map((run) => [identityOf(run), run]));
  const systems = new Set(now.runs.map(identityOf));
  const when = then.date === undefined ? 'an earlier run' : `the run of ${dateOf(then.date)}`;
  return {
    earlier: `${when} (commit ${then.commit})`,
    differences: differencesOf(now, then),
    loadKnown: then.load !== undefined,
    changes: now.runs.flatMap((run) => {
      const old = before.get(identityOf(run));
      return old === undefined ? [] : [changeOf(run, old)];
    }),
    onlyNow: now.runs.filter((run) => !before.has(identityOf(run))).map(({ system }) => system),
    onlyThen: then.runs.filter((run) => !systems.has(identityOf(run))).map(({ system }) => system),
  };
}

/** The label has the transport only where one was chosen, so with another --transport it is another. */
function identityOf({ system, transport }: Pick<StoredRun, 'system' | 'transport'>): string {
  const [, name = system, named = 'zeromq'] = /^(.*) over (zeromq|tcp)$/.exec(system) ?? [];
  return `${name} over ${transport ?? named}`;
}

function changeOf(run: Run, old: StoredRun): Change {
  const ratios = ratioNames.map((name) => [name, ratiosOf[name](run) / ratiosOf[name](old)] as const);
  const [least, most] = run.spread.throughput;
  const [oldLeast, oldMost] = old.spread?.throughput ?? [Number.NaN, Number.NaN];
  return {
    system: run.system,
    ratios: Object.fromEntries(ratios) as Record<Ratio, number>,
    overlap: least <= oldMost && oldLeast <= most,
    verdicts: { before: old.verdict, now: run.verdict },
  };
}

function differencesOf(now: Outcome, then: StoredOutcome): string[] {
  const [run, old] = [now.runs[0], then.runs[0]];
  const [load, before] = [loadFactsOf(now.load), then.load && loadFactsOf(then.load)];
  const facts: readonly (readonly [name: string, then: unknown, now: unknown])[] = [
    ['machine', then.machine, now.machine],
    ['Node', then.node, now.node],
    ['workload', old?.workload, run?.workload],
    ['members', old?.members, run?.members],
    ['clients', old?.clients, run?.clients],
    ['rounds', then.rounds, now.rounds],
    ...[...load].map(([name, fact]) => [name, before?.get(name), fact] as const),
  ];
  return facts.flatMap(([name, earlier, later]) =>
    earlier === undefined || later === undefined || earlier === later
      ? []
      : [`${name}: ${earlier} then, ${later} now`],
  );
}

const unknownLoad =
  'The earlier file does not say how large its values were, nor keys, rate, seconds, warm-up and seed, nor whether ' +
  'its histories were recorded: the ratios hold only if all that was the same.';

/** What has to be said about the ratios, as sentences. */
export function remarksOn(comparison: Comparison): string[] {
  const { differences, loadKnown, changes, onlyNow, onlyThen } = comparison;
  const overlapping = changes.filter(({ overlap }) => overlap).map(({ system }) => system);
  const judged = changes.filter(({ verdicts }) => verdicts.before !== verdicts.now);
  return [
    ...(differences.length > 0
      ? [`The ratios say little, for more than the code differs: ${differences.join('; ')}.`]
      : []),
    ...(loadKnown ? [] : [unknownLoad]),
    ...(overlapping.length > 0
      ? [`No change of throughput that the rounds could tell: ${listed(overlapping)}.`]
      : []),
    ...judged.map(
      ({ system, verdicts }) => `${system} was ${verdicts.before} then and is ${verdicts.now} now.`,
    ),
    ...(onlyNow.length > 0 ? [`Only in this run: ${listed(onlyNow)}.`] : []),
    ...(onlyThen.length > 0 ? [`Only in the earlier run: ${listed(onlyThen)}.`] : []),
    ...(changes.length === 0 ? ['No system is in both runs, so there are no ratios.'] : []),
  ];
}

/** The comparison as a table of text. */
export function comparisonTableOf(comparison: Comparison): string {
  const { earlier, changes } = comparison;
  const rows = changes.map(({ system, ratios }) => [
    system,
    ...ratioNames.map((name) => times(ratios[name])),
  ]);
  const lines =
    rows.length === 0
      ? []
      : [
          ...table(
            [['protocol', ...ratioNames], ...rows],
            ['left', ...ratioNames.map(() => 'right' as const)],
          ),
          '',
        ];
  return ['', `now, divided by ${earlier}:`, '', ...lines, ...remarksOn(comparison)].join('\n');
}
