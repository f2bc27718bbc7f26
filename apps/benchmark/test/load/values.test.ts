import { describe, expect, it } from 'vitest';
import { Histogram } from '../../src/load/histogram.js';
import { absent, idBytes, mangled, Values } from '../../src/load/values.js';

describe('Values', () => {
  it('makes values of the size asked for, all different, that are recognised', () => {
    const values = [0, 1, 30].map((member) => new Values(member, 100));
    const reader = new Values(5, 100);
    const seen = new Set<string>();
    for (const maker of values) {
      for (const bytes of [12, 13, 100, 37_000, 100]) {
        const { id, value } = maker.make(bytes);
        expect(value).toHaveLength(bytes);
        expect(reader.identify(value)).toBe(id);
        seen.add(value.slice(0, idBytes));
      }
    }
    expect(seen.size).toBe(15);
  });

  it('makes them no shorter than their names', () => {
    expect(new Values(0, 1).make(1).value).toHaveLength(idBytes);
  });

  it('notices what nobody wrote', () => {
    const values = new Values(0, 50);
    const [one, other] = [values.make(50).value, values.make(50).value];
    for (const wrong of [
      one.slice(0, -1),
      `${one}x`,
      one.slice(0, 30) + other.slice(30),
      `${one.slice(0, 49)}#`,
      one.toUpperCase(),
      `z${one.slice(1)}`,
      '',
      null,
      5,
      new Uint8Array(50),
    ]) {
      expect(values.identify(wrong)).toBe(mangled);
    }
    expect(values.identify(undefined)).toBe(absent);
    expect(values.identify(one)).toBe(0);
  });
});

describe('Histogram', () => {
  it('resolves 40 µs and 40 s alike, within half a per cent', () => {
    for (const value of [40_000, 40_150, 1_000_000, 4e10]) {
      const histogram = new Histogram();
      histogram.record(value);
      expect(Math.abs(histogram.percentile(0.5) / value - 1)).toBeLessThan(0.005);
    }
  });

  it('finds percentiles, after being sent and added up too', () => {
    const parts = [new Histogram(), new Histogram()];
    for (let value = 1; value <= 10_000; value++) parts[value % 2]?.record(value * 1_000);
    const all = new Histogram();
    for (const part of parts) all.add(new Histogram(structuredClone(part.counts)));
    expect(all.size).toBe(10_000);
    const { p50, p99, p999 } = all.percentilesUs();
    expect(p50 / 5_000).toBeCloseTo(1, 2);
    expect(p99 / 9_900).toBeCloseTo(1, 2);
    expect(p999 / 9_990).toBeCloseTo(1, 2);
  });

  it('has no percentile of nothing, and counts what is not positive as 0', () => {
    const histogram = new Histogram();
    expect(histogram.percentile(0.5)).toBeNaN();
    histogram.record(-3);
    expect(histogram.percentile(1)).toBeLessThan(1e-6);
  });
});
