import type { ReplicaId, Reply, Wire } from '@dsm/core';
import { freeTcpAddress } from '../free-ports.js';
import { Child, type Peers } from './child.js';
import type { TransportSubject } from './subject.js';

export interface MemberOptions {
  readonly self: string;
  readonly listen: string;
  readonly incarnation?: number;
  readonly peers?: Peers;
  readonly frameBytesMax?: number;
  readonly insecure?: boolean;
  readonly onFrame?: (frame: Uint8Array, answer: Reply) => void;
  readonly onReachable?: (peer: ReplicaId) => void;
}

/** A member in this process, and what it was told. */
export interface Member {
  readonly wire: Wire;
  readonly frames: readonly Uint8Array[];
  readonly reached: readonly ReplicaId[];
}

/** No frame of a case is larger. */
export const frameBytesMax = 8 * 1024 * 1024;

const patienceMs = 20_000;

/** Waits until something holds; throws where it does not come to hold. */
export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadlineMs = performance.now() + patienceMs;
  while (!(await holds())) {
    if (performance.now() > deadlineMs) throw new Error(`it was waited in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Where a case is played: members in this process and in others, all gone when it is over. */
export class Network {
  private readonly subject: TransportSubject;
  private readonly wires: Wire[] = [];
  private readonly children: Child[] = [];

  constructor(subject: TransportSubject) {
    this.subject = subject;
  }

  freeAddress(): Promise<string> {
    return (this.subject.freeAddress ?? freeTcpAddress)();
  }

  async member(options: MemberOptions): Promise<Member> {
    const frames: Uint8Array[] = [];
    const reached: ReplicaId[] = [];
    const wire = await this.subject.transport().open({
      self: options.self,
      incarnation: options.incarnation ?? 1,
      listen: options.listen,
      peers: new Map(options.peers),
      frameBytesMax: options.frameBytesMax ?? frameBytesMax,
      insecure: options.insecure,
      events: {
        frame(frame, answer) {
          frames.push(frame);
          options.onFrame?.(frame, answer);
        },
        reachable(peer) {
          reached.push(peer);
          options.onReachable?.(peer);
        },
      },
    });
    this.wires.push(wire);
    return { wire, frames, reached };
  }

  child(options: Pick<MemberOptions, 'self' | 'listen' | 'incarnation' | 'peers'>): Child {
    const { module, factory } = this.subject;
    const child = new Child({ module, factory, incarnation: 1, peers: [], frameBytesMax, ...options });
    this.children.push(child);
    return child;
  }

  /** Two members, `a` of slot 0 and `b` of slot 1, that reach each other. */
  async pair(): Promise<{ a: Member; b: Member }> {
    const [addressA, addressB] = [await this.freeAddress(), await this.freeAddress()];
    const a = await this.member({
      self: 'a',
      listen: addressA,
      peers: [[1, { name: 'b', address: addressB }]],
    });
    const b = await this.member({
      self: 'b',
      listen: addressB,
      peers: [[0, { name: 'a', address: addressA }]],
    });
    await until('they reach each other', () => a.reached.includes(1) && b.reached.includes(0));
    return { a, b };
  }

  /** A member `a` of slot 0 here that reaches `b` of slot 1, which is a process of its own and listens only. */
  async reach(options: Partial<MemberOptions> = {}): Promise<{ a: Member; b: Child; address: string }> {
    const address = await this.freeAddress();
    const peers: Peers = [[1, { name: 'b', address }]];
    const b = this.child({ self: 'b', listen: address });
    const a = await this.member({ self: 'a', listen: await this.freeAddress(), peers, ...options });
    await until('a reaches b', () => a.reached.length === 1);
    return { a, b, address };
  }

  async close(): Promise<void> {
    await Promise.all([
      ...this.wires.map((wire) => wire.close()),
      ...this.children.map((child) => child.kill()),
    ]);
  }
}
