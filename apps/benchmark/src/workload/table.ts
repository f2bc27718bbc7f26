import type { Random } from './random.js';

/**
 * Draws places of a table with given weights at the cost of one look: every place shares its width with at most one
 * other (A. J. Walker: "An efficient method for generating discrete random variables with general distributions", ACM
 * TOMS 3(3), 1977; filled as by M. D. Vose, IEEE TSE 17(9), 1991).
 */
export class WeightedTable {
  private readonly size: number;
  /** Up to here within its width a place is itself, beyond it is its alias. */
  private readonly own: Float64Array;
  private readonly alias: Uint32Array;

  constructor(weights: Float64Array) {
    this.size = weights.length;
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    this.own = weights.map((weight) => (weight * weights.length) / total);
    this.alias = Uint32Array.from(weights.keys());
    const poor: number[] = [];
    const rich: number[] = [];
    for (const [place, share] of this.own.entries()) (share < 1 ? poor : rich).push(place);
    // The rest of a poor place's width is filled by a rich one, which may be poor then.
    for (let giver = rich.pop(); giver !== undefined; ) {
      const taker = poor.pop();
      if (taker === undefined) break;
      this.alias[taker] = giver;
      const left = (this.own[giver] as number) + (this.own[taker] as number) - 1;
      this.own[giver] = left;
      if (left >= 1) continue;
      poor.push(giver);
      giver = rich.pop();
    }
  }

  draw(random: Random): number {
    const point = random() * this.size;
    const place = Math.floor(point);
    return point - place < (this.own[place] as number) ? place : (this.alias[place] as number);
  }
}
