import type { Benchmarked } from '../benchmark.js';
import { adviceOn } from './advice/advice.js';
import { comparisonOf } from './comparison.js';
import { embedded, escaped } from './html.js';
import { inlined } from './inlined.js';
import { loadLineOf } from './load.js';
import { dateOf, duration, listed } from './numbers.js';
import { marksOf } from './palette.js';
import { reportStyle } from './report-style.js';
import { comparisonSection } from './sections/comparison.js';
import { costSection, latencySection, messagesSection, throughputSection } from './sections/figures.js';
import { PlotSections } from './sections/plots.js';
import { figuresSection, verdictsSection } from './sections/tables.js';
import type { StoredOutcome } from './stored.js';
import { loadOf } from './table.js';

/** One page that needs nothing else: what to choose, what was measured, on what, and whether it was right. */
export function reportOf(benchmarked: Benchmarked, earlier?: StoredOutcome | undefined): string {
  const { outcome } = benchmarked;
  const [first] = outcome.runs;
  const title = first === undefined ? 'Nothing was measured' : loadOf(first);
  const marks = marksOf([...outcome.runs, ...outcome.curves, ...outcome.scaling]);
  const plots = new PlotSections(outcome, marks);
  const sections = [
    adviceSection(benchmarked),
    ...(earlier === undefined ? [] : [comparisonSection(comparisonOf(outcome, earlier))]),
    throughputSection(outcome, marks),
    latencySection(outcome, marks),
    plots.curves(),
    plots.distributions(),
    messagesSection(outcome, marks),
    plots.scaling(),
    costSection(outcome, marks),
    verdictsSection(benchmarked),
    figuresSection(outcome),
    absences(outcome),
  ];
  const body = `<header><h1>${escaped(title)}</h1>${environment(outcome)}</header>
<main>
${sections.filter((section) => section !== '').join('\n')}
</main>`;
  return pageOf(title, body, plots.drawn);
}

function pageOf(title: string, body: string, plots: readonly unknown[]): string {
  const { style, script, licence } = inlined();
  // A page without plots needs nobody to draw them.
  const drawing =
    plots.length === 0
      ? ''
      : `<script type="application/json" id="plots">${embedded(plots)}</script>
<!-- The plots are drawn by uPlot:
${licence}
-->
<script type="module">
${script}
</script>`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style>${plots.length === 0 ? '' : `${style}\n`}${reportStyle}</style>
</head>
<body>
${body}
${drawing}
</body>
</html>
`;
}

function adviceSection({ outcome }: Benchmarked): string {
  const { choice, otherwise } = adviceOn(outcome);
  const items = otherwise.map((sentence) => `<li>${unbroken(sentence)}</li>`).join('\n');
  return `<section class="choice"><h2>Which to choose</h2>
<p>${unbroken(choice)}</p>
${items === '' ? '' : `<ul>${items}</ul>`}</section>`;
}

/** A figure and its unit stay on one line. */
function unbroken(text: string): string {
  return escaped(text).replaceAll(/(\d) (?=[×µm]s?\b|×)/g, '$1&nbsp;');
}

/** What this run could have measured and did not. */
function absences({ curves, scaling, runs }: Benchmarked['outcome']): string {
  const absent = [
    ...(curves.length === 0 ? ['latency under load (--curve)'] : []),
    ...(scaling.length === 0 ? ['scaling (--scale)'] : []),
    ...(runs.every((run) => run.heapBytesPer100kEntries === null)
      ? ['the memory that entries take (--weigh)']
      : []),
    ...(runs.every(({ verdict }) => verdict === 'unchecked') ? ['whether the histories are legal'] : []),
  ];
  return absent.length === 0
    ? ''
    : `<p class="about">Not measured in this run: ${escaped(listed(absent))}.</p>`;
}

function environment(outcome: Benchmarked['outcome']): string {
  const { machine, node, commit, date, rounds, command, load, floorUs } = outcome;
  const round = `p50 ${duration(floorUs.p50)}, p99 ${duration(floorUs.p99)}`;
  const floor = Number.isFinite(floorUs.p50)
    ? [`${round}: a bare ZeroMQ frame to as many as a quorum needs, and back`]
    : [];
  const facts: readonly (readonly [string, string])[] = [
    ['measured', `${dateOf(date)}, ${rounds === 1 ? 'one round' : `medians of ${rounds} rounds in turns`}`],
    ['load', loadLineOf(load)],
    ['machine', `${machine}; all processes share it, so what is sent costs no network`],
    ['software', `Node ${node}, commit ${commit}`],
    ...(command === undefined ? [] : [['again', command] as const]),
    ...floor.map((text) => ['floor', text] as const),
  ];
  return `<dl>${facts.map(([name, fact]) => `<dt>${name}</dt><dd>${escaped(fact)}</dd>`).join('')}</dl>`;
}
