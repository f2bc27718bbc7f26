import type { Random } from './random.js';
import { WeightedTable } from './table.js';

/** What draws ranks. */
export interface Ranks {
  draw(random: Random): number;
}

/** Up to here a table is worth its 12 bytes for each rank: a third of the time, which counts beside local reads. */
const tableMax = 0x2_0000;

/** Draws ranks 0 to size − 1, rank k with a probability proportional to (k + 1)^−exponent. */
export function zipfRanks(size: number, exponent: number): Ranks {
  if (size > tableMax) return new Zipf(size, exponent);
  return new WeightedTable(Float64Array.from({ length: size }, (_, rank) => (rank + 1) ** -exponent));
}

/**
 * Draws such ranks in constant time and without memory for any size and any exponent from 0 (uniform):
 * rejection-inversion (W. Hörmann, G. Derflinger: "Rejection-inversion to
 * generate variates from monotone discrete distributions", ACM TOMACS 6(3), 1996). The names follow the paper.
 */
export class Zipf {
  private readonly size: number;
  private readonly exponent: number;
  private readonly hIntegralX1: number;
  private readonly hIntegralEnd: number;
  private readonly squeeze: number;

  constructor(size: number, exponent: number) {
    this.size = size;
    this.exponent = exponent;
    this.hIntegralX1 = this.hIntegral(1.5) - 1;
    this.hIntegralEnd = this.hIntegral(size + 0.5);
    this.squeeze = 2 - this.hIntegralInverse(this.hIntegral(2.5) - this.h(2));
  }

  draw(random: Random): number {
    for (;;) {
      const u = this.hIntegralEnd + random() * (this.hIntegralX1 - this.hIntegralEnd);
      const x = this.hIntegralInverse(u);
      const k = Math.min(Math.max(Math.floor(x + 0.5), 1), this.size);
      if (k - x <= this.squeeze || u >= this.hIntegral(k + 0.5) - this.h(k)) return k - 1;
    }
  }

  private h(x: number): number {
    return x ** -this.exponent;
  }

  /** (x^(1−s) − 1) / (1−s), which tends to ln x: written so that it loses no digits near s = 1. */
  private hIntegral(x: number): number {
    const slope = 1 - this.exponent;
    return slope === 0 ? Math.log(x) : Math.expm1(slope * Math.log(x)) / slope;
  }

  private hIntegralInverse(u: number): number {
    const slope = 1 - this.exponent;
    return slope === 0 ? Math.exp(u) : Math.exp(Math.log1p(Math.max(slope * u, -1)) / slope);
  }
}
