import { expect, test } from 'vitest';
import { Cluster } from './fixtures/cluster.js';

// Members are 0, 1, 2.

test('a deleted key is remembered while an older write of it is on its way, though everybody has deleted it', () => {
  const cluster = new Cluster();
  cluster.write(0, 'older');
  const older = cluster.flights({ to: 2 });
  cluster.delete(1);
  cluster.deliver({ from: 1 });
  // From this 2 learns that 0 has deleted the key, too, and that it has written something else before.
  cluster.write(0, 'traffic', 'y');
  cluster.deliver({ to: 2, key: 'y' });
  for (const flight of older) cluster.arrive(flight);
  expect(cluster.read(2)).toBe(undefined);
  cluster.settle();
  for (const { self } of cluster.replicas)
    expect([cluster.read(self), cluster.read(self, 'y')]).toEqual([undefined, 'traffic']);
});

test('a key that is written while its tombstone is kept has that value, and keeps it', () => {
  const cluster = new Cluster();
  cluster.write(0, 'first');
  cluster.settle();
  cluster.delete(1);
  cluster.settle();
  cluster.write(2, 'again');
  for (let round = 0; round < 3; round += 1) {
    for (const at of [0, 1, 2]) cluster.write(at, `${round}`, 'y');
    cluster.settle();
    for (const { self } of cluster.replicas) expect(cluster.read(self)).toBe('again');
  }
});

test('a deleted key is forgotten though somebody came after somebody had gone', () => {
  const cluster = new Cluster();
  cluster.write(0, 'old');
  cluster.settle();
  cluster.go(2);
  cluster.settle();
  const later = cluster.come();
  cluster.settle();
  cluster.delete(1);
  for (let round = 0; round < 3; round += 1) {
    for (const at of [0, 1, later]) cluster.write(at, round, 'y');
    cluster.settle();
  }
  for (const at of [0, 1, later]) expect([at, ...cluster.at(at).contents.cells.keys()]).toEqual([at, 'y']);
});

test('a deleted key is forgotten though somebody has gone who had written what nobody has', () => {
  const cluster = new Cluster();
  cluster.write(0, 'old');
  cluster.settle();
  cluster.write(2, 'lost', 'y');
  cluster.drop();
  cluster.delete(1);
  cluster.settle();
  // What follows the lost one tells 0 how much 2 has written, and that it has deleted the key.
  cluster.write(2, 'waits', 'y');
  cluster.deliver({ to: 0 });
  cluster.write(1, 'traffic', 'y');
  cluster.deliver({ from: 1, to: 0 });
  expect([...cluster.at(0).graveyard.graves.keys()]).toEqual(['x']);
  cluster.go(2);
  cluster.settle();
  for (let round = 0; round < 3; round += 1) {
    for (const at of [0, 1]) cluster.write(at, round, 'y');
    cluster.settle();
  }
  for (const at of [0, 1]) expect([at, ...cluster.at(at).contents.cells.keys()]).toEqual([at, 'y']);
});
