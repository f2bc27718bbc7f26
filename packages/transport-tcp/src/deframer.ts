import { greeting, headerBytes, ping, pong } from './stream-format.js';

/** What arrives on a connection. After `malformed` there is nothing more to be understood. */
export type Unit = Buffer | 'greeting' | 'ping' | 'pong' | 'malformed';

const nothing = Buffer.alloc(0);

/** So much is made room for before any of it has arrived, however large a frame claims to be. */
const firstBytesMax = 64 * 1024;

/** Takes the bytes of a connection apart, however they were cut on their way. */
export class Deframer {
  private readonly frameBytesMax: number;
  private greeted = false;
  private chunk: Buffer = nothing;
  /** Bytes of the chunk before it are done with. */
  private at = 0;
  /** The beginning of a header that a chunk ended in. */
  private readonly head = Buffer.alloc(headerBytes);
  private headFilled = 0;
  /** The frame that a chunk ended in. */
  private body: Body | undefined;

  constructor(frameBytesMax: number) {
    this.frameBytesMax = frameBytesMax;
  }

  /** Adds bytes. Only after `next` has returned `undefined`: nothing is left of those before. */
  push(chunk: Buffer): void {
    this.chunk = chunk;
    this.at = 0;
  }

  /** The next that has arrived whole. A frame may share its memory with others of the same chunk. */
  next(): Unit | undefined {
    if (this.body === undefined) {
      const word = this.word();
      if (word === undefined) return this.more();
      if (!this.greeted) return this.greet(word);
      if (word === ping) return 'ping';
      if (word === pong) return 'pong';
      if (word > this.frameBytesMax) return 'malformed';
      if (word <= this.chunk.length - this.at) {
        this.at += word;
        return this.chunk.subarray(this.at - word, this.at);
      }
      this.body = new Body(word);
    }
    this.at += this.body.fill(this.chunk, this.at);
    const frame = this.body.whole;
    if (frame === undefined) return this.more();
    this.body = undefined;
    return frame;
  }

  private greet(word: number): Unit {
    this.greeted = word === greeting;
    return this.greeted ? 'greeting' : 'malformed';
  }

  /** The next four bytes as a number, if they have arrived. */
  private word(): number | undefined {
    if (this.headFilled === 0 && this.chunk.length - this.at >= headerBytes) {
      this.at += headerBytes;
      return this.chunk.readUInt32BE(this.at - headerBytes);
    }
    const copied = this.chunk.copy(this.head, this.headFilled, this.at);
    this.at += copied;
    this.headFilled += copied;
    if (this.headFilled < headerBytes) return undefined;
    this.headFilled = 0;
    return this.head.readUInt32BE();
  }

  private more(): undefined {
    this.chunk = nothing;
    this.at = 0;
    return undefined;
  }
}

/** A frame on its way in: the memory it has follows what has arrived, not what it claims. */
class Body {
  private readonly length: number;
  private bytes: Buffer;
  private filled = 0;

  constructor(length: number) {
    this.length = length;
    this.bytes = Buffer.allocUnsafe(Math.min(length, firstBytesMax));
  }

  get whole(): Buffer | undefined {
    return this.filled === this.length ? this.bytes : undefined;
  }

  /** Takes of a chunk what belongs to this frame, and tells how many bytes that were. */
  fill(chunk: Buffer, at: number): number {
    const end = Math.min(chunk.length, at + this.length - this.filled);
    this.makeRoom(this.filled + end - at);
    chunk.copy(this.bytes, this.filled, at, end);
    this.filled += end - at;
    return end - at;
  }

  private makeRoom(bytes: number): void {
    if (bytes <= this.bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.min(this.length, Math.max(bytes, this.bytes.length * 2)));
    this.bytes.copy(grown, 0, 0, this.filled);
    this.bytes = grown;
  }
}
