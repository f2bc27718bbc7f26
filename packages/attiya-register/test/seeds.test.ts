import { deep, firstSeed, runs, timeoutMs } from '@dsm/conformance/chance';
import { faultKinds, runSeeds, type Subject } from '@dsm/simulator';
import { describe, expect, test } from 'vitest';
import { attiyaRegister } from '../src/index.js';
import { inspection } from '../src/inspection.js';
import { AttiyaReplica } from '../src/replica.js';
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

  test.each(['quorum', 'all'] as const)(
    "no property is broken where members are busy and reads ask '%s', and all that surveys do happens",
    { timeout: timeoutMs },
    (reads) => {
      const seen = new Map<string, number>();
      const count = (what: string) => seen.set(what, (seen.get(what) ?? 0) + 1);
      const replica = (self: number) => watched(new AttiyaReplica(self, reads === 'all', 0), count);
      const subject = { protocol: { ...attiyaRegister({ reads }), replica }, inspection };
      const report = runSeeds(subject, { first: firstSeed(1_000), seeds: runs(1_000) });
      expect(report.failure?.text).toBe(undefined);
      expect(report.undecided).toEqual([]);
      const all = ['by key', 'mended', 'nobody has it', 'skipped', 'written by key'];
      const onlyQuorum = ['others are asked', 'written back'];
      expect([...seen.keys()].sort()).toEqual([...all, ...(reads === 'all' ? [] : onlyQuorum)].sort());
    },
  );

  test("no property is broken where reads ask 'all'", { timeout: timeoutMs }, () => {
    const subject = { protocol: attiyaRegister({ reads: 'all' }), inspection };
    const report = runSeeds(subject, { first: firstSeed(300), seeds: runs(300) });
    expect(report.failure?.text).toBe(undefined);
  });
});

/** A replica of which it is told what it does besides surveys. */
function watched(replica: AttiyaReplica, tell: (what: string) => void): AttiyaReplica {
  const { query, store } = replica;
  replica.query = (key, cell, operations, host) => {
    tell('by key');
    query.call(replica, key, cell, operations, host);
  };
  replica.store = (pair, operations, writeBack, host) => {
    tell(writeBack ? 'written back' : 'written by key');
    store.call(replica, pair, operations, writeBack, host);
  };
  const { skipped } = replica.mender;
  replica.mender.skipped = (...skip) => {
    tell('skipped');
    skipped.apply(replica.mender, skip);
  };
  const { adopt, giveUp } = replica.frontier;
  replica.frontier.adopt = (taken) => {
    const helped = adopt.call(replica.frontier, taken);
    if (helped) tell('mended');
    return helped;
  };
  replica.frontier.giveUp = () => {
    tell('nobody has it');
    giveUp.call(replica.frontier);
  };
  const { timeout } = replica;
  replica.timeout = (timer, host) => {
    const broadcast: typeof host.broadcast = (message, to) => {
      if (message.type === 'survey') tell('others are asked');
      host.broadcast(message, to);
    };
    const heard = timer === 'late' ? Object.create(host, { broadcast: { value: broadcast } }) : host;
    timeout.call(replica, timer, heard);
  };
  return replica;
}

// The explorer finds them all in each run; seeds do in the deep one.
describe.runIf(deep)('some seed shows that', () => {
  test.each(mutants.filter(({ rare }) => rare === undefined))(
    '$mistake',
    { timeout: timeoutMs },
    ({ replica, restless = replica, breaks, also, busy }) => {
      const { protocol } = register;
      const subject = {
        protocol: { ...protocol, replica: (self: number) => new restless(self, false, busy ? 0 : undefined) },
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
