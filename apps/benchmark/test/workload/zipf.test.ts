import { describe, expect, it } from 'vitest';
import { randomFrom } from '../../src/workload/random.js';
import { type Ranks, Zipf, zipfRanks } from '../../src/workload/zipf.js';

const draws = 100_000;
const seeds = process.env.DSM_DEEP ? [1, 2, 3, 4, 5, 6, 7, 8] : [1, 2];

/** Exact probabilities of the ranks. */
function probabilities(size: number, exponent: number): number[] {
  const weights = Array.from({ length: size }, (_, rank) => (rank + 1) ** -exponent);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

/**
 * Pearson's statistic over bins that each expect at least 50 draws, as a number of standard deviations from its mean
 * (Wilson and Hilferty's approximation of chi-square).
 */
function deviation(ranks: Ranks, size: number, exponent: number, seed: number): number {
  const random = randomFrom(seed);
  const counts = new Array<number>(size).fill(0);
  for (let draw = 0; draw < draws; draw++) {
    const rank = ranks.draw(random);
    counts[rank] = (counts[rank] ?? Number.NaN) + 1;
  }
  let [statistic, bins, expected, seen] = [0, 0, 0, 0];
  // From the rarest on: what is left over in the end is the most popular rank, which fills a bin alone.
  for (const [index, probability] of probabilities(size, exponent).toReversed().entries()) {
    expected += probability * draws;
    seen += counts[size - 1 - index] ?? Number.NaN;
    if (expected < 50) continue;
    statistic += (seen - expected) ** 2 / expected;
    [bins, expected, seen] = [bins + 1, 0, 0];
  }
  const freedom = bins - 1;
  const spread = 2 / (9 * freedom);
  return (Math.cbrt(statistic / freedom) - (1 - spread)) / Math.sqrt(spread);
}

const ways = {
  'rejection-inversion': (size: number, exponent: number) => new Zipf(size, exponent),
  'a table': zipfRanks,
};

for (const [way, ranksOf] of Object.entries(ways)) {
  describe(`Zipf by ${way}`, () => {
    for (const exponent of [0, 0.3, 0.99, 1, 1 + 1e-12, 1.21, 2.68]) {
      for (const size of [10, 1_000, 100_000]) {
        it(`draws ${size} ranks with the exponent ${exponent} as often as it should`, () => {
          const ranks = ranksOf(size, exponent);
          // Deviations of n seeds add up to one of √n standard deviations, if each is right.
          const total = seeds.reduce((sum, seed) => sum + deviation(ranks, size, exponent, seed), 0);
          expect(Math.abs(total) / Math.sqrt(seeds.length)).toBeLessThan(4);
        });
      }
    }

    it('draws the only rank there is', () => {
      const random = randomFrom(1);
      for (const exponent of [0, 1, 2.68]) expect(ranksOf(1, exponent).draw(random)).toBe(0);
    });
  });
}

describe('Zipf', () => {
  it('has a table up to a size, and none beyond', () => {
    expect(zipfRanks(131_072, 1)).not.toBeInstanceOf(Zipf);
    expect(zipfRanks(131_073, 1)).toBeInstanceOf(Zipf);
  });

  it('notices an exponent that is a little off', () => {
    const right = probabilities(1_000, 0.99);
    const wrong = probabilities(1_000, 1.02);
    const statistic = right.reduce(
      (sum, share, rank) => sum + (((wrong[rank] ?? 0) - share) ** 2 / share) * draws,
      0,
    );
    expect(statistic).toBeGreaterThan(200);
  });
});

describe('randomFrom', () => {
  it('gives the same numbers for the same seed, and others for another', () => {
    const [one, same, other] = [randomFrom(7), randomFrom(7), randomFrom(8)];
    const numbers = Array.from({ length: 5 }, one);
    expect(Array.from({ length: 5 }, same)).toEqual(numbers);
    expect(Array.from({ length: 5 }, other)).not.toEqual(numbers);
  });

  it('stays in [0, 1) and fills it evenly', () => {
    const random = randomFrom(3);
    const counts = new Array<number>(10).fill(0);
    for (let draw = 0; draw < 100_000; draw++) {
      const bin = Math.floor(random() * 10);
      counts[bin] = (counts[bin] ?? Number.NaN) + 1;
    }
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(500);
  });
});
