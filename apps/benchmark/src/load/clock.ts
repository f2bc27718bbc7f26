/** Nanoseconds since the run's origin. */
export type Clock = () => number;

/**
 * A clock that agrees with those of all processes of this machine to the nanosecond: `process.hrtime` is the machine's
 * monotonic clock. Counted from an origin near the run, nanoseconds stay exact in a double.
 */
export function clockFrom(origin: bigint): Clock {
  return () => Number(process.hrtime.bigint() - origin);
}

/** As `clockFrom`, but leaves no BigInt behind, and is off by a microsecond at most: for what nobody orders by it. */
export function quickClockFrom(origin: bigint): Clock {
  const offset = Number(process.hrtime.bigint() - origin) - performance.now() * 1e6;
  return () => performance.now() * 1e6 + offset;
}
