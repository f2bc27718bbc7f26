/** Latencies in microseconds; NaN where too few were measured to tell. */
export interface Percentiles {
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
}

/** A cumulative distribution: microseconds, and the share of operations that took no longer. Both only rise. */
export type Cumulated = readonly (readonly [us: number, share: number])[];

/** Bits of the mantissa that a bucket keeps: within 0.4 % of any value. */
const mantissaBits = 8;
const shift = 23 - mantissaBits;
const buckets = 1 << (8 + mantissaBits);
const pointsMax = 200;

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/**
 * Counts positive numbers in buckets of equal ratio: the leading bits of a float are the number of its bucket.
 * Unlike the histograms of `node:perf_hooks`, these can be sent to another process and added up there.
 */
export class Histogram {
  readonly counts: Uint32Array;
  private total = 0;

  constructor(counts: Uint32Array = new Uint32Array(buckets)) {
    this.counts = counts;
    for (const count of counts) this.total += count;
  }

  get size(): number {
    return this.total;
  }

  record(value: number): void {
    float[0] = Math.max(value, 0);
    const bucket = (bits[0] as number) >>> shift;
    this.counts[bucket] = (this.counts[bucket] as number) + 1;
    this.total += 1;
  }

  reset(): void {
    this.counts.fill(0);
    this.total = 0;
  }

  add(other: Histogram): void {
    for (const [bucket, count] of other.counts.entries()) {
      if (count > 0) this.counts[bucket] = (this.counts[bucket] as number) + count;
    }
    this.total += other.size;
  }

  /** The value that a share of all is not above; NaN where nothing was recorded. */
  percentile(share: number): number {
    const rank = Math.max(1, Math.ceil(share * this.total));
    let seen = 0;
    for (const [bucket, count] of this.counts.entries()) {
      seen += count;
      if (count > 0 && seen >= rank) return middleOf(bucket);
    }
    return Number.NaN;
  }

  /** For nanoseconds recorded: each where so many were that at least one lies beyond it, or else it is the maximum. */
  percentilesUs(): Percentiles {
    const at = (share: number, least: number): number =>
      this.total < least ? Number.NaN : Math.round(this.percentile(share) / 10) / 100;
    return { p50: at(0.5, 2), p99: at(0.99, 100), p999: at(0.999, 1_000) };
  }

  /** For nanoseconds recorded: points at equal ratios of time, from the least to the most; none where nothing was. */
  cumulatedUs(): Cumulated {
    const first = this.counts.findIndex((count) => count > 0);
    if (first === -1) return [];
    const last = this.counts.findLastIndex((count) => count > 0);
    const stride = Math.ceil((last - first + 1) / pointsMax);
    const points: [number, number][] = [];
    let seen = 0;
    for (let bucket = first; bucket <= last; bucket++) {
      seen += this.counts[bucket] as number;
      if ((last - bucket) % stride !== 0) continue;
      const us = Math.round(lowOf(bucket + 1) / 10) / 100;
      // Buckets of less than 10 ns fall together.
      if (points.at(-1)?.[0] === us) points.pop();
      points.push([us, Math.round((seen / this.total) * 1e6) / 1e6]);
    }
    return points;
  }
}

function lowOf(bucket: number): number {
  bits[0] = (bucket << shift) >>> 0;
  return float[0] as number;
}

function middleOf(bucket: number): number {
  return (lowOf(bucket) + lowOf(bucket + 1)) / 2;
}
