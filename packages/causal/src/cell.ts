import { ABSENT, type Key, noTag, Slabs, type Tag, type Value } from '@dsm/core';
import type { Origin } from './origins.js';
import type { Vector } from './vector.js';

/** Values of up to so many bytes are overwritten in their place. */
const smallMax = 1024;
/** Places are of whole multiples of so many bytes, so that most values fit where the one before was. */
const grain = 16;

const slabs = new Slabs();

/**
 * What a member holds of a key: what the applied updates come to, in whatever order they were applied.
 *
 * A small value is copied into a place of the cell's own, and out of it for each reader. Otherwise each write would
 * leave an object that lives until the key is written again, and collecting those would cost more than anything else.
 */
export class Cell {
  readonly key: Key;
  /** The largest of the updates of this key that were applied. */
  tag: Tag = noTag;
  /** Where that update was written, and its sequence there. */
  origin: Origin = 0;
  sequence = 0;
  /** The number that this member gave the key last; 0: none. */
  number = 0;
  /** Whether it is forgotten: if the key is written again, that is another cell. */
  forgotten = false;
  /** Of a key with a `merge`: all updates that were merged, by origin the last. */
  readonly merged: Vector | undefined;
  /**
   * The place of a small value, 0 behind it. Not a `Uint8Array`, since those are values, which nobody changes: whoever
   * copies the state of a member copies this and shares those. Of the others this kind is the quickest to copy to.
   */
  private place: Uint8ClampedArray | undefined;
  private length = 0;
  /** Any other value. */
  private other: Value = ABSENT;

  /** Holds nothing yet. */
  constructor(key: Key, merged: Vector | undefined) {
    this.key = key;
    this.merged = merged;
  }

  get absent(): boolean {
    return this.place === undefined && this.other === ABSENT;
  }

  /** The value as it is now: the reader's to keep. */
  get value(): Value {
    const { place, length, other } = this;
    if (place === undefined) return other;
    return slabs.copy(new Uint8Array(place.buffer, place.byteOffset, length), length);
  }

  /** Replaces the value. What is large is not copied, unless it would keep more alive than it is. */
  put(value: Value): void {
    if (value === ABSENT || value.length > smallMax) {
      this.place = undefined;
      this.length = 0;
      this.other = value === ABSENT || isMostOfIts(value) ? value : value.slice();
      return;
    }
    this.other = ABSENT;
    const room = Math.ceil(value.length / grain) * grain;
    if (this.place?.length !== room) {
      const { buffer, byteOffset } = slabs.room(room);
      this.place = new Uint8ClampedArray(buffer, byteOffset, room);
    }
    this.place.set(value);
    if (value.length < this.length) this.place.fill(0, value.length, Math.min(this.length, room));
    this.length = value.length;
  }
}

/** Whether what a value lies in, such as a frame, is hardly more. */
function isMostOfIts({ length, buffer }: Uint8Array): boolean {
  return length * 2 > buffer.byteLength;
}
