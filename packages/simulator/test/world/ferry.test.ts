import { describe, expect, test } from 'vitest';
import { runSeeds } from '../../src/index.js';
import { range, timeoutMs } from './fixtures/chance.js';
import { Ferry, ferry } from './fixtures/ferry.js';

describe('a protocol that needs links in order', { timeout: timeoutMs }, () => {
  test('keeps its promise, with timers and swaps, and messages in flight are seen', () => {
    const { failure, sometimes, undecided, faults } = runSeeds(ferry(), range(150));
    expect(failure?.text).toBeUndefined();
    expect(undecided).toEqual([]);
    expect(Object.entries(sometimes).filter(([, times]) => times === 0)).toEqual([]);
    // Nobody survives a crash here, so nobody crashes.
    expect(Object.keys(faults).filter((kind) => faults[kind as 'crash'] === 0)).toEqual(['crash']);
  });

  test('does not keep it where they are not', () => {
    const { failure } = runSeeds(ferry(Ferry, { channels: 'unordered' }), { seeds: 300, shrinks: false });
    expect(failure).toBeDefined();
  });
});
