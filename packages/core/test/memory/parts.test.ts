import { describe, expect, test } from 'vitest';
import { onAbort } from '../../src/memory/abort.js';
import { canonicalJson } from '../../src/memory/canonical-json.js';
import { Histogram } from '../../src/memory/histogram.js';

describe('onAbort', () => {
  test('calls everybody once, in order, also one that was given twice', () => {
    const controller = new AbortController();
    const calls: string[] = [];
    const twice = () => calls.push('twice');
    onAbort(controller.signal, () => calls.push('first'));
    onAbort(controller.signal, twice);
    const off = onAbort(controller.signal, twice);
    onAbort(controller.signal, () => calls.push('last'))();
    controller.abort();
    off();
    expect(calls).toEqual(['first', 'twice', 'twice']);
  });

  test('one of two that are the same can leave', () => {
    const controller = new AbortController();
    let calls = 0;
    const callback = () => {
      calls += 1;
    };
    onAbort(controller.signal, callback)();
    onAbort(controller.signal, callback);
    onAbort(controller.signal, callback)();
    controller.abort();
    expect(calls).toBe(1);
  });

  test('listens again after everybody left, and who left before takes nobody with him', () => {
    const controller = new AbortController();
    const calls: string[] = [];
    let listeners = 0;
    const add = controller.signal.addEventListener.bind(controller.signal);
    controller.signal.addEventListener = ((...given: Parameters<typeof add>) => {
      listeners += 1;
      add(...given);
    }) as typeof add;
    const off = onAbort(controller.signal, () => calls.push('gone'));
    off();
    onAbort(controller.signal, () => calls.push('there'));
    off();
    onAbort(controller.signal, () => calls.push('there too'));
    expect(listeners).toBe(2);
    controller.abort();
    expect(calls).toEqual(['there', 'there too']);
  });
});

describe('canonicalJson', () => {
  test('is the same for the same options, in whatever order', () => {
    expect(canonicalJson({ b: [{ d: 1, c: 2 }], a: undefined, e: null })).toBe(
      '{"b":[{"c":2,"d":1}],"e":null}',
    );
    expect(canonicalJson({ a: 1, b: 2 })).toBe(canonicalJson({ b: 2, a: 1 }));
    expect(canonicalJson({ a: [1, 2] })).not.toBe(canonicalJson({ a: [2, 1] }));
  });
});

describe('a histogram', () => {
  test('of nothing is all zeroes', () => {
    const nothing = { count: 0, meanUs: 0, p50Us: 0, p99Us: 0, p999Us: 0, maxUs: 0 };
    expect(new Histogram().latencies()).toEqual(nothing);
  });

  test('knows small values exactly', () => {
    const histogram = new Histogram();
    for (let us = 1; us <= 20; us += 1) histogram.record(us);
    expect(histogram.latencies()).toMatchObject({ count: 20, meanUs: 10.5, p50Us: 10, p99Us: 20, maxUs: 20 });
  });

  test('knows every percentile of larger ones to about three per cent, from above', () => {
    const histogram = new Histogram();
    const values = Array.from({ length: 10_000 }, (_, n) => 3 ** (n / 700));
    for (const value of values.toReversed()) histogram.record(value);
    for (const share of [0.001, 0.1, 0.5, 0.9, 0.99, 0.999, 1]) {
      const exact = values[Math.ceil(values.length * share) - 1] as number;
      const estimate = histogram.percentile(share);
      expect(estimate).toBeGreaterThanOrEqual(Math.floor(exact));
      expect(estimate).toBeLessThanOrEqual(exact * 1.04 + 1);
    }
    expect(histogram.latencies().maxUs).toBe(values.at(-1));
  });

  test('takes anything for a time', () => {
    const histogram = new Histogram();
    for (const value of [-5, 0, 0.5, 1e12, 2 ** 40]) histogram.record(value);
    const { count, maxUs, p50Us, p999Us } = histogram.latencies();
    expect([count, maxUs, p50Us]).toEqual([5, 2 ** 40, 0]);
    expect(p999Us).toBeGreaterThan(2 ** 30);
  });

  test('a single value is every percentile', () => {
    for (const value of [0, 7, 33, 1_000, 123_456]) {
      const histogram = new Histogram();
      histogram.record(value);
      expect(histogram.latencies()).toEqual({
        count: 1,
        meanUs: value,
        p50Us: value,
        p99Us: value,
        p999Us: value,
        maxUs: value,
      });
    }
  });
});
