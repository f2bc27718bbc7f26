import { explore, parseScript, type Scenario } from '@dsm/simulator';
import { describe, expect, test } from 'vitest';
import { tokenCoherence } from '../src/index.js';
import { inspection } from '../src/inspection.js';
import { timeoutMs } from './fixtures/chance.js';
import { type Mutant, mutants } from './fixtures/mutants.js';

interface World {
  readonly script: string;
  /** With `update`, and with `migrate`. Where these change, the protocol has changed, and the commit says why. */
  readonly states: readonly [update: number, migrate: number];
  readonly members?: number;
}

describe('some order of messages shows that', () => {
  test.each(mutants)('$mistake, which breaks: $breaks', { timeout: timeoutMs }, (mutant) => {
    expect(exploreMutant(mutant).violation?.property).toBe(mutant.breaks);
  });
});

function exploreMutant({ replica, script, writes = 'update', breaks, alone }: Mutant) {
  const protocol = tokenCoherence({ writes });
  const settings = { writes, initial: new Map() };
  const subject = {
    protocol: { ...protocol, replica: (self: number) => new replica(self, settings) },
    inspection,
  };
  const scenario: Scenario = { script: parseScript(script) };
  return explore(subject, alone ? { ...scenario, properties: [breaks] } : scenario);
}
