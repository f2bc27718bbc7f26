/** A source of numbers in [0, 1), the same sequence for the same seed. */
export type Random = () => number;

/** Chris Doty-Humphrey's sfc32: small, fast, and passes PractRand; seeded so that near seeds give far sequences. */
export function randomFrom(seed: number): Random {
  let a = 0x9e3779b9;
  let b = seed | 0;
  let c = 0x243f6a88 ^ Math.floor(seed / 0x1_0000_0000);
  let counter = 1;
  const bits = (): number => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum >>> 0;
  };
  for (let round = 0; round < 12; round++) bits();
  // 53 bits: the tail of a steep Zipf distribution needs more than 32.
  return () => (bits() * 0x20_0000 + (bits() >>> 11)) / 0x20_0000_0000_0000;
}
