import type { Socket } from 'node:net';

/** Collects what goes to a socket in one turn of the event loop, and writes it at once. */
export class Outbox {
  private readonly socket: Socket;
  private frames: Buffer[] = [];

  constructor(socket: Socket) {
    this.socket = socket;
  }

  add(frame: Buffer): void {
    if (this.frames.length === 0) setImmediate(this.flush);
    this.frames.push(frame);
  }

  private readonly flush = (): void => {
    const [first, ...others] = this.frames;
    if (first === undefined) return;
    const all = others.length === 0 ? first : Buffer.concat(this.frames);
    this.frames = [];
    if (!this.socket.destroyed) this.socket.write(all);
  };
}
