import type { Latencies } from './shared-memory.js';

/** Steps a doubling: a value is known to about 3 %. */
const steps = 32;
const doublings = 40;

/** Counts values in buckets whose width grows with the value (Tene's HDR histogram, 32 steps a doubling). */
export class Histogram {
  private readonly buckets = new Float64Array(steps * doublings);
  private count = 0;
  private sum = 0;
  private max = 0;

  /** A time in microseconds; what is not a positive number counts as 0. */
  record(us: number): void {
    const value = Math.max(us, 0);
    this.count += 1;
    this.sum += value;
    if (value > this.max) this.max = value;
    const bucket = bucketOf(value);
    this.buckets[bucket] = (this.buckets[bucket] ?? 0) + 1;
  }

  latencies(): Latencies {
    return {
      count: this.count,
      meanUs: this.count === 0 ? 0 : this.sum / this.count,
      p50Us: this.percentile(0.5),
      p99Us: this.percentile(0.99),
      p999Us: this.percentile(0.999),
      maxUs: this.max,
    };
  }

  /** The least value that this share of all values does not exceed, up to the width of a bucket. */
  percentile(share: number): number {
    let left = Math.ceil(this.count * share);
    if (left === 0) return 0;
    for (let bucket = 0; bucket < this.buckets.length; bucket++) {
      left -= this.buckets[bucket] ?? 0;
      if (left <= 0) return Math.min(upperEdge(bucket), this.max);
    }
    return this.max;
  }
}

/** Linear below 32, then 32 buckets a doubling. */
function bucketOf(value: number): number {
  const whole = Math.min(Math.floor(value), 2 ** 31);
  if (whole < steps) return whole;
  const doubling = 31 - Math.clz32(whole) - 5;
  return steps * (doubling + 1) + ((whole >>> doubling) & (steps - 1));
}

function upperEdge(bucket: number): number {
  if (bucket < steps) return bucket;
  const doubling = Math.floor(bucket / steps) - 1;
  return (steps + (bucket % steps) + 1) * 2 ** doubling - 1;
}
