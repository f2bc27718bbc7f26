/** Draws the plots of the page in the browser. It is put into the page as it is, so it imports nothing but types. */
import type { Axis, Plot, Series } from './plot.js';

/** Pointers this near to a point, in pixels, are told what it is. */
const nearPixels = 36;
const font = '12px system-ui, sans-serif';

type Host = HTMLElement & { chart?: uPlot };

const plots = JSON.parse(document.getElementById('plots')?.textContent ?? '[]') as readonly Plot[];
const hosts = [...document.querySelectorAll<Host>('[data-plot]')];

for (const host of hosts) {
  draw(host);
}
for (const button of document.querySelectorAll<HTMLButtonElement>('.legend button')) {
  button.addEventListener('click', () => toggle(button));
}
const resized = new ResizeObserver((entries) => {
  for (const { target } of entries) (target as Host).chart?.setSize(sizeOf(target as Host));
});
for (const host of hosts) resized.observe(host);
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
  for (const host of hosts) draw(host);
});

/** Hides or shows a system in all plots that share the legend. */
function toggle(button: HTMLButtonElement): void {
  const show = button.getAttribute('aria-pressed') !== 'true';
  button.setAttribute('aria-pressed', String(show));
  for (const { chart } of button.closest('.plots')?.querySelectorAll<Host>('[data-plot]') ?? []) {
    const index = chart?.series.findIndex(({ label }) => label === button.dataset.system) ?? -1;
    if (index > 0) chart?.setSeries(index, { show });
  }
}

/** Draws a plot, anew where it was drawn in the colours of the other scheme. */
function draw(host: Host): void {
  const plot = plots[Number(host.dataset.plot)];
  if (plot === undefined) return;
  const hidden = host.chart?.series.map(({ show }) => show === false) ?? [];
  host.chart?.destroy();
  host.replaceChildren();
  const tables = plot.series.map(
    ({ points }) => [points.map(([x]) => x), points.map(([, y]) => y)] as uPlot.AlignedData,
  );
  const options: uPlot.Options = {
    ...sizeOf(host),
    legend: { show: false },
    cursor: { drag: { x: false, y: false }, points: { show: false }, x: false, y: false },
    scales: { x: scaleOf(plot.x, plot, 0), y: scaleOf(plot.y, plot, 1) },
    axes: [axisOf(plot.x, 0), axisOf(plot.y, 1)],
    series: [{}, ...plot.series.map((series, index) => lineOf(series, hidden[index + 1] !== true))],
  };
  const chart = new uPlot(options, uPlot.join(tables), host);
  host.chart = chart;
  tellPoints(chart, plot);
}

function sizeOf(host: HTMLElement): { width: number; height: number } {
  const width = host.clientWidth;
  return { width, height: Math.round(Math.min(340, Math.max(240, width * 0.6))) };
}

function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function lineOf({ label, colour: index, dash, dots }: Series, show: boolean): uPlot.Series {
  const stroke = colour(`--c${index}`);
  return {
    label,
    show,
    stroke,
    dash: [...dash],
    width: 2,
    spanGaps: true,
    points: { show: dots, size: 7, stroke, fill: colour('--paper') },
  };
}

function scaleOf(axis: Axis, { series }: Plot, coordinate: 0 | 1): uPlot.Scale {
  const values = series.flatMap(({ points }) => points.map((point) => point[coordinate]));
  const [least, most] = [Math.min(...values), Math.max(...values)];
  // Fixed, so that hiding a line does not change what the others look like.
  if (axis.scale === 'logarithmic') return { time: false, distr: 3, range: [least / 1.25, most * 1.25] };
  if (axis.unit === 'share') return { time: false, range: [0, 1] };
  const from = coordinate === 0 && least > (most - least) / 8 ? least - (most - least) / 16 : 0;
  return { time: false, range: [least === most ? 0 : from, most * 1.06] };
}

function axisOf(axis: Axis, side: 0 | 1): uPlot.Axis {
  const written = (value: number): string => text(value, axis.unit);
  const line = { stroke: colour('--line'), width: 1 };
  return {
    ...(side === 0 ? { size: 40 } : { size: 62 }),
    stroke: colour('--quiet'),
    font,
    label: axis.label,
    labelFont: font,
    labelSize: 18,
    grid: line,
    ticks: { ...line, size: 4 },
    values: (_, splits) => splits.map((value) => (value === null ? '' : written(value))),
    ...(axis.scale === 'logarithmic' && {
      splits: (_: uPlot, __: number, min: number, max: number) => logarithmicSplits(min, max),
      filter: (_: uPlot, splits: number[]) => splits,
    }),
    ...(axis.unit === 'count' && axis.scale === 'linear' && side === 0 && { space: 64 }),
  };
}

/** 1, 2 and 5 of each decade; over many decades 1 alone. */
function logarithmicSplits(min: number, max: number): number[] {
  const decades = Math.log10(max / min);
  const digits = decades > 2.6 ? [1] : [1, 2, 5];
  const first = Math.floor(Math.log10(min));
  return Array.from({ length: Math.ceil(decades) + 2 }, (_, step) => 10 ** (first + step))
    .flatMap((decade) => digits.map((digit) => digit * decade))
    .filter((value) => value >= min && value <= max);
}

function text(value: number, unit: Axis['unit']): string {
  if (unit === 'share') return `${Number((value * 100).toFixed(2))} %`;
  if (unit === 'count') {
    return value.toLocaleString('en', { notation: 'compact', maximumSignificantDigits: 3 });
  }
  const rounded = (us: number): string => us.toLocaleString('en', { maximumSignificantDigits: 3 });
  if (value >= 1e6) return `${rounded(value / 1e6)} s`;
  return value >= 1e3 ? `${rounded(value / 1e3)} ms` : `${rounded(value)} µs`;
}

/** Says in a small box which point the pointer is at. */
function tellPoints(chart: uPlot, plot: Plot): void {
  const box = document.createElement('div');
  box.className = 'tip';
  box.hidden = true;
  chart.over.append(box);
  const follow = (event: PointerEvent): void => {
    const frame = chart.over.getBoundingClientRect();
    const at = { x: event.clientX - frame.left, y: event.clientY - frame.top };
    const found = nearest(chart, plot, at);
    box.hidden = found === undefined;
    if (found === undefined) return;
    const { series, point, left, top } = found;
    box.textContent = `${series.label}: ${text(point[0], plot.x.unit)} → ${text(point[1], plot.y.unit)}`;
    box.style.left = `${Math.min(left, Math.max(0, frame.width - box.offsetWidth))}px`;
    box.style.top = `${Math.max(0, top - box.offsetHeight - 8)}px`;
  };
  chart.over.addEventListener('pointermove', follow);
  chart.over.addEventListener('pointerdown', follow);
  chart.over.addEventListener('pointerleave', () => {
    box.hidden = true;
  });
}

interface Found {
  readonly series: Series;
  readonly point: readonly [number, number];
  readonly left: number;
  readonly top: number;
}

function nearest(chart: uPlot, { series }: Plot, at: { x: number; y: number }): Found | undefined {
  let found: Found | undefined;
  let least = nearPixels;
  for (const [index, each] of series.entries()) {
    if (chart.series[index + 1]?.show === false) continue;
    for (const point of each.points) {
      const [left, top] = [chart.valToPos(point[0], 'x'), chart.valToPos(point[1], 'y')];
      const distance = Math.hypot(left - at.x, top - at.y);
      if (distance >= least) continue;
      least = distance;
      found = { series: each, point, left, top };
    }
  }
  return found;
}
