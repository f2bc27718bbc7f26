import { expect, test } from 'vitest';
import { Cluster } from './fixtures/cluster.js';

// Members are 0, 1, 2 and so on; the first of them leaves.

/** It asks until it may. */
function goes(cluster: Cluster, ...inReach: number[]): boolean {
  for (let asked = 0; asked < 3; asked += 1) {
    if (cluster.mayLeave(0, ...inReach)) return true;
    cluster.settle();
  }
  return false;
}

test('a member goes once one in reach holds all that it holds, whoever else does', () => {
  const cluster = new Cluster();
  cluster.write(1, 'of 1');
  cluster.drop({ to: 2 });
  cluster.settle();
  // Member 1 has it, and is out of reach: it may be dead.
  expect(cluster.mayLeave(0, 2)).toBe(false);
  expect(cluster.mayLeave(0)).toBe(false);
  expect(goes(cluster, 2)).toBe(true);
  expect(cluster.read(2)).toBe('of 1');
});

test('a member that is alone in reach of nobody waits, and one that is the last goes', () => {
  const cluster = new Cluster({ size: 2 });
  expect(cluster.mayLeave(0)).toBe(false);
  cluster.go(1);
  expect(cluster.mayLeave(0)).toBe(true);
});

test('where writes are acknowledged by k, more than k hold what a member holds before it goes', () => {
  const cluster = new Cluster({ size: 4, acknowledgements: 1 });
  const written = cluster.write(1, 'of 1');
  cluster.drop({ to: 2 });
  cluster.drop({ to: 3 });
  cluster.deliver({ to: 0 });
  cluster.deliver({ to: 1 });
  expect(written.ended).toBe(true);
  // Member 1 alone has it besides: its crash must not lose it.
  expect(cluster.mayLeave(0, 1, 2, 3)).toBe(false);
  expect(goes(cluster, 1, 2, 3)).toBe(true);
  expect([cluster.read(2), cluster.read(3)]).toContain('of 1');
});
