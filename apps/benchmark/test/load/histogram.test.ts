import { describe, expect, it } from 'vitest';
import { Histogram } from '../../src/load/histogram.js';

function histogramOf(...values: number[]): Histogram {
  const histogram = new Histogram();
  for (const value of values) histogram.record(value);
  return histogram;
}

describe('percentilesUs', () => {
  const alike = (count: number): Histogram => histogramOf(...new Array<number>(count).fill(5_000));

  it.each([
    [1, { p50: Number.NaN, p99: Number.NaN, p999: Number.NaN }],
    [2, { p99: Number.NaN, p999: Number.NaN }],
    [99, { p99: Number.NaN, p999: Number.NaN }],
    [100, { p999: Number.NaN }],
    [999, { p999: Number.NaN }],
    [1_000, {}],
  ])('of %i are those that are not the longest of all', (count, absent) => {
    const { p50 } = alike(10_000).percentilesUs();
    expect(p50).toBeCloseTo(5, 1);
    expect(alike(count).percentilesUs()).toEqual({ p50, p99: p50, p999: p50, ...absent });
  });
});

describe('cumulatedUs', () => {
  it('says what share took no longer', () => {
    const points = histogramOf(1_000, 1_000, 1_000, 500_000).cumulatedUs();
    expect(points[0]?.[0]).toBeCloseTo(1, 1);
    expect(points[0]?.[1]).toBe(0.75);
    expect(points.at(-1)?.[0]).toBeGreaterThanOrEqual(500);
    expect(points.at(-1)?.[1]).toBe(1);
  });

  it('rises, ends with all, and has at most 200 points however wide the range', () => {
    const points = histogramOf(...Array.from({ length: 5_000 }, (_, n) => 1.005 ** n % 1e9)).cumulatedUs();
    expect(points.length).toBeGreaterThan(100);
    expect(points.length).toBeLessThanOrEqual(200);
    for (const [place, [us, share]] of points.entries()) {
      const [usBefore, shareBefore] = points[place - 1] ?? [-1, 0];
      expect(us).toBeGreaterThan(usBefore);
      expect(share).toBeGreaterThanOrEqual(shareBefore);
    }
    expect(points.at(-1)?.[1]).toBe(1);
  });

  it('has no points where nothing was recorded, and one where all are alike', () => {
    expect(histogramOf().cumulatedUs()).toEqual([]);
    expect(histogramOf(700, 700).cumulatedUs()).toHaveLength(1);
  });
});
