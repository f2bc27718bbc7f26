import type { Benchmarked } from '../../benchmark.js';
import type { Outcome, Run, Unmeasured } from '../../run.js';
import { checkedShareOf } from '../checked-share.js';
import { escaped, tableHtml } from '../html.js';
import { duration, figure, megabytes, times } from '../numbers.js';
import { scarcitiesOf } from '../scarcity.js';
import { agreementOf, guaranteeOf, lostSwapsOf } from '../table.js';

/** What was checked of each system, and what came of it. */
export function verdictsSection({ outcome, measured, objections }: Benchmarked): string {
  const verdicts = measured.map((each) => verdictOf(each, outcome.rounds));
  const points = objections.map((objection) => `<li><pre>${escaped(objection)}</pre></li>`);
  const failures = outcome.unmeasured.map(unmeasuredOf);
  return `<section><h2>Verdicts</h2>
<p class="about">The recorded history of each run was judged by the checker that fits what the system promises.</p>
<ul class="verdicts">${[...verdicts, ...failures, ...points].join('\n')}</ul></section>`;
}

function unmeasuredOf({ system, reason }: Unmeasured): string {
  const what = `<span class="verdict unknown">not measured</span> <strong>${escaped(system)}</strong>`;
  return `<li>${what}: ${escaped(reason)}</li>`;
}

function verdictOf({ run, notes, reason }: Benchmarked['measured'][number], rounds: number): string {
  const { verdict, system, guarantees, failedOperations } = run;
  const operations = run.operations.toLocaleString('en');
  const what =
    verdict === 'unchecked'
      ? `none of ${operations} operations was checked`
      : `${operations} operations, ${checkedShareOf(run, rounds)} for being ${guarantees.consistency}`;
  const agreement = agreementOf(run);
  const lost = lostSwapsOf(run, rounds);
  const told = [
    ...(agreement === undefined ? [] : [agreement]),
    ...(failedOperations > 0 ? [`${failedOperations.toLocaleString('en')} operations failed`] : []),
    ...(lost === undefined ? [] : [lost]),
    ...scarcitiesOf(run, rounds),
    ...notes,
  ];
  const items = told.map((note) => `<li>${escaped(note)}</li>`).join('');
  return `<li><span class="verdict ${verdict}">${verdict}</span> <strong>${escaped(system)}</strong>: ${escaped(what)}.
${items === '' ? '' : `<ul>${items}</ul>`}${reason === undefined ? '' : `<pre>${escaped(reason)}</pre>`}</li>`;
}

/** Every figure of every run. */
export function figuresSection({ runs, floorUs }: Outcome): string {
  const latencyHeads = ['reads p50', 'p99', 'p99.9', 'writes p50', 'p99', 'p99.9'];
  const floor = Number.isFinite(floorUs.p50);
  const heads = ['', 'guarantee', 'ops/s', 'least', 'most', 'ops per CPU second', ...latencyHeads];
  if (floor) heads.push('read p50 in floors', 'write p50 in floors');
  heads.push('messages per read', 'per write', 'bytes per operation', 'start', 'resident', 'server');
  const rows = runs.map((run) => [
    ...rowOf(run),
    ...(floor ? inFloors(run, floorUs.p50) : []),
    ...costsOf(run),
  ]);
  const caption = 'Everything that was measured in the closed loop, or at the rate that was asked for';
  return `<section><h2>All figures</h2>${tableHtml(caption, heads, rows)}</section>`;
}

function rowOf(run: Run): string[] {
  const { read, write } = run.latencyUs;
  return [
    escaped(run.system),
    escaped(guaranteeOf(run)),
    ...[run.throughput, ...run.spread.throughput, run.operationsPerCpuSecond].map(figure),
    ...[read, write].flatMap(({ p50, p99, p999 }) => [p50, p99, p999].map(duration)),
  ];
}

function inFloors({ latencyUs }: Run, floorUs: number): string[] {
  return [latencyUs.read, latencyUs.write].map(({ p50 }) => times(p50 / floorUs));
}

function costsOf({
  messagesPerOperation,
  bytesPerOperation,
  startUpMs,
  residentBytes,
  server,
}: Run): string[] {
  return [
    figure(messagesPerOperation.read),
    figure(messagesPerOperation.write),
    figure(bytesPerOperation),
    duration(startUpMs * 1_000),
    megabytes(residentBytes),
    server === undefined ? 'none' : escaped(`${server.software}; ${server.durability}`),
  ];
}
