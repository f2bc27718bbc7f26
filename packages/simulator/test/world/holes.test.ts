import { describe, expect, test } from 'vitest';
import { runSeeds } from '../../src/index.js';
import { properties } from '../../src/violation.js';
import { mutants } from '../explore/fixtures/register-mutants.js';
import { timeoutMs } from './fixtures/chance.js';
import { type Hole, holes } from './fixtures/holes.js';

/** What is checked of every protocol. */
const generally: readonly string[] = Object.values(properties);

/** What goes round in a circle does so for long there; what does not decode is taken for a frame that is lost. */
const linked = ({ breaks, mistake }: Hole) => generally.includes(breaks) && !/circle|decoded/.test(mistake);

describe('some seed shows that', { timeout: timeoutMs }, () => {
  test.each(holes)('$mistake, which breaks: $breaks', ({ subject, breaks }) => {
    const { failure } = runSeeds(subject, { seeds: 100, shrinks: false, repeatEvery: 1 });
    expect(failure?.property).toBe(breaks);
  });

  test.each(holes.filter(linked))(
    'where there are links, too: $mistake, which breaks: $breaks',
    ({ subject, breaks }) => {
      const found = [2, 5, 8, 11, 14, 17, 20, 23].some((seed) => {
        const { failure } = runSeeds(subject, {
          first: seed,
          seeds: 1,
          members: 3,
          shrinks: false,
          repeatEvery: 1,
        });
        return failure?.property === breaks;
      });
      expect(found).toBe(true);
    },
  );

  test.each(mutants)('$mistake, which breaks: $breaks', ({ subject, breaks }) => {
    const { failure } = runSeeds(subject, { seeds: 1_500, shrinks: false });
    expect(failure?.property).toBe(breaks);
  });
});
