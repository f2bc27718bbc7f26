import { describe, expect, it } from 'vitest';
import { thinned } from '../../src/print/plots.js';

describe('thinned', () => {
  it('keeps the ends, whole percents, and the tail at every halving', () => {
    const points = Array.from({ length: 2_000 }, (_, index) => [index + 1, 1 - 0.99 ** (index + 1)] as const);
    const all = [...points, [2_001, 1] as const];
    const kept = thinned(all);
    expect(kept.length).toBeLessThan(110);
    expect(kept[0]).toEqual(all[0]);
    expect(kept.at(-1)).toEqual([2_001, 1]);
    for (const share of [0.25, 0.5, 0.9, 0.99, 0.999, 0.9999]) {
      const before = kept.findLast(([, each]) => each <= share)?.[1] ?? 0;
      const after = kept.find(([, each]) => each >= share)?.[1] ?? 1;
      expect(Math.min((1 - before) / (1 - after), (after - before) / 0.02)).toBeLessThanOrEqual(2.1);
    }
  });

  it('invents nothing', () => {
    expect(thinned([])).toEqual([]);
    expect(thinned([[7, 1]])).toEqual([[7, 1]]);
  });
});
