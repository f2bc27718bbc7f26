import type { Key } from '@dsm/core';
import type { Origin } from './origins.js';
import type { Update } from './update.js';
import { nothing, type Vector } from './vector.js';

/** A power of two. */
const smallestCapacity = 8;

/**
 * The updates of one origin that somebody may lack: consecutive ones. In columns, where each has the place that its
 * sequence gives it: an object of each would live for just so long that collecting it costs more than applying it.
 */
export class Log {
  private readonly origin: Origin;
  /** The sequence of the oldest one, and of the one to come. */
  private oldest = 1;
  private next = 1;
  private mask = smallestCapacity - 1;
  private dependencies: Readonly<Vector>[] = new Array(smallestCapacity).fill(nothing);
  private times: number[] = new Array(smallestCapacity).fill(0);
  private keys: Key[] = new Array(smallestCapacity).fill('');
  private numbers: number[] = new Array(smallestCapacity).fill(0);
  private values: Update['value'][] = new Array(smallestCapacity).fill(undefined);

  constructor(origin: Origin) {
    this.origin = origin;
  }

  get size(): number {
    return this.next - this.oldest;
  }

  get(sequence: number): Update | undefined {
    if (sequence < this.oldest || sequence >= this.next) return undefined;
    const at = sequence & this.mask;
    return {
      origin: this.origin,
      sequence,
      dependencies: this.dependencies[at] as Readonly<Vector>,
      time: this.times[at] as number,
      key: this.keys[at] as Key,
      number: this.numbers[at] as number,
      value: this.values[at],
    };
  }

  /** Keeps the update that follows the last one, of this key. Any other begins the log anew. */
  append({ sequence, dependencies, time, number, value }: Update, key: Key): void {
    if (sequence !== this.next) this.begin(sequence);
    if (this.size > this.mask) this.resize(2 * this.size);
    this.next += 1;
    const at = sequence & this.mask;
    this.dependencies[at] = dependencies;
    this.times[at] = time;
    this.keys[at] = key;
    this.numbers[at] = number;
    this.values[at] = value;
  }

  /** Forgets those up to this one. */
  forget(sequence: number): void {
    const end = Math.min(sequence + 1, this.next);
    for (; this.oldest < end; this.oldest += 1) {
      const at = this.oldest & this.mask;
      this.dependencies[at] = nothing;
      this.times[at] = 0;
      this.keys[at] = '';
      this.numbers[at] = 0;
      this.values[at] = undefined;
    }
    if (this.size === 0 && this.mask >= smallestCapacity * 1024) this.resize(smallestCapacity);
  }

  clear(): void {
    this.begin(1);
  }

  /** Gives each update its place among so many. */
  private resize(capacity: number): void {
    const { dependencies, times, keys, numbers, values, mask } = this;
    this.mask = capacity - 1;
    this.dependencies = new Array(capacity).fill(nothing);
    this.times = new Array(capacity).fill(0);
    this.keys = new Array(capacity).fill('');
    this.numbers = new Array(capacity).fill(0);
    this.values = new Array(capacity).fill(undefined);
    for (let sequence = this.oldest; sequence < this.next; sequence += 1) {
      const [from, to] = [sequence & mask, sequence & this.mask];
      this.dependencies[to] = dependencies[from] as Readonly<Vector>;
      this.times[to] = times[from] as number;
      this.keys[to] = keys[from] as Key;
      this.numbers[to] = numbers[from] as number;
      this.values[to] = values[from];
    }
  }

  private begin(sequence: number): void {
    this.forget(this.next - 1);
    this.oldest = sequence;
    this.next = sequence;
  }
}
