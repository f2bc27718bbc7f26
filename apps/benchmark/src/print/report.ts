import type { Benchmarked } from '../benchmark.js';
import type { Run } from '../run.js';
import { type Bar, barsOf } from './bars.js';
import { escaped } from './html.js';
import { figure, megabytes, times } from './numbers.js';
import { reportStyle } from './report-style.js';
import { agreementOf, guaranteeOf, loadOf } from './table.js';

/** One page that needs nothing else: what was measured, on what, and whether it was right. */
export function reportOf({ outcome, measured }: Benchmarked): string {
  const { runs } = outcome;
  const title = runs[0] === undefined ? 'Nothing was measured' : loadOf(runs[0]);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style>${reportStyle}</style>
</head>
<body>
<h1>${escaped(title)}</h1>
${environment(outcome)}
<h2>Figures</h2>
${tableOf(outcome)}
<h2>Throughput, operations per second</h2>
${barsOf('Throughput', runs.map(throughputBar), 'linear')}
<h2>Latency in µs, logarithmic
<span class="key"><span class="read">reads</span><span class="write">writes</span></span></h2>
${barsOf('Latency', runs.flatMap(latencyBars), 'logarithmic')}
<h2>Verdicts</h2>
${measured.map(verdictOf).join('\n')}
</body>
</html>
`;
}

function environment({ machine, node, commit, floorUs }: Benchmarked['outcome']): string {
  const floor = `p50 ${figure(floorUs.p50)} µs, p99 ${figure(floorUs.p99)} µs`;
  const facts = { machine, node, commit, 'floor (bare ZeroMQ)': floor };
  const rows = Object.entries(facts).map(([name, fact]) => `<dt>${name}</dt><dd>${escaped(fact)}</dd>`);
  return `<dl>${rows.join('')}</dl>`;
}

function tableOf({ runs, floorUs }: Benchmarked['outcome']): string {
  const heads = ['', 'guarantee', 'ops/s', 'ops per CPU second', '', 'p50 µs', 'p99', 'p99.9', '× floor'];
  heads.push('messages', 'bytes per op', 'resident');
  const rows = runs.flatMap((run) => [rowOf(run, 'read', floorUs.p50), rowOf(run, 'write', floorUs.p50)]);
  const head = heads.map((text) => `<th>${escaped(text)}</th>`).join('');
  return `<div class="scroll"><table><thead><tr>${head}</tr></thead><tbody>${rows.join('\n')}</tbody></table></div>`;
}

/** Two rows for each run; what is of the run and not of its reads or writes stands in the first. */
function rowOf(run: Run, kind: 'read' | 'write', floorUs: number): string {
  const { p50, p99, p999 } = run.latencyUs[kind];
  const first = kind === 'read';
  const ofRun = (text: string): string => (first ? escaped(text) : '');
  const cells = [
    ofRun(run.system),
    ofRun(guaranteeOf(run)),
    ofRun(figure(run.throughput)),
    ofRun(figure(run.operationsPerCpuSecond)),
    `<span class="${kind}">${kind}s</span>`,
    figure(p50),
    figure(p99),
    figure(p999),
    times(p50 / floorUs),
    figure(run.messagesPerOperation[kind]),
    ofRun(figure(run.bytesPerOperation)),
    ofRun(megabytes(run.residentBytes)),
  ];
  return `<tr>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`;
}

function throughputBar({ system, throughput }: Run): Bar {
  return { label: system, value: throughput, series: 'read' };
}

function latencyBars({ system, latencyUs }: Run): Bar[] {
  return (['read', 'write'] as const).flatMap((series) =>
    (['p50', 'p99', 'p999'] as const).map((name) => ({
      label: name === 'p50' ? `${system}, ${series} p50` : name.replace('p999', 'p99.9'),
      value: latencyUs[series][name],
      series,
    })),
  );
}

function verdictOf({ run, notes, reason }: Benchmarked['measured'][number]): string {
  const checked = run.checkedOperations.toLocaleString('en');
  const operations = run.operations.toLocaleString('en');
  const agreement = agreementOf(run);
  const told = agreement === undefined ? notes : [agreement, ...notes];
  const items = told.map((note) => `<li>${escaped(note)}</li>`).join('');
  return `<p><span class="verdict ${run.verdict}">${run.verdict}</span> ${escaped(run.system)}:
${checked} of ${operations} operations checked for being ${escaped(run.guarantees.consistency)}.</p>
${items === '' ? '' : `<ul>${items}</ul>`}${reason === undefined ? '' : `<pre>${escaped(reason)}</pre>`}`;
}
