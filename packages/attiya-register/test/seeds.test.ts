import type { Host } from '@dsm/core';
import { faultKinds, runSeeds, type Subject } from '@dsm/simulator';
import { describe, expect, test } from 'vitest';
import { attiyaRegister } from '../src/index.js';
import { inspection } from '../src/inspection.js';
import type { Message } from '../src/messages.js';
import { AttiyaReplica } from '../src/replica.js';
import { deep, firstSeed, runs, timeoutMs } from './fixtures/chance.js';
import { mutants } from './fixtures/mutants.js';

const register: Subject = { protocol: attiyaRegister(), inspection };

describe('under faults of every kind', () => {
  test('no property is broken, and everything happens that should', { timeout: timeoutMs }, () => {
    const report = runSeeds(register, { first: firstSeed(1_500), seeds: runs(1_500) });
    expect(report.failure?.text).toBe(undefined);
    expect(report.undecided).toEqual([]);
    const unseen = Object.entries(report.sometimes).filter(([, times]) => times === 0);
    expect(unseen).toEqual([]);
    for (const kind of faultKinds) expect([kind, report.faults[kind] > 0]).toEqual([kind, true]);
  });

  test('no property is broken where members are busy, and others are asked, too', {
    timeout: timeoutMs,
  }, () => {
    let late = 0;
    class Busy extends AttiyaReplica {
      constructor(self: number) {
        super(self, false, 0);
      }

      override timeout(timer: string, host: Host<Message>): void {
        const broadcast: typeof host.broadcast = (message, to) => {
          late += 1;
          host.broadcast(message, to);
        };
        super.timeout(timer, Object.create(host, { broadcast: { value: broadcast } }));
      }
    }
    const report = runSeeds(
      { protocol: { ...attiyaRegister(), replica: (self) => new Busy(self) }, inspection },
      { first: firstSeed(1_000), seeds: runs(1_000) },
    );
    expect(report.failure?.text).toBe(undefined);
    expect(report.undecided).toEqual([]);
    expect(late).toBeGreaterThan(runs(1_000));
  });

  test("no property is broken where reads ask 'all'", { timeout: timeoutMs }, () => {
    const subject = { protocol: attiyaRegister({ reads: 'all' }), inspection };
    const report = runSeeds(subject, { first: firstSeed(300), seeds: runs(300) });
    expect(report.failure?.text).toBe(undefined);
  });
});

// The explorer finds them all in each run; seeds do in the deep one.
describe.runIf(deep)('some seed shows that', () => {
  test.each(mutants.filter(({ rare }) => rare === undefined))(
    '$mistake',
    { timeout: timeoutMs },
    ({ replica, breaks, also, busy }) => {
      const { protocol } = register;
      const subject = {
        protocol: { ...protocol, replica: (self: number) => new replica(self, false, busy ? 0 : undefined) },
        inspection,
      };
      const { failure } = runSeeds(subject, { seeds: 3_000, shrinks: false });
      expect(['linearizable', breaks, also]).toContain(failure?.property);
    },
  );
});

test('without the invariants the same seeds miss a read that does not write back', {
  timeout: timeoutMs,
}, () => {
  const [{ replica }] = mutants as [(typeof mutants)[number]];
  const protocol = { ...attiyaRegister(), replica: (self: number) => new replica(self, false) };
  const blind = { ...inspection, inspector: () => ({ ended: () => undefined, fault: () => undefined }) };
  const options = { seeds: 300, shrinks: false };
  expect(runSeeds({ protocol, inspection }, options).failure?.property).toBe(
    'a majority stores what was returned',
  );
  expect(runSeeds({ protocol, inspection: blind }, options).failure).toBe(undefined);
});
