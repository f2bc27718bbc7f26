import { expect, test } from 'vitest';
import { Cluster, suspectAfterMs } from './fixtures/cluster.js';

test('a replica is told of each silence once: of whom this member does not hear, and nobody else', () => {
  const cluster = new Cluster(['a', 'b', 'c']);
  const members = ['a', 'b', 'c'].map((name) => cluster.start(name));
  const told = () => members.map(({ parrot }) => parrot.silences);
  cluster.run(5 * suspectAfterMs);
  expect(told()).toEqual([[], [], []]);
  for (const [ofB, ofA] of [
    [[1], [0]],
    [
      [1, 1],
      [0, 0],
    ],
  ]) {
    cluster.cut('a', 'b');
    cluster.run(5 * suspectAfterMs);
    expect(told()).toEqual([ofB, ofA, []]);
    cluster.cuts.clear();
    cluster.run(2 * suspectAfterMs);
  }
});

test('of members that it has never heard of a replica is told nothing', () => {
  const cluster = new Cluster(['a', 'b', 'c']);
  const a = cluster.start('a');
  cluster.run(5 * suspectAfterMs);
  expect(a.parrot.silences).toEqual([]);
});
