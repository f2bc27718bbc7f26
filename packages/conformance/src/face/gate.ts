import type { Reply, Transport, TransportOptions } from '@dsm/core';
import type { Chance } from '@dsm/simulator';

/** A frame waits for so many turns of the event loop, or fewer. */
const turnsMax = 6;

/**
 * Stands before any transport. Cuts members off from all others: their frames are lost in both directions. Makes the
 * ways unequal, so that what one member hears at once another one hears late.
 */
export class Gate {
  private readonly apart = new Set<string>();
  private readonly delays: Chance | undefined;
  /** By way, its last frame: none is overtaken. */
  private readonly ways = new Map<string, Promise<void>>();

  constructor(delays?: Chance) {
    this.delays = delays;
  }

  isolate(name: string): void {
    this.apart.add(name);
  }

  heal(): void {
    this.apart.clear();
  }

  /** The transport with this gate before it. */
  around(transport: Transport): Transport {
    return { name: transport.name, open: (options) => this.open(transport, options) };
  }

  private async open(transport: Transport, options: TransportOptions) {
    const { self, peers, events } = options;
    const closed = (name: string | undefined) => name !== undefined && this.apart.has(name);
    const wire = await transport.open({
      ...options,
      events: {
        frame: (frame, answer, from) => {
          if (closed(self)) return;
          const back: Reply = (answered, lost) =>
            this.pass(`${self} back`, () => {
              if (!closed(self)) answer(answered, lost);
            });
          events.frame(frame, back, from);
        },
        reachable: (peer) => closed(self) || closed(peers.get(peer)?.name) || events.reachable(peer),
      },
    });
    return {
      send: (to: number, frame: Uint8Array) => {
        this.pass(`${self} ${to}`, () => {
          if (!closed(self) && !closed(peers.get(to)?.name)) wire.send(to, frame);
        });
      },
      close: () => wire.close(),
    };
  }

  private pass(way: string, send: () => void): void {
    if (this.delays === undefined) return send();
    const turns = this.delays.below(turnsMax + 1);
    const before = this.ways.get(way) ?? Promise.resolve();
    this.ways.set(way, before.then(() => later(turns)).then(send));
  }
}

async function later(turns: number): Promise<void> {
  for (let left = turns; left > 0; left -= 1) await new Promise((resolve) => setImmediate(resolve));
}
