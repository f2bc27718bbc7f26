import { Context, Reply } from 'zeromq';
import type { ZeromqCounts } from './counts.js';
import { receiveAll, watchConnections } from './socket.js';

const requestsPerTurn = 16;

const address = 'inproc://zeromq.zap.01';

// zeromq.js ends a context's threads only when the process ends. So contexts are used again, not thrown away.
const idle: Context[] = [];

/**
 * Decides whose connections are let in, by their keys: the handler of ZAP, the authentication protocol of ZeroMQ
 * (RFC 27). There is one to a context, so a transport with keys has a context of its own.
 */
export class Gatekeeper {
  /** Where the sockets must be that it guards. */
  readonly place: { readonly context: Context };
  private readonly socket: Reply;
  private readonly counts: ZeromqCounts;
  private readonly admits: (publicKey: Buffer) => boolean;
  private readonly watched: Promise<void>;
  private received: Promise<void> | undefined;

  constructor(admits: (publicKey: Buffer) => boolean, counts: ZeromqCounts) {
    this.admits = admits;
    this.counts = counts;
    this.place = { context: idle.pop() ?? new Context() };
    this.socket = new Reply({ ...this.place, linger: 0, sendTimeout: 0 });
    this.watched = watchConnections(this.socket, () => {}, counts);
  }

  /** Must come before a socket of this context listens. */
  async open(): Promise<void> {
    await this.socket.bind(address);
    this.received = receiveAll(this.socket, requestsPerTurn, (parts) => this.onRequest(parts), this.counts);
  }

  /** Must come after the sockets of this context have closed. */
  async close(): Promise<void> {
    this.socket.close();
    await Promise.all([this.watched, this.received]);
    idle.push(this.place.context);
  }

  private onRequest([version, request, , , , , key]: Buffer[]): void {
    const admitted = key !== undefined && this.admits(key);
    const status = admitted ? ['200', 'OK'] : ['400', 'Not the key of a member'];
    this.socket.send([version ?? '1.0', request ?? '', ...status, '', '']).catch(() => undefined);
  }
}
