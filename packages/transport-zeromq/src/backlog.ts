// What a waiting frame costs beside its bytes, so that many small ones are bounded too.
const frameOverheadBytes = 128;

/** Frames waiting to be sent, in order, bounded by the memory they take. */
export class Backlog {
  private readonly bytesMax: number;
  private frames: (Uint8Array | undefined)[] = [];
  /** Frames before it were taken. */
  private head = 0;
  private bytes = 0;

  constructor(bytesMax: number) {
    this.bytesMax = bytesMax;
  }

  /** Adds a frame, or returns false because there is no room for it. */
  add(frame: Uint8Array): boolean {
    const bytes = frame.byteLength + frameOverheadBytes;
    if (this.bytes + bytes > this.bytesMax) return false;
    this.frames.push(frame);
    this.bytes += bytes;
    return true;
  }

  take(): Uint8Array | undefined {
    const frame = this.frames[this.head];
    if (frame === undefined) return undefined;
    this.frames[this.head] = undefined;
    this.head += 1;
    this.bytes -= frame.byteLength + frameOverheadBytes;
    // Moving what is left costs no more than the taking before it did.
    if (this.head * 2 >= this.frames.length) {
      this.frames = this.frames.slice(this.head);
      this.head = 0;
    }
    return frame;
  }

  /** Empties it and tells how many frames there were. */
  clear(): number {
    const size = this.frames.length - this.head;
    this.frames = [];
    this.head = 0;
    this.bytes = 0;
    return size;
  }
}
