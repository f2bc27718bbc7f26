import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { DsmError, type ReplicaId, type Reply, type Security } from '@dsm/core';
import { onTestFinished } from 'vitest';
import { Dealer } from 'zeromq';
import { type ZeromqOptions, type ZeromqWire, zeromq } from '../src/index.js';

export { freeTcpAddress as freeAddress } from '@dsm/conformance/free-ports';

export const frameBytesMax = 8 * 1024 * 1024;

/** Waits until something holds; fails loudly when it does not come to hold. */
export async function until(what: string, holds: () => boolean | Promise<boolean>, limitMs = 10_000) {
  const deadline = performance.now() + limitMs;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`Waited in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** What `open` takes as peers, in the form of a list. */
export type Peers = [ReplicaId, { name: string; address: string }][];

export interface MemberOptions {
  self: string;
  listen: string;
  incarnation?: number;
  peers?: Peers;
  frameBytesMax?: number;
  insecure?: boolean;
  security?: Security;
  transport?: ZeromqOptions;
  onFrame?: (frame: Uint8Array, answer: Reply) => void;
  onReachable?: (peer: ReplicaId) => void;
}

export interface Member {
  readonly wire: ZeromqWire;
  readonly frames: Uint8Array[];
  /** The proven name of the sender of each frame. */
  readonly senders: (string | undefined)[];
  readonly reached: ReplicaId[];
}

/** A member in this process, closed when the test is over. */
export async function member(options: MemberOptions): Promise<Member> {
  const frames: Uint8Array[] = [];
  const senders: (string | undefined)[] = [];
  const reached: ReplicaId[] = [];
  const wire = await zeromq(options.transport).open({
    self: options.self,
    incarnation: options.incarnation ?? 1,
    listen: options.listen,
    peers: new Map(options.peers),
    frameBytesMax: options.frameBytesMax ?? frameBytesMax,
    insecure: options.insecure,
    security: options.security,
    events: {
      frame(frame, answer, from) {
        frames.push(frame);
        senders.push(from);
        options.onFrame?.(frame, answer);
      },
      reachable(peer) {
        reached.push(peer);
        options.onReachable?.(peer);
      },
    },
  });
  onTestFinished(() => wire.close());
  return { wire, frames, senders, reached };
}

export interface Report {
  received: number;
  outOfOrder: number;
  last: number;
  counts: { lost: number; refused: number; faults: number };
}

/** A member in another process, killed when the test is over. */
export class Child {
  readonly process: ChildProcess;
  readonly reached: ReplicaId[] = [];

  constructor(options: Omit<MemberOptions, 'onFrame' | 'onReachable'> & { echoEvery?: number }) {
    const all = { incarnation: 1, peers: [], frameBytesMax, ...options };
    this.process = fork(fileURLToPath(new URL('fixtures/member.mjs', import.meta.url)), [
      JSON.stringify(all),
    ]);
    this.process.on('message', (message) => {
      if (typeof message === 'object' && 'reachable' in message) this.reached.push(Number(message.reachable));
    });
    onTestFinished(() => {
      this.process.kill('SIGKILL');
    });
  }

  async said(word: string): Promise<void> {
    for (;;) if ((await once(this.process, 'message'))[0] === word) return;
  }

  command(command: { do: string; to?: ReplicaId; text?: string; count?: number; bytes?: number }): void {
    this.process.send(command);
  }

  async report(): Promise<Report> {
    this.command({ do: 'report' });
    for (;;) {
      const [message] = await once(this.process, 'message');
      if (typeof message === 'object' && 'received' in message) return message;
    }
  }

  async kill(): Promise<void> {
    this.process.kill('SIGKILL');
    await once(this.process, 'exit');
  }
}

/** The code of the `DsmError` that a promise rejects with, if it does. */
export async function codeOf(promise: Promise<unknown>): Promise<string | undefined> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return DsmError.is(error) ? error.code : undefined;
}

/** A frame of a length that begins with its number, for lengths that have room for it. */
export function numbered(number: number, bytes = 64): Uint8Array {
  const frame = Buffer.alloc(bytes, number % 251);
  if (bytes >= 4) frame.writeUInt32BE(number);
  return frame;
}

export function text(frame: Uint8Array | undefined): string {
  return Buffer.from(frame ?? []).toString();
}

/** A socket that speaks ZeroMQ, but is not one of ours. */
export function stranger(address: string, routingId?: string): Dealer {
  const dealer = new Dealer({ linger: 0, ...(routingId === undefined ? {} : { routingId }) });
  onTestFinished(() => dealer.close());
  dealer.connect(address);
  return dealer;
}
