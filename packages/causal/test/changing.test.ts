import { firstSeed, runs, timeoutMs } from '@dsm/conformance/chance';
import { expect, test } from 'vitest';
import { inspection } from '../src/inspection.js';
import { ChangingWorld } from './fixtures/changing-world.js';
import { Cluster, type Flight } from './fixtures/cluster.js';
import { mutated } from './fixtures/interior.js';

const count = runs(400);

test(`members that come and are gone end with the same, and forget what was deleted: ${count} seeds`, {
  timeout: timeoutMs,
}, () => {
  for (let seed = firstSeed(400); seed < firstSeed(400) + count; seed += 1) {
    expect([seed, new ChangingWorld(seed).run()]).toEqual([seed, undefined]);
  }
});

test('two who come at once do not take what they have for what a member has', () => {
  const cluster = new Cluster({ size: 2 });
  cluster.write(0, 'there');
  cluster.settle();
  const [one, other] = [cluster.come(), cluster.come()];
  cluster.drop();
  cluster.tellLoss(one, other);
  cluster.settle();
  expect([cluster.at(one).ready, cluster.at(other).ready]).toEqual([false, false]);
  for (const to of [one, other]) cluster.tellLoss(0, to);
  cluster.settle();
  for (const at of [one, other]) expect([cluster.at(at).ready, cluster.read(at)]).toEqual([true, 'there']);
});

test('who waits for what only a dead member had is at rest while it counts on that one, and only then', () => {
  const cluster = new Cluster();
  cluster.write(2, 'lost');
  cluster.drop();
  cluster.write(2, 'waits');
  cluster.deliver({ from: 2, to: 0 });
  cluster.drop();
  const idle = (complete?: boolean) => inspection.idle(cluster.at(0), complete);
  expect([idle(), idle(true), idle(false)]).toEqual([false, false, true]);
  cluster.go(2);
  expect(idle()).toBe(true);
});

test('nothing waits for what two took with them who have gone, the one what the other had passed on', () => {
  const cluster = new Cluster();
  cluster.write(2, 'first');
  cluster.deliver({ to: 1 });
  cluster.write(2, 'second');
  cluster.deliver({ from: 2, to: 1 });
  cluster.go(2);
  // 0 asks 1, which sends both; the first one is lost.
  cluster.deliver({ from: 0, to: 1 });
  const [first] = cluster.flights({ type: 'update', from: 1, to: 0 });
  cluster.remove(first as Flight);
  cluster.deliver({ from: 1, to: 0 });
  expect(cluster.at(0).waiting[2]?.size).toBe(1);
  cluster.go(1);
  cluster.settle();
  expect(cluster.at(0).waiting.map(({ size }) => size)).toEqual([0, 0, 0]);
});

test.each([
  [
    'who comes does not say that it knows who had gone',
    mutated((right) => ({
      roster(members, formed, host, departed) {
        right.roster.call(this, members, formed, host, this.ready ? departed : []);
      },
    })),
  ],
  [
    'what waits for somebody who has gone waits for ever',
    mutated((right) => ({
      roster(members, formed, host, departed) {
        const waiting = this.waiting.map((updates) => [...updates]);
        right.roster.call(this, members, formed, host, departed);
        for (const [origin, updates] of waiting.entries())
          for (const [sequence, update] of updates) this.waiting[origin]?.set(sequence, update);
      },
    })),
  ],
])('it is noticed where %s', { timeout: timeoutMs }, (_, replica) => {
  const isBroken = (seed: number) => {
    try {
      return new ChangingWorld(seed, replica).run() !== undefined;
    } catch {
      return true;
    }
  };
  expect(Array.from({ length: 2_000 }, (_, index) => index + 1).find(isBroken)).toBeGreaterThan(0);
});
