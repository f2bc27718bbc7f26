import type { CurvePoint, Outcome, Scale, ScalePoint } from '../../run.js';
import { escaped, tableHtml, unfolding } from '../html.js';
import { duration, figure, listed, megabytes } from '../numbers.js';
import type { Plot, Series } from '../page/plot.js';
import type { Mark } from '../palette.js';
import { curvePlots, distributionPlots, scaleNames, scalingPlots } from '../plots.js';

const curveCaption =
  'Operations per second that were offered and completed; how many reads and writes a round had, and their latency';

type Marks = ReadonlyMap<string, Mark>;

/** Sections with plots: each plot has a place in the page and, in `drawn`, the data it is drawn from. */
export class PlotSections {
  readonly drawn: Plot[] = [];
  private readonly outcome: Outcome;
  private readonly marks: Marks;

  constructor(outcome: Outcome, marks: Marks) {
    this.outcome = outcome;
    this.marks = marks;
  }

  /** Latency against offered load. */
  curves(): string {
    const { curves } = this.outcome;
    const plots = this.place(curvePlots(curves, this.marks));
    if (curves.length === 0) return '';
    const rows = curves.flatMap(({ system, points }) => points.map((point) => curveRow(system, point)));
    const heads = [
      '',
      'offered',
      'completed',
      'reads',
      'p50',
      'p99',
      'p99.9',
      'writes',
      'p50',
      'p99',
      'p99.9',
      'history',
    ];
    const points = tableHtml(curveCaption, heads, rows);
    return `<section><h2>Latency under load</h2>
<p class="about">Operations arrive at a given rate, whether or not earlier ones are done, and time counts from when one
was due. A line that rises steeply has reached what the system can serve; the last rate is 1.2 times what the closed
loop reached in the first round, which is not past that if the round was a slow one.</p>
${plots}
${linelessOf(curves)}
${unfolding('The points of these lines', points)}</section>`;
  }

  distributions(): string {
    const plots = this.place(distributionPlots(this.outcome, this.marks));
    if (plots === '') return '';
    const which = this.outcome.rounds > 1 ? ' Of the round whose throughput is nearest the median.' : '';
    return `<section><h2>Distribution of latency</h2>
<p class="about">The share of operations that took at most so long: further left and steeper is better.${which}
Percentiles are in the table of all figures.</p>
${plots}</section>`;
  }

  /** What becomes of throughput when one thing grows. */
  scaling(): string {
    const scales = [...new Set(this.outcome.scaling.map(({ of }) => of))];
    const parts = scales.map((of) => this.grown(of)).filter((part) => part !== '');
    if (parts.length === 0) return '';
    return `<section><h2>Scaling</h2>
<p class="about">A closed loop in which one thing grows and everything else stays. All members share the processors of
one machine: with more members there is not more to compute with.</p>
${parts.join('\n')}</section>`;
  }

  private grown(of: Scale): string {
    const { scaling } = this.outcome;
    const plots = this.place(scalingPlots(of, scaling, this.marks));
    if (plots === '') return '';
    const rows = scaling
      .filter((each) => each.of === of)
      .flatMap(({ system, points }) => points.map((point) => scaleRow(system, point)));
    const heads = ['', scaleNames[of], 'ops/s', 'per CPU second', 'reads p50', 'p99', 'writes p50', 'p99'];
    heads.push('resident', 'history');
    return `<h3>With more ${escaped(scaleNames[of])}</h3>
${plots}
${unfolding('The points of these lines', tableHtml(`Figures by ${scaleNames[of]}`, heads, rows))}`;
  }

  private place(plots: readonly Plot[]): string {
    if (plots.length === 0) return '';
    const figures = plots.map((plot) => {
      const index = this.drawn.push(plot) - 1;
      return `<figure><figcaption>${escaped(plot.title)}</figcaption>
<div class="plot" data-plot="${index}" role="img" aria-label="${escaped(plot.title)}"></div>
<noscript><p class="about">The plot needs JavaScript.</p></noscript></figure>`;
    });
    const systems = new Map(plots.flatMap(({ series }) => series.map((each) => [each.label, each] as const)));
    return `<div class="plots"><div class="legend">${[...systems.values()].map(legendOf).join('')}</div>
<div class="two">${figures.join('\n')}</div></div>`;
  }
}

/** A button that hides and shows the lines of a system in the plots beside it. */
function legendOf({ label, colour, dash }: Series): string {
  const line = `<line x1="0" x2="30" y1="5" y2="5" stroke-dasharray="${dash.join(' ')}"/>`;
  const swatch = `<svg class="c${colour}" viewBox="0 0 30 10" aria-hidden="true">${line}</svg>`;
  const name = escaped(label);
  return `<button type="button" aria-pressed="true" data-system="${name}">${swatch}${name}</button>`;
}

/** Who is missing in the plots, and why. */
function linelessOf(curves: Outcome['curves']): string {
  const missing = (['read', 'write'] as const).flatMap((kind) =>
    curves
      .filter(({ points }) => points.some((point) => point[`${kind}s`] > 0))
      .filter(({ points }) => points.every((point) => Number.isNaN(point[`${kind}Us`].p99)))
      .map(({ system }) => `${kind}s of ${system}`),
  );
  if (missing.length === 0) return '';
  return `<p class="about">Without a line, for a p99 takes 100 of them: ${escaped(listed(missing))}.</p>`;
}

function curveRow(system: string, point: CurvePoint): string[] {
  const { offered, throughput, reads, writes, readUs, writeUs, verdict } = point;
  const ofKind = (count: number, { p50, p99, p999 }: CurvePoint['readUs']): string[] => [
    figure(count),
    ...[p50, p99, p999].map(duration),
  ];
  const latencies = [...ofKind(reads, readUs), ...ofKind(writes, writeUs)];
  return [escaped(system), figure(offered), figure(throughput), ...latencies, verdictCell(verdict)];
}

function scaleRow(system: string, point: ScalePoint): string[] {
  const { at, throughput, operationsPerCpuSecond, readUs, writeUs, residentBytes, verdict } = point;
  const latencies = [readUs, writeUs].flatMap(({ p50, p99 }) => [p50, p99].map(duration));
  const figures = [at, throughput, operationsPerCpuSecond].map(figure);
  return [escaped(system), ...figures, ...latencies, megabytes(residentBytes), verdictCell(verdict)];
}

function verdictCell(verdict: string): string {
  return `<span class="${verdict}">${verdict}</span>`;
}
