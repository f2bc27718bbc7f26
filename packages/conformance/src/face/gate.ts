import type { Transport, TransportOptions } from '@dsm/core';

/** Cuts members off from all others, whatever the transport: their frames are lost in both directions. */
export class Gate {
  private readonly apart = new Set<string>();

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
          events.frame(frame, (answered) => closed(self) || answer(answered), from);
        },
        reachable: (peer) => closed(self) || closed(peers.get(peer)?.name) || events.reachable(peer),
      },
    });
    return {
      send: (to: number, frame: Uint8Array) => {
        if (!closed(self) && !closed(peers.get(to)?.name)) wire.send(to, frame);
      },
      close: () => wire.close(),
    };
  }
}
