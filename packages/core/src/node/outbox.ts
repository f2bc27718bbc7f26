import { type FrameKind, headerBytes } from '../codec/frame.js';
import { Writer } from '../codec/writer.js';

/** Bounds of a batch: beyond them a frame costs no less per message, and holds up what stands behind it. */
export const frameBytesTarget = 64 * 1024;
const frameMessagesMax = 128;

/** A frame that is complete but for its header. */
export interface Draft {
  readonly kind: FrameKind;
  readonly frame: Uint8Array;
}

/** Collects the messages of one turn to one peer into few frames, with room for a header at the start of each. */
export class Outbox {
  private readonly messagesMax: number;
  private readonly writer = new Writer();
  private kind: FrameKind = 'protocol';
  private messages = 0;
  private drafts: Draft[] = [];
  private sealedBytes = 0;

  /** Without batching every message gets a frame of its own. */
  constructor(batch: boolean) {
    this.messagesMax = batch ? frameMessagesMax : 1;
    this.writer.length = headerBytes;
  }

  /** What was collected, headers included. */
  get bytes(): number {
    return this.sealedBytes + (this.messages === 0 ? 0 : this.writer.length);
  }

  get empty(): boolean {
    return this.messages === 0 && this.drafts.length === 0;
  }

  append(kind: FrameKind, message: Writer): void {
    if (kind !== this.kind) this.seal();
    this.kind = kind;
    if (message.length >= frameBytesTarget) return this.alone(message);

    this.writer.append(message);
    this.messages += 1;
    if (this.messages >= this.messagesMax || this.writer.length >= frameBytesTarget) this.seal();
  }

  /** What was collected, in order; the outbox is empty afterwards. */
  take(): Draft[] {
    this.seal();
    const { drafts } = this;
    this.drafts = [];
    this.sealedBytes = 0;
    return drafts;
  }

  /** A large message gets a frame of its own, so that the small ones around it are not copied with it. */
  private alone(message: Writer): void {
    this.seal();
    const frame = new Uint8Array(headerBytes + message.length);
    frame.set(message.peek(), headerBytes);
    this.push(frame);
  }

  private seal(): void {
    if (this.messages === 0) return;
    this.push(this.writer.take());
    this.writer.length = headerBytes;
    this.messages = 0;
  }

  private push(frame: Uint8Array): void {
    this.drafts.push({ kind: this.kind, frame });
    this.sealedBytes += frame.length;
  }
}
