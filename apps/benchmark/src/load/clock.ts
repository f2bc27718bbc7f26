/** Looked up once: it is a getter of the global object, and costs as much as the time itself. */
const clock = performance;

/** Nanoseconds since the run's origin. */
export type Clock = () => number;

/**
 * A clock that agrees with those of all processes of this machine to the nanosecond: `process.hrtime` is the machine's
 * monotonic clock. Counted from an origin near the run, nanoseconds stay exact in a double.
 */
export function clockFrom(origin: bigint): Clock {
  return () => Number(process.hrtime.bigint() - origin);
}

/** A time that is not after now, and one that is not before. */
export interface Bounds {
  readonly notAfter: Clock;
  readonly notBefore: Clock;
}

/** Looks at both clocks, of which the closest tells how they differ. */
const looks = 1_000;

/**
 * As `clockFrom`, but `process.hrtime.bigint` leaves a BigInt behind each time and takes three times as long as
 * `performance.now`, which counts the same nanoseconds from another origin. How far apart the origins are is known to
 * the time between two looks, some 0.1 microseconds: so operations begin and end at bounds that are that far apart.
 */
export function boundsFrom(origin: bigint): Bounds {
  const exact = clockFrom(origin);
  let [least, most] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let look = 0; look < looks; look++) {
    const before = exact();
    const between = clock.now() * 1e6;
    const after = exact();
    least = Math.max(least, before - between);
    most = Math.min(most, after - between);
  }
  // Sums of doubles: a nanosecond more or less.
  const [lower, upper] = [least - 1, most + 1];
  return {
    notAfter: () => Math.floor(clock.now() * 1e6 + lower),
    notBefore: () => Math.ceil(clock.now() * 1e6 + upper),
  };
}

/** As `clockFrom`, but leaves no BigInt behind, and is off by a microsecond at most: for what nobody orders by it. */
export function quickClockFrom(origin: bigint): Clock {
  const offset = Number(process.hrtime.bigint() - origin) - clock.now() * 1e6;
  return () => clock.now() * 1e6 + offset;
}
