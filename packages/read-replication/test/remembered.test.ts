import { checked } from '@dsm/conformance/chance';
import type { OperationId } from '@dsm/core';
import { Chance } from '@dsm/simulator';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Conversations } from '../src/conversations.js';
import { Group, type Invoked } from './fixtures/group.js';

// The home of every key is m0; m1 is a backup of some.

const keys = ['x', 'y', 'z', 'u', 'v', 'w'];
const remembered = (group: Group) => group.replicas.map(({ applied }) => [...applied].length);

/** A group whose members name by itself what waits, as soon as so many others have overtaken it. */
function impatient(patience: number, options: ConstructorParameters<typeof Group>[0]): Group {
  const group = new Group(options);
  for (const replica of group.replicas)
    Object.assign(replica, { conversations: new Conversations(patience) });
  return group;
}

const backedUp = (group: Group) => keys.find((key) => group.at(1).isBackup(key)) as string;

describe('a change that waits for ever', () => {
  test('lets home and backups forget those that have ended since, whatever their keys', () => {
    const group = new Group({ replicas: 2 });
    group.acquire(1, 'held');
    group.settle();
    const waits = group.write(2, 'waits', 'held');
    const key = backedUp(group);
    for (let n = 0; n < 5_000; n += 1) {
      group.write(2, `${n}`, key);
      group.settle();
      group.sent.length = 0;
    }
    expect(waits.result).toBe(undefined);
    const [home, backup, member] = remembered(group) as [number, number, number];
    expect([home <= 1_100, home > 0, backup, member]).toEqual([true, true, home, 0]);
  });

  test('lets them forget all others where nobody is patient', () => {
    const group = impatient(0, { replicas: 2 });
    group.acquire(1, 'held');
    group.settle();
    for (let n = 0; n < 3; n += 1) group.write(2, 'waits', 'held');
    for (let n = 0; n < 100; n += 1) {
      group.write(2, `${n}`, backedUp(group));
      group.settle();
    }
    expect(remembered(group)).toEqual([1, 1, 0]);
  });

  test('though it was stored at one of its backups, and the other one is closed', () => {
    const group = impatient(0, { size: 4, replicas: 3 });
    const key = keys.find((one) => group.at(1).isBackup(one) && group.at(2).isBackup(one)) as string;
    const other = keys.find((one) => group.at(1).isBackup(one) && !group.at(2).isBackup(one)) as string;
    group.close(2);
    const waits = group.write(3, 'waits', key);
    for (let n = 0; n < 100; n += 1) {
      group.write(3, `${n}`, other);
      group.settle();
    }
    expect(waits.result).toBe(undefined);
    // The backup remembers what waits, and the last one.
    expect(remembered(group)).toEqual([1, 2, 0, 1]);
  });

  test('is named by itself when very many have overtaken it, and not where many wait in turn', () => {
    const conversations = new Conversations();
    const begin = (operation: number) => {
      const change = { operation, deed: { kind: 'write', value: null }, own: false } as const;
      conversations.begin(`${operation}`, { change, reads: [], begun: 0 });
    };
    begin(1);
    for (let operation = 2; operation < 10_000; operation += 1) begin(operation);
    expect(conversations.progress).toEqual({ floor: 1, open: [] });
    for (let operation = 2; operation < 10_000; operation += 1) conversations.end(`${operation}`);
    begin(10_000);
    expect(conversations.progress).toEqual({ floor: 10_000, open: [1] });
    conversations.end('1');
    expect(conversations.progress).toEqual({ floor: 10_000, open: [] });
  });
});

/** Numbers of the changes that have not come to their home, or are being served there. */
function away(group: Group): Set<OperationId> {
  const all = new Set<OperationId>();
  for (const messages of group.links.values()) {
    for (const message of messages) if (message.type === 'change') all.add(message.operation);
  }
  for (const { home } of group.replicas) {
    for (const { queue, round } of home.records.values()) {
      const served = round?.kind === 'change' ? round.served : [];
      for (const { request } of [...queue, ...served])
        if (request.type === 'change') all.add(request.operation);
    }
  }
  return all;
}

test('a change that was applied and has not ended is known to home and backups, whatever they forget', () => {
  fc.assert(
    fc.property(fc.nat(), fc.constantFrom(0, 1, 3), (seed, patience) => {
      const chance = new Chance(seed);
      const group = impatient(patience, { size: 4, directory: undefined, replicas: chance.between(1, 3) });
      const began: (Invoked & { readonly key: string })[] = [];
      for (let step = 0; step < 150; step += 1) {
        const ways = group.ways();
        const key = chance.pick(keys);
        if (ways.length > 0 && chance.happens(0.75)) group.deliver(...chance.pick(ways));
        else began.push(Object.assign(group.write(chance.between(0, 3), `${step}`, key), { key }));
        // Its answer is under way. Asked for again, it would be found here.
        const elsewhere = away(group);
        for (const { at, operation, key, result } of began) {
          if (result !== undefined || elsewhere.has(operation)) continue;
          for (const { self, applied } of group.replicas) {
            if (self !== group.at(0).homeOf(key) && !group.at(self).isBackup(key)) continue;
            expect(applied.versionOf(at, operation), `${operation} of ${at} at ${self}`).toBeDefined();
          }
        }
      }
    }),
    checked(50),
  );
});
