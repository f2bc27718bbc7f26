/** Names the keys of a workload: a prefix and the key's number, as long as the workload's keys are. */
export class KeySpace {
  private readonly digits: number;
  private readonly names: (string | undefined)[] = [];

  constructor(keyBytes: number) {
    this.digits = Math.max(1, keyBytes - prefix.length);
  }

  nameOf(key: number): string {
    if (key >= rememberedMax) return this.made(key);
    // A read beyond the end is slow, and makes all others slow.
    while (this.names.length <= key) this.names.push(undefined);
    this.names[key] ??= this.made(key);
    return this.names[key];
  }

  private made(key: number): string {
    return prefix + key.toString().padStart(this.digits, '0');
  }
}

const prefix = 'user';
/** Names below this are made once; a trace has too many different numbers for that. */
const rememberedMax = 0x10_0000;

/** Spreads ranks over the keys, each rank a key of its own, so that popular keys are not neighbours. */
export function scatter(keys: number): (rank: number) => number {
  let step = Math.max(1, Math.floor(keys * 0.618));
  while (commonDivisor(step, keys) !== 1) step += 1;
  const shift = Math.floor(keys * 0.41);
  return (rank) => (rank * step + shift) % keys;
}

function commonDivisor(one: number, other: number): number {
  return other === 0 ? one : commonDivisor(other, one % other);
}
