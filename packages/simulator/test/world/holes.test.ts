import { describe, expect, test } from 'vitest';
import { runSeeds } from '../../src/index.js';
import { mutants } from '../explore/fixtures/register-mutants.js';
import { timeoutMs } from './fixtures/chance.js';
import { holes } from './fixtures/holes.js';

describe('some seed shows that', { timeout: timeoutMs }, () => {
  test.each(holes)('$mistake, which breaks: $breaks', ({ subject, breaks }) => {
    const { failure } = runSeeds(subject, { seeds: 100, shrinks: false, repeatEvery: 1 });
    expect(failure?.property).toBe(breaks);
  });

  test.each(mutants)('$mistake, which breaks: $breaks', ({ subject, breaks }) => {
    const { failure } = runSeeds(subject, { seeds: 1_500, shrinks: false });
    expect(failure?.property).toBe(breaks);
  });
});
