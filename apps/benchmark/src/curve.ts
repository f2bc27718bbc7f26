/**
 * Load is offered up to this much beyond what a closed loop reached: what lies past saturation is seen, too, unless the
 * closed loop was slower than it could be.
 */
const beyond = 1.2;

/** So many rates at equal distances, the last one past what a closed loop reached. */
export function ratesUpTo(throughput: number, points: number): number[] {
  return Array.from({ length: points }, (_, point) =>
    Number(((throughput * beyond * (point + 1)) / points).toPrecision(3)),
  );
}
