// What a waiting frame costs beside its bytes, so that many small ones are bounded too.
const frameOverheadBytes = 128;

const taken = new Uint8Array(0);

/** Frames waiting to be sent, in order, bounded by the memory they take. */
export class Backlog {
  private readonly bytesMax: number;
  private frames: Uint8Array[] = [];
  /** Frames before it were taken. */
  private head = 0;
  private bytes = 0;

  constructor(bytesMax: number) {
    this.bytesMax = bytesMax;
  }

  get empty(): boolean {
    return this.head === this.frames.length;
  }

  /**
   * Adds a frame, or returns false because there is no room for it, or not so much of it. Where nothing waits there is
   * room for any one.
   */
  add(frame: Uint8Array, bytesMax: number = this.bytesMax): boolean {
    const bytes = this.bytes + frame.byteLength + frameOverheadBytes;
    if (bytes > bytesMax && !this.empty) return false;
    this.frames.push(frame);
    this.bytes = bytes;
    return true;
  }

  /** Takes the oldest frames: at least one where there is one, and no more than so many bytes of several. */
  take(bytesMax: number): Uint8Array[] {
    let end = this.head;
    let bytes = 0;
    while (end < this.frames.length) {
      const more = (this.frames[end] as Uint8Array).byteLength + frameOverheadBytes;
      if (end > this.head && bytes + more > bytesMax) break;
      bytes += more;
      end += 1;
    }
    const all = this.head === 0 && end === this.frames.length;
    const frames = all ? this.frames : this.frames.slice(this.head, end);
    this.bytes -= bytes;
    this.forget(end);
    return frames;
  }

  /** Empties it and tells how many frames there were. */
  clear(): number {
    const size = this.frames.length - this.head;
    this.forget(this.frames.length);
    this.bytes = 0;
    return size;
  }

  /** Lets go of the frames before `end`. */
  private forget(end: number): void {
    if (end === this.frames.length) {
      this.frames = [];
      this.head = 0;
      return;
    }
    this.frames.fill(taken, this.head, end);
    this.head = end;
    // Moving what is left costs no more than the taking before it did.
    if (this.head * 2 < this.frames.length) return;
    this.frames = this.frames.slice(this.head);
    this.head = 0;
  }
}
