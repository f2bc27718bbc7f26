import type { Transport, TransportOptions, Wire } from '@dsm/core';
import { zeromq } from '@dsm/transport-zeromq';
import { expect, test } from 'vitest';
import { Network } from '../src/transport/network.js';
import { transportCases } from '../src/transport/transport-conformance.js';

/** ZeroMQ, with something done to each wire or to what it is opened with. */
function broken(change: {
  options?: (options: TransportOptions) => TransportOptions;
  wire?: (wire: Wire) => Partial<Wire>;
}): Transport {
  return {
    name: 'broken',
    async open(options) {
      const wire = await zeromq().open(change.options?.(options) ?? options);
      return {
        send: (to, frame) => wire.send(to, frame),
        close: () => wire.close(),
        ...change.wire?.(wire),
      };
    },
  };
}

/** Every second frame goes before the one that was sent before it. */
function swapping(wire: Wire): Partial<Wire> {
  let held: Uint8Array | undefined;
  return {
    send(to, frame) {
      if (held === undefined) {
        held = frame;
        return;
      }
      wire.send(to, frame);
      wire.send(to, held);
      held = undefined;
    },
  };
}

const whole = 'frames of 0 bytes to 5 MB arrive whole and in order, both ways';

test.each<[what: string, name: string, transport: Transport]>([
  ['swaps frames', whole, broken({ wire: swapping })],
  [
    'swaps frames, in a burst',
    'a burst of 20,000 frames loses nothing and keeps its order',
    broken({ wire: swapping }),
  ],
  [
    'changes a byte',
    whole,
    broken({
      wire: (wire) => ({
        send: (to, frame) =>
          wire.send(
            to,
            frame.map((byte) => byte ^ 1),
          ),
      }),
    }),
  ],
  [
    'sends the buffer behind a view',
    'a view into a larger buffer is sent as what it shows',
    broken({ wire: (wire) => ({ send: (to, frame) => wire.send(to, new Uint8Array(frame.buffer)) }) }),
  ],
  [
    'sends what is larger than allowed',
    'a frame as large as allowed passes; one byte more is not sent, and harms no other',
    broken({ options: (options) => ({ ...options, frameBytesMax: options.frameBytesMax * 2 }) }),
  ],
  [
    'does not tell that an answer is lost',
    'an answer larger than allowed is not sent, which is told',
    broken({
      options: ({ events, ...options }) => ({
        ...options,
        events: { ...events, frame: (frame, answer) => events.frame(frame, (back) => answer(back)) },
      }),
    }),
  ],
  [
    'listens wherever it likes',
    'malformed addresses are refused',
    broken({ options: (options) => ({ ...options, listen: 'inproc://whatever' }) }),
  ],
  [
    'hears frames after it was closed',
    'one may close within a handler, and hears no more',
    broken({
      wire: (wire) => ({ close: () => new Promise((done) => setTimeout(() => done(wire.close()), 300)) }),
    }),
  ],
])('a transport that %s is found out', async (_, name, transport) => {
  const found = transportCases.find((one) => one.name === name);
  const network = new Network({ transport: () => transport, module: 'none', factory: 'none' });
  try {
    await expect(found?.run(network)).rejects.toThrow(/./);
  } finally {
    await network.close();
  }
});
