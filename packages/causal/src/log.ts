import type { Key } from '@dsm/core';
import type { Origin } from './origins.js';
import type { Update } from './update.js';
import { nothing, type Vector } from './vector.js';

/** Places of forgotten updates are given up once they are more than these, and more than the others. */
const forgottenMax = 64;

/**
 * The updates of one origin that somebody may lack: consecutive ones, the oldest first. In columns: an object of each
 * would live for just so long that collecting it costs more than applying it.
 */
export class Log {
  private readonly origin: Origin;
  /** The sequence of what stands in the first place. */
  private base = 1;
  /** The places before it are forgotten. */
  private first = 0;
  private dependencies: Readonly<Vector>[] = [];
  private times: number[] = [];
  private keys: Key[] = [];
  private values: Update['value'][] = [];

  constructor(origin: Origin) {
    this.origin = origin;
  }

  get size(): number {
    return this.keys.length - this.first;
  }

  get(sequence: number): Update | undefined {
    const at = sequence - this.base;
    if (at < this.first || at >= this.keys.length) return undefined;
    return {
      origin: this.origin,
      sequence,
      dependencies: this.dependencies[at] as Readonly<Vector>,
      time: this.times[at] as number,
      key: this.keys[at] as Key,
      value: this.values[at],
    };
  }

  /** Keeps the update that follows the last one. Any other begins the log anew. */
  append({ sequence, dependencies, time, key, value }: Update): void {
    if (sequence !== this.base + this.keys.length) this.begin(sequence);
    this.dependencies.push(dependencies);
    this.times.push(time);
    this.keys.push(key);
    this.values.push(value);
  }

  /** Forgets those up to this one. */
  forget(sequence: number): void {
    const end = Math.min(sequence - this.base + 1, this.keys.length);
    for (let at = this.first; at < end; at += 1) {
      this.dependencies[at] = nothing;
      this.values[at] = undefined;
    }
    if (end <= this.first) return;
    this.first = end;
    if (end > forgottenMax && end * 2 > this.keys.length) this.compact();
  }

  clear(): void {
    this.begin(1);
  }

  private begin(sequence: number): void {
    this.base = sequence;
    this.first = this.keys.length;
    this.compact();
    this.base = sequence;
  }

  private compact(): void {
    const { first } = this;
    this.dependencies = this.dependencies.slice(first);
    this.times = this.times.slice(first);
    this.keys = this.keys.slice(first);
    this.values = this.values.slice(first);
    this.base += first;
    this.first = 0;
  }
}
