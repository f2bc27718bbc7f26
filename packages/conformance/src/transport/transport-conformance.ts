import { describe, test } from 'vitest';
import { addresses } from './cases/addresses.js';
import { answers } from './cases/answers.js';
import { closing } from './cases/closing.js';
import { frames } from './cases/frames.js';
import { peers } from './cases/peers.js';
import { Network } from './network.js';
import type { TransportSubject } from './subject.js';
import type { TransportCase } from './transport-case.js';

const timeout = 60_000;

/** Every case, by topic. */
export const transportCases: readonly TransportCase[] = [
  ...frames,
  ...answers,
  ...peers,
  ...addresses,
  ...closing,
];

/** Registers with vitest all that a transport must do: in one process, and with others that are paused and killed. */
export function transportConformance(title: string, subject: TransportSubject): void {
  describe(`conformance of ${title}`, { timeout }, () => {
    for (const { name, run } of transportCases) {
      test(name, async () => {
        const network = new Network(subject);
        try {
          await run(network);
        } finally {
          await network.close();
        }
      });
    }
  });
}
