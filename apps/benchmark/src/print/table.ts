import type { Benchmarked } from '../benchmark.js';
import type { Run } from '../run.js';
import { checkedShareOf } from './checked-share.js';
import { table } from './columns.js';
import { loadLineOf } from './load.js';
import { duration, figure, times } from './numbers.js';
import { scarcitiesOf } from './scarcity.js';

interface Column {
  readonly head: string;
  /** The cell in the row of a run's reads, and in that of its writes. */
  readonly cell: (run: Run, kind: 'read' | 'write', floorUs: number) => string;
  readonly left?: true;
}

/** What is of the run and not of its reads or writes stands in the first of its two rows. */
const once =
  (of: (run: Run) => string): Column['cell'] =>
  (run, kind) =>
    kind === 'read' ? of(run) : '';

/** Every column of the table; latencies in microseconds. */
const columns: readonly Column[] = [
  { head: 'protocol', cell: once(({ system }) => system), left: true },
  {
    head: 'guarantee',
    cell: ({ guarantees }, kind) =>
      kind === 'read' ? guarantees.consistency : `${guarantees.reads}/${guarantees.writes}`,
    left: true,
  },
  { head: 'ops/s', cell: once(({ throughput }) => figure(throughput)) },
  { head: '', cell: (_, kind) => `${kind}s`, left: true },
  { head: 'p50 µs', cell: ({ latencyUs }, kind) => figure(latencyUs[kind].p50) },
  { head: 'p99', cell: ({ latencyUs }, kind) => figure(latencyUs[kind].p99) },
  { head: 'p99.9', cell: ({ latencyUs }, kind) => figure(latencyUs[kind].p999) },
  { head: 'p50/floor', cell: ({ latencyUs }, kind, floorUs) => times(latencyUs[kind].p50 / floorUs) },
  { head: 'messages/op', cell: ({ messagesPerOperation }, kind) => figure(messagesPerOperation[kind]) },
  { head: 'verdict', cell: once(({ verdict }) => verdict), left: true },
];

/** What a system promises, in a few words. */
export function guaranteeOf({ guarantees }: Run): string {
  return `${guarantees.consistency} (${guarantees.reads}/${guarantees.writes})`;
}

/** The figures as a table of text, two rows for each run, with what has to be said below it. */
export function tableOf({ outcome, measured }: Benchmarked): string {
  const { floorUs, runs, unmeasured } = outcome;
  const rows = [columns.map(({ head }) => head)];
  for (const run of runs) {
    for (const kind of ['read', 'write'] as const)
      rows.push(columns.map(({ cell }) => cell(run, kind, floorUs.p50)));
  }
  const lines = table(
    rows,
    columns.map(({ left }) => (left === true ? 'left' : 'right')),
  );
  const failures = unmeasured.map(({ system, reason }) => `${system}: not measured: ${reason}`);
  const remarks = measured.flatMap((each) => remarksOn(each, outcome.rounds));
  return [...headlines(outcome), '', ...lines, '', ...remarks, ...failures].join('\n');
}

function headlines({
  machine,
  node,
  commit,
  command,
  load,
  rounds,
  floorUs,
  runs,
}: Benchmarked['outcome']): string[] {
  const [run] = runs;
  const what = run === undefined ? '' : loadOf(run);
  const many = rounds === 1 ? 'one round' : `medians of ${rounds} rounds`;
  const again = command === undefined ? [] : [`again: ${command}`];
  const floor = Number.isFinite(floorUs.p50)
    ? `floor (bare ZeroMQ to as many as a quorum needs): p50 ${duration(floorUs.p50)}, p99 ${duration(floorUs.p99)}`
    : 'no floor: nobody else has to answer';
  return [
    what,
    `${loadLineOf(load)}; ${many}`,
    ...again,
    `${machine}; Node ${node}; commit ${commit}`,
    floor,
  ];
}

/** The load of a run: `ycsb-b, 3 members, 64 clients`. */
export function loadOf({ workload, members, clients }: Run): string {
  const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;
  return `${workload}, ${counted(members, 'member')}, ${counted(clients, 'client')}`;
}

/** That all members were seen to hold the same in the end. */
export function agreementOf({ convergedKeys }: Run): string | undefined {
  if (convergedKeys === 0) return undefined;
  return `at the end all members held the same in ${convergedKeys.toLocaleString('en')} keys`;
}

/** That compare-and-swaps wrote nothing, which are timed and counted all the same. */
export function lostSwapsOf({ swaps, lostSwaps }: Run, rounds: number): string | undefined {
  if (lostSwaps === 0) return undefined;
  const share = `${lostSwaps.toLocaleString('en')} of ${swaps.toLocaleString('en')} swaps lost`;
  const where = rounds > 1 ? `${share} in all rounds together` : share;
  return `${where}: they found another value and wrote nothing, and count as writes`;
}

/** What was checked, and what a reader must know about a row. */
function remarksOn({ run, notes, reason }: Benchmarked['measured'][number], rounds: number): string[] {
  const operations = run.operations.toLocaleString('en');
  const sampled = run.checkedOperations === run.checkedOf ? '' : ', all those on a sample of the keys';
  const seconds = `in ${figure(run.seconds)} s`;
  const history =
    run.verdict === 'unchecked'
      ? 'the history was not checked'
      : `${checkedShareOf(run, rounds)}${sampled}: ${run.verdict}`;
  const lines = [`${run.system}: ${operations} operations ${seconds}, ${history}`];
  const agreement = agreementOf(run);
  if (agreement !== undefined) lines.push(`  ${agreement}`);
  const lost = lostSwapsOf(run, rounds);
  if (lost !== undefined) lines.push(`  ${lost}`);
  for (const scarcity of scarcitiesOf(run, rounds)) lines.push(`  ${scarcity}`);
  for (const note of notes) lines.push(`  ${note}`);
  if (reason !== undefined) lines.push(...reason.split('\n').map((line) => `  ${line}`));
  return lines;
}
