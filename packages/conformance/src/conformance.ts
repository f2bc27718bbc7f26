import type { Replica } from '@dsm/core';
import type { Subject } from '@dsm/simulator';
import { describe, test } from 'vitest';
import { casesFor } from './cases.js';
import type { ConformanceOptions } from './options.js';

/** Beyond the patience of every case: what hangs is reported by the case itself. */
const timeout = 300_000;

/**
 * Registers with vitest the whole suite that a protocol must pass, ours or yours: the laws of a replica, its users'
 * view in one process and over ZeroMQ, random faults in the simulator, every order of small scripts in the explorer.
 * To be called once, at the top of a test file. What does not apply is shown as skipped, with the reason.
 */
export function conformance<Message, R extends Replica<Message>>(
  subject: Subject<Message, R>,
  options: ConformanceOptions = {},
): void {
  const cases = casesFor(subject, options);
  describe(`conformance of ${subject.protocol.name}`, { timeout }, () => {
    for (const { title, skipped, run } of cases) {
      if (skipped === undefined) test(title, run);
      else test.skip(title, run);
    }
  });
}
