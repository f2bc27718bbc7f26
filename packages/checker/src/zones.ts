import { type Conflict, findUnreadable } from './conflict.js';
import { type Register, read, write } from './register.js';
import { absent } from './value.js';

/**
 * Whether the zones can judge this register: no cas, no outcome unknown, and nothing read that was written twice.
 * The register holds absent at first, which counts as a write of it.
 */
export function hasZones(register: Register): boolean {
  const { size, kind, value, end } = register;
  const writers = new Int32Array(register.values);
  writers[absent] = 1;
  for (let at = 0; at < size; at += 1) {
    if (kind[at] === read) continue;
    if (kind[at] !== write || end[at] === Number.POSITIVE_INFINITY) return false;
    writers[value[at] as number] = (writers[value[at] as number] as number) + 1;
  }
  for (let at = 0; at < size; at += 1) {
    if (kind[at] === read && (writers[value[at] as number] as number) > 1) return false;
  }
  return true;
}

/**
 * The conflict in a register that has zones, or undefined when it is linearizable, in O(n log n) (Gibbons and Korach,
 * SIAM Journal on Computing 26, 1997, section 4).
 *
 * A cluster is a write and the reads of its value. Its zone lies between the first end and the last start in it. When
 * the first end comes first, the zone is forward: the value must be held throughout. Otherwise it is backward: all its
 * operations have a moment in common, and the value may be held for any moment of the zone alone.
 */
export function findConflict(register: Register): Conflict | undefined {
  const unreadable = findUnreadable(register);
  if (unreadable !== undefined) return unreadable;
  const clusters = new Clusters(register);
  return clusters.overlap() ?? clusters.containment();
}

const none = -1;

class Clusters {
  private readonly register: Register;
  /** The cluster of each operation: the value, if it was read, else one of the write's own. */
  private readonly cluster: Int32Array;
  private readonly count: number;
  private readonly writer: Int32Array;
  /** The operation that ends first, and when: before all time for the cluster of the initial value. */
  private readonly first: Int32Array;
  private readonly firstEnd: Float64Array;
  private readonly last: Int32Array;
  private readonly lastStart: Float64Array;
  /** The forward zones, by their beginnings. */
  private readonly forward: Int32Array;

  constructor(register: Register) {
    this.register = register;
    this.count = register.values + register.size;
    this.cluster = clustersOf(register);
    this.writer = new Int32Array(this.count).fill(none);
    this.first = new Int32Array(this.count).fill(none);
    this.firstEnd = new Float64Array(this.count).fill(Number.POSITIVE_INFINITY);
    this.last = new Int32Array(this.count).fill(none);
    this.lastStart = new Float64Array(this.count).fill(Number.NEGATIVE_INFINITY);
    this.firstEnd[absent] = Number.NEGATIVE_INFINITY;
    for (let at = 0; at < register.size; at += 1) this.include(at);
    const { firstEnd } = this;
    this.forward = this.zones(true).sort((one, other) =>
      order(firstEnd[one] as number, firstEnd[other] as number),
    );
  }

  /** Two values that must both be held at one moment. Sorted, so that neighbours suffice. */
  overlap(): Conflict | undefined {
    for (let at = 1; at < this.forward.length; at += 1) {
      const earlier = this.forward[at - 1] as number;
      const later = this.forward[at] as number;
      if ((this.firstEnd[later] as number) < (this.lastStart[earlier] as number)) {
        return this.conflict('two values would have to be held at the same moment', earlier, later);
      }
    }
    return undefined;
  }

  /** A value that must be held for a moment while another is held throughout. The forward zones are disjoint. */
  containment(): Conflict | undefined {
    const backward = this.zones(false);
    backward.sort((one, other) => order(this.lastStart[one] as number, this.lastStart[other] as number));
    let before = none;
    for (const inner of backward) {
      while (this.startsBefore(before + 1, this.lastStart[inner] as number)) before += 1;
      if (before === none) continue;
      const outer = this.forward[before] as number;
      if ((this.firstEnd[inner] as number) < (this.lastStart[outer] as number)) {
        return this.conflict('a value was replaced and came back without being written again', outer, inner);
      }
    }
    return undefined;
  }

  private include(at: number): void {
    const { kind, start, end } = this.register;
    const cluster = this.cluster[at] as number;
    if (kind[at] === write) this.writer[cluster] = at;
    const sooner = (end[at] as number) - (this.firstEnd[cluster] as number);
    // Of equal ends that of a read: that of the write may have been inferred from it.
    if (sooner < 0 || (sooner === 0 && kind[at] === read)) {
      this.firstEnd[cluster] = end[at] as number;
      this.first[cluster] = at;
    }
    if ((start[at] as number) > (this.lastStart[cluster] as number)) {
      this.lastStart[cluster] = start[at] as number;
      this.last[cluster] = at;
    }
  }

  /** The clusters, other than empty ones, whose zones go one way. */
  private zones(forward: boolean): Int32Array {
    const found = new Int32Array(this.count);
    let length = 0;
    for (let cluster = 0; cluster < this.count; cluster += 1) {
      if (this.last[cluster] === none) continue;
      if ((this.firstEnd[cluster] as number) < (this.lastStart[cluster] as number) !== forward) continue;
      found[length] = cluster;
      length += 1;
    }
    return found.subarray(0, length);
  }

  private startsBefore(at: number, moment: number): boolean {
    return at < this.forward.length && (this.firstEnd[this.forward[at] as number] as number) < moment;
  }

  private conflict(reason: string, ...clusters: number[]): Conflict {
    const places = new Set<number>();
    for (const cluster of clusters) {
      for (const at of [this.writer, this.first, this.last].map((member) => member[cluster] as number)) {
        if (at !== none) places.add(at);
      }
    }
    return { reason, places: [...places] };
  }
}

/** Nobody minds how often a value is written that is never read: each of its writes is a cluster of its own. */
function clustersOf({ size, kind, value, values }: Register): Int32Array {
  const wasRead = new Uint8Array(values);
  for (let at = 0; at < size; at += 1) {
    if (kind[at] === read) wasRead[value[at] as number] = 1;
  }
  return value.map((of, at) => (wasRead[of] === 1 ? of : values + at));
}

function order(one: number, other: number): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
