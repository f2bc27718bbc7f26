import { expect, test } from 'vitest';
import { Cluster, type Flight } from './fixtures/cluster.js';

const union = (one: unknown, other: unknown) =>
  [...new Set([...(one as string[]), ...(other as string[])])].sort();

/** A group of which member 2 has missed more than logs keep. */
function parted(): Cluster {
  const cluster = new Cluster({ logMax: 3, merge: { set: union } });
  cluster.write(2, 'old', 'deleted');
  cluster.settle();
  for (let n = 0; n < 10; n += 1) {
    cluster.write(0, n, `k${n % 4}`);
    cluster.write(1, [`of 1, ${n}`], 'set');
  }
  cluster.delete(0, 'deleted');
  cluster.drop({ to: 2 });
  cluster.settle();
  return cluster;
}

test('a log keeps no more than its bound', () => {
  const cluster = parted();
  for (const at of [0, 1]) {
    expect(cluster.at(at).journal.logs.map(({ size }) => size)).toEqual([3, 3, 0]);
  }
});

test('a member that lacks more is given the contents, with what was deleted', () => {
  const cluster = parted();
  cluster.write(2, ['of 2'], 'set');
  cluster.write(2, 'mine', 'own');
  cluster.tellLoss(0, 2);
  cluster.settle();
  for (const key of ['k0', 'k1', 'k2', 'k3', 'set', 'own', 'deleted']) {
    expect([key, cluster.read(2, key)]).toEqual([key, cluster.read(0, key)]);
    expect([key, cluster.read(1, key)]).toEqual([key, cluster.read(0, key)]);
  }
  expect(cluster.read(2, 'deleted')).toBe(undefined);
  expect(cluster.read(2, 'set')).toContain('of 2');
  expect(cluster.woken[2]).toContain('k3');
  expect(cluster.at(2).clock).toBe(cluster.at(0).clock);
});

test('it goes on from there, and what it took over is forgotten in the end', () => {
  const cluster = parted();
  cluster.tellLoss(0, 2);
  cluster.settle();
  for (let round = 0; round < 3; round += 1) {
    for (const at of [0, 1, 2]) cluster.write(at, round, 'k0');
    cluster.settle();
  }
  for (const { journal, contents } of cluster.replicas) {
    expect(journal.applied).toEqual(cluster.at(0).journal.applied);
    expect([...contents.cells.keys()]).not.toContain('deleted');
  }
});

test('parts count when all have come, and parts of two transfers do not fit together', () => {
  const cluster = new Cluster({ size: 2, logMax: 1 });
  for (const key of ['a', 'b', 'c']) cluster.write(0, 'v'.repeat(200_000), key);
  cluster.drop();
  cluster.repeat(0, 1);
  cluster.repeat(1, 0);
  cluster.deliver({ to: 0, type: 'compare' });
  const parts = cluster.flights({ type: 'state' });
  expect(parts).toHaveLength(3);
  cluster.arrive(parts[2] as (typeof parts)[number]);
  cluster.arrive(parts[0] as (typeof parts)[number]);
  expect([...cluster.at(1).keys()]).toEqual([]);
  cluster.remove(parts[1] as (typeof parts)[number]);

  cluster.repeat(1, 0);
  cluster.deliver({ to: 0, type: 'compare' });
  const again = cluster.flights({ type: 'state' });
  cluster.arrive(again[1] as (typeof again)[number]);
  expect([...cluster.at(1).keys()]).toEqual([]);
  cluster.settle();
  expect([...cluster.at(1).keys()].sort()).toEqual(['a', 'b', 'c']);
});

test('a part of an earlier transfer that comes late does not undo what came of a later one', () => {
  const cluster = new Cluster({ size: 2, logMax: 1 });
  for (const key of ['a', 'b', 'c']) cluster.write(0, 'v'.repeat(200_000), key);
  cluster.drop();
  const transfer = () => {
    cluster.repeat(1, 0);
    cluster.deliver({ to: 0, type: 'compare' });
    const parts = cluster.flights({ type: 'state' });
    for (const part of parts) cluster.remove(part);
    return parts as [Flight, Flight, Flight];
  };
  const earlier = transfer();
  const later = transfer();
  for (const part of [later[0], later[1], earlier[1], later[2]]) {
    cluster.inFlight.push(part);
    cluster.arrive(part);
  }
  expect([...cluster.at(1).keys()].sort()).toEqual(['a', 'b', 'c']);
});

test('the parts of one who died in the middle are no hindrance to the next who has its slot', () => {
  const cluster = new Cluster({ logMax: 1 });
  for (const key of ['a', 'b', 'c']) cluster.write(0, 'v'.repeat(200_000), key);
  cluster.drop({ to: 2 });
  cluster.settle();
  for (let transfers = 0; transfers < 5; transfers += 1) {
    cluster.repeat(2, 1);
    cluster.deliver({ from: 2, to: 1 });
    const [first, ...others] = cluster.flights({ from: 1, to: 2, type: 'state' });
    for (const other of others) cluster.remove(other);
    cluster.arrive(first as NonNullable<typeof first>);
    cluster.inFlight = [];
  }
  expect(cluster.at(2).arrivals.size).toBe(1);
  cluster.go(1);
  expect(cluster.at(2).arrivals.size).toBe(0);
  cluster.inFlight = [];
  cluster.come(1);
  // Member 0 is out of reach for 2.
  for (;;) {
    for (const flight of cluster.flights({ to: 2, from: 0 })) cluster.remove(flight);
    const [next] = cluster.inFlight;
    if (next === undefined) break;
    cluster.arrive(next);
  }
  cluster.repeat(2, 1);
  while (cluster.inFlight.length > 0) cluster.deliver();
  expect([...cluster.at(2).keys()].sort()).toEqual(['a', 'b', 'c']);
});

test('what waits here for the missing part is applied behind it', () => {
  const cluster = new Cluster({ size: 2, logMax: 1 });
  for (const value of ['a', 'b', 'c']) cluster.write(0, value);
  cluster.drop();
  cluster.write(0, 'd');
  cluster.deliver({ type: 'update' });
  expect(cluster.read(1)).toBe(undefined);
  cluster.settle();
  expect(cluster.read(1)).toBe('d');
  expect(cluster.at(1).waiting.map(({ size }) => size)).toEqual([0, 0]);
});

test('a write is acknowledged by who was given it with the contents', () => {
  const cluster = new Cluster({ size: 2, logMax: 1, acknowledgements: 1 });
  const writes = ['a', 'b', 'c'].map((value) => cluster.write(0, value));
  cluster.drop();
  cluster.repeat(1, 0);
  cluster.settle();
  expect(writes.map(({ ended }) => ended)).toEqual([true, true, true]);
});

test('where there are subscriptions logs keep everything, since no member holds all keys', () => {
  const cluster = new Cluster({ logMax: 3, subscriptions: { x: ['m0', 'm1'] } });
  for (let n = 0; n < 10; n += 1) cluster.write(0, n);
  cluster.drop();
  for (const other of [1, 2]) cluster.tellLoss(0, other);
  cluster.settle();
  expect(cluster.read(1)).toBe(9);
  expect(cluster.at(2).journal.applied).toEqual([10, 0, 0]);
});

test('a key that is deleted and forgotten here does not come back, not even as a deleted one', () => {
  const cluster = new Cluster({ size: 2, logMax: 1 });
  cluster.delete(0, 'x');
  cluster.settle();
  expect(cluster.at(1).contents.cells.size).toBe(0);
  // The other side does not forget it: something older than its delete could still arrive there.
  cluster.write(1, 'unheard', 'z');
  for (let n = 0; n < 3; n += 1) cluster.write(0, n, 'y');
  cluster.drop();
  cluster.repeat(1, 0);
  cluster.settle();
  expect(cluster.read(1, 'y')).toBe(2);
  expect([...cluster.at(1).contents.cells.keys()].sort()).toEqual(['y', 'z']);
  // Nor for a moment: nobody is told that it has changed.
  expect(cluster.woken[1]).toEqual(['x', 'z', 'y']);
});
