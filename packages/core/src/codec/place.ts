import { ABSENT, type Value } from '../protocol.js';
import { Slabs } from './slab.js';

/** Values of up to so many bytes are overwritten in their place. */
const smallMax = 1024;
const slabs = new Slabs();
/** Not for those who copy and compare states of replicas: it makes no difference to what they do. */
const given = Symbol('given');

/**
 * Where a replica keeps a value that is written again and again. One that nobody was given is overwritten: otherwise
 * each write would leave an object that lives until the next, and to collect those costs more than anything else.
 */
export class Place {
  private bytes: Value = ABSENT;
  /** Whether somebody else may have the bytes. */
  private [given] = false;

  get absent(): boolean {
    return this.bytes === ABSENT;
  }

  /** The value as it is now: the reader's to keep. */
  get value(): Value {
    this[given] = true;
    return this.bytes;
  }

  /** Whether another one's value is the same, bytes by bytes. Nobody is given any. */
  equals({ bytes }: Place): boolean {
    const mine = this.bytes;
    if (mine === bytes || mine === ABSENT || bytes === ABSENT) return mine === bytes;
    return mine.length === bytes.length && mine.every((byte, index) => byte === bytes[index]);
  }

  /** Replaces the value. It is copied, unless it is large and hardly less than what it lies in. */
  put(value: Value): void {
    const { bytes } = this;
    if (value === ABSENT) this.bytes = ABSENT;
    else if (value.length > smallMax) this.bytes = isMostOfIts(value) ? value : value.slice();
    else if (bytes === ABSENT || bytes.length !== value.length || this[given]) {
      this.bytes = slabs.copy(value, value.length);
      this[given] = false;
    } else bytes.set(value);
  }

  /** For who copies replicas: of a copy whose bytes are those of the original, so that each gets bytes of its own. */
  part(): void {
    this.bytes = this.bytes?.slice() ?? ABSENT;
  }
}

/** Whether what a value lies in, such as a frame, is hardly more. */
function isMostOfIts({ length, buffer }: Uint8Array): boolean {
  return length * 2 > buffer.byteLength;
}
