/** Nanoseconds since the run's origin. */
export type Clock = () => number;

/**
 * A clock that agrees with those of all processes of this machine: `process.hrtime` is the machine's monotonic clock.
 * Counted from an origin near the run, nanoseconds stay exact in a double.
 */
export function clockFrom(origin: bigint): Clock {
  return () => Number(process.hrtime.bigint() - origin);
}
