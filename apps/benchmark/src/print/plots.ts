import type { Cumulated } from '../load/histogram.js';
import type { Curve, Outcome, Scale, ScalePoint, Scaling } from '../run.js';
import type { Axis, Plot, Series } from './page/plot.js';
import { dashes, type Mark } from './palette.js';

type Marks = ReadonlyMap<string, Mark>;

const kinds = ['read', 'write'] as const;

const microseconds = (label: string): Axis => ({ label, scale: 'logarithmic', unit: 'microseconds' });

/** An axis that small values can be read on beside very large ones. */
function growing(label: string, values: readonly number[]): Axis {
  const known = values.filter((value) => value > 0);
  const wide = Math.max(...known) > 16 * Math.min(...known);
  return { label, scale: wide ? 'logarithmic' : 'linear', unit: 'count' };
}

/** Latency of reads and of writes against offered load; none where no curve was measured. */
export function curvePlots(curves: readonly Curve[], marks: Marks): Plot[] {
  const offered = curves.flatMap(({ points }) => points.map((point) => point.offered));
  return kinds.flatMap((kind) => {
    const series = curves.map(({ system, points }) =>
      seriesOf(
        system,
        points.map((point) => [point.offered, point[`${kind}Us`].p99] as const),
        marks,
      ),
    );
    return plotOf({
      title: `p99 of ${kind}s against offered load`,
      x: growing('offered, operations per second', offered),
      y: microseconds(`p99 of ${kind}s`),
      series,
    });
  });
}

/** Cumulative distributions of the latency of reads and of writes. */
export function distributionPlots({ runs }: Pick<Outcome, 'runs'>, marks: Marks): Plot[] {
  return kinds.flatMap((kind) =>
    plotOf({
      title: `Distribution of the latency of ${kind}s`,
      x: microseconds(`latency of ${kind}s`),
      y: { label: `share of ${kind}s`, scale: 'linear', unit: 'share' },
      series: runs.map(({ system, cdf }) => seriesOf(system, thinned(cdf[kind]).map(rounded), marks, false)),
    }),
  );
}

/** Throughput, and what a second of processor time is good for, while one thing grows. */
export function scalingPlots(of: Scale, scaling: readonly Scaling[], marks: Marks): Plot[] {
  const grown = scaling.filter((each) => each.of === of);
  const sizes = grown.flatMap(({ points }) => points.map(({ at }) => at));
  const x = growing(scaleNames[of], sizes);
  const figures: readonly (readonly [label: string, value: (point: ScalePoint) => number])[] = [
    ['operations per second', ({ throughput }) => throughput],
    ['operations per CPU second', ({ operationsPerCpuSecond }) => operationsPerCpuSecond],
  ];
  return figures.flatMap(([label, value]) =>
    plotOf({
      title: `${label.charAt(0).toUpperCase()}${label.slice(1)} against ${scaleNames[of]}`,
      x,
      y: growing(
        label,
        grown.flatMap(({ points }) => points.map(value)),
      ),
      series: grown.map(({ system, points }) =>
        seriesOf(
          system,
          points.map((point) => [point.at, value(point)] as const),
          marks,
        ),
      ),
    }),
  );
}

/** A point with no more digits than can be seen; of the tail all that are known. */
function rounded([us, share]: readonly [number, number]): readonly [number, number] {
  return [Number(us.toPrecision(4)), share > 0.99 ? share : Number(share.toFixed(4))];
}

/** What grows, in words. */
export const scaleNames: Readonly<Record<Scale, string>> = {
  members: 'members',
  clients: 'clients',
  keys: 'keys',
  'value-bytes': 'bytes of a value',
};

/**
 * The points of a distribution that can be told apart on paper: those that are a percent further up, and in the tail
 * those with half as much beyond them; always the first and the last.
 */
export function thinned(points: Cumulated): Cumulated {
  const kept: (readonly [number, number])[] = [];
  for (const [index, point] of points.entries()) {
    const [, share] = point;
    const before = kept.at(-1)?.[1] ?? -1;
    const far = share - before >= 0.01 || 1 - share <= (1 - before) / 2;
    if (index === points.length - 1 || (far && share > before)) kept.push(point);
  }
  return kept;
}

function seriesOf(label: string, points: Series['points'], marks: Marks, dots = true): Series {
  const { colour, pattern } = marks.get(label) ?? { colour: 0, pattern: 0 };
  return {
    label,
    colour,
    dash: dashes[pattern] ?? [],
    points: points.filter(([x, y]) => Number.isFinite(x) && Number.isFinite(y) && x > 0),
    dots,
  };
}

/** A plot of the series that have points; none where none has. */
function plotOf(plot: Plot): Plot[] {
  const logarithmic = plot.y.scale === 'logarithmic';
  const drawable = plot.series
    .map((each) => ({ ...each, points: logarithmic ? each.points.filter(([, y]) => y > 0) : each.points }))
    .filter(({ points }) => points.length > 0);
  return drawable.length === 0 ? [] : [{ ...plot, series: drawable }];
}
