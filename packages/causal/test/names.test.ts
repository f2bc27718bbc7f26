import { expect, test } from 'vitest';
import { numberMax } from '../src/names.js';
import { Cluster } from './fixtures/cluster.js';

/** Writes a value to each key, all in one turn. */
function writeAll(cluster: Cluster, at: number, value: unknown, ...keys: readonly string[]): void {
  cluster.inOneTurn(() => {
    for (const key of keys) cluster.write(at, value, key);
  });
}

/** The keys that the updates in flight to a member say. */
function keysTo(cluster: Cluster, to: number): string[] {
  return cluster
    .flights({ to, type: 'updates' })
    .flatMap(({ message }) => (message.type === 'updates' ? message.updates.map(({ key }) => key) : []));
}

test('a key is said the first time, and its number stands for it from then on', () => {
  const cluster = new Cluster();
  writeAll(cluster, 0, 'first', 'x', 'y', 'x');
  expect(keysTo(cluster, 1)).toEqual(['x', 'y', '']);
  cluster.settle();
  writeAll(cluster, 0, 'second', 'y', 'x', 'z');
  expect(keysTo(cluster, 1)).toEqual(['', '', 'z']);
  cluster.settle();
  for (const key of ['x', 'y', 'z']) expect(cluster.read(1, key)).toBe('second');
});

test('numbers are those of the member that writes', () => {
  const cluster = new Cluster();
  writeAll(cluster, 0, 'of 0', 'x', 'y');
  writeAll(cluster, 1, 'of 1', 'y', 'x');
  cluster.settle();
  writeAll(cluster, 0, 'again', 'y', 'y');
  cluster.settle();
  expect([cluster.read(2, 'x'), cluster.read(2, 'y')]).toEqual(['of 1', 'again']);
});

test('what waits is understood when it is applied', () => {
  const cluster = new Cluster({ size: 2 });
  writeAll(cluster, 0, 'first', 'x', 'y');
  const [first] = cluster.flights();
  writeAll(cluster, 0, 'second', 'y', 'x');
  const [, second] = cluster.flights();
  cluster.arrive(second as NonNullable<typeof second>);
  expect([...cluster.at(1).keys()]).toEqual([]);
  cluster.arrive(first as NonNullable<typeof first>);
  expect([cluster.read(1, 'x'), cluster.read(1, 'y')]).toEqual(['second', 'second']);
});

test('a number is given again when all are used, and stands for another key then', () => {
  const cluster = new Cluster({ size: 2 });
  const keys = Array.from({ length: numberMax + 1 }, (_, index) => `k${index}`);
  writeAll(cluster, 0, 'first', ...keys);
  cluster.settle();
  // The first one was given the number of the last.
  writeAll(cluster, 0, 'second', 'k1', 'k0', `k${numberMax}`);
  expect(keysTo(cluster, 1)).toEqual(['', 'k0', '']);
  cluster.settle();
  for (const key of ['k0', 'k1', `k${numberMax}`]) expect(cluster.read(1, key)).toBe('second');
  expect(cluster.read(1, 'k2')).toBe('first');
});

test('who is given the contents of another member is told what numbers stand for', () => {
  const cluster = new Cluster({ logMax: 1 });
  writeAll(cluster, 0, 'first', 'x', 'y', 'z');
  cluster.drop({ to: 2 });
  cluster.settle();
  cluster.tellLoss(1, 2);
  cluster.settle();
  expect(cluster.read(2, 'z')).toBe('first');
  writeAll(cluster, 0, 'second', 'z', 'y', 'x');
  expect(keysTo(cluster, 2)).toEqual(['', '', '']);
  cluster.settle();
  for (const key of ['x', 'y', 'z']) expect(cluster.read(2, key)).toBe('second');
});

test('who has missed what a number stands for now is told with the contents', () => {
  const cluster = new Cluster({ size: 2, logMax: 1 });
  const keys = Array.from({ length: numberMax }, (_, index) => `k${index}`);
  writeAll(cluster, 0, 'first', ...keys);
  cluster.settle();
  writeAll(cluster, 0, 'first', 'another', 'one more');
  cluster.drop();
  cluster.tellLoss(0, 1);
  cluster.settle();
  writeAll(cluster, 0, 'second', 'another', 'one more');
  expect(keysTo(cluster, 1)).toEqual(['', '']);
  cluster.settle();
  const read = ['another', 'one more', 'k0', 'k1'].map((key) => cluster.read(1, key));
  expect(read).toEqual(['second', 'second', 'first', 'first']);
});

test('who comes later is told what the numbers of all stand for', () => {
  const cluster = new Cluster({ size: 2, logMax: 1 });
  writeAll(cluster, 0, 'first', 'x', 'y');
  writeAll(cluster, 1, 'first', 'z', 'y');
  cluster.settle();
  const later = cluster.come();
  cluster.settle();
  writeAll(cluster, 0, 'second', 'y', 'x');
  writeAll(cluster, 1, 'third', 'z', 'z');
  expect(keysTo(cluster, later)).toEqual(['', '', '', '']);
  cluster.settle();
  expect(['x', 'y', 'z'].map((key) => cluster.read(later, key))).toEqual(['second', 'second', 'third']);
});

test('a key that was deleted and forgotten comes back under its number', () => {
  const cluster = new Cluster({ size: 2 });
  writeAll(cluster, 0, 'first', 'x', 'y');
  cluster.settle();
  cluster.write(1, 'traffic', 'z');
  cluster.settle();
  cluster.delete(0, 'x');
  cluster.settle();
  const holds = [0, 1].map((at) => cluster.at(at).contents.cells.has('x'));
  expect(holds).toEqual([true, false]);
  writeAll(cluster, 0, 'again', 'x', 'y');
  expect(keysTo(cluster, 1)).toEqual(['', '']);
  cluster.settle();
  expect([cluster.read(0, 'x'), cluster.read(1, 'x'), cluster.read(1, 'y')]).toEqual([
    'again',
    'again',
    'again',
  ]);
  expect([...cluster.at(1).keys()]).toContain('x');
});

test('a key that was deleted and forgotten by its writer is said again', () => {
  const cluster = new Cluster({ size: 2 });
  writeAll(cluster, 0, 'first', 'x', 'y');
  cluster.settle();
  cluster.delete(0, 'x');
  cluster.settle();
  for (const at of [1, 0, 1]) {
    cluster.write(at, 'traffic', 'z');
    cluster.settle();
  }
  expect(cluster.at(0).contents.cells.has('x')).toBe(false);
  writeAll(cluster, 0, 'again', 'x', 'y');
  expect(keysTo(cluster, 1)).toEqual(['x', '']);
  cluster.settle();
  expect(cluster.read(1, 'x')).toBe('again');
});

test('where there are subscriptions keys have no numbers', () => {
  const cluster = new Cluster({ subscriptions: { x: ['m0', 'm1'] } });
  writeAll(cluster, 0, 'first', 'x', 'y');
  cluster.settle();
  writeAll(cluster, 0, 'second', 'x', 'y');
  expect(keysTo(cluster, 1)).toEqual(['x', 'y']);
});

test('a number that is given again in a turn stands, in what was written before, for what it stood for then', () => {
  const cluster = new Cluster({ size: 2 });
  // `hot` has the number that is given next.
  const keys = ['hot', ...Array.from({ length: numberMax - 1 }, (_, index) => `k${index}`)];
  writeAll(cluster, 0, 'old', ...keys);
  cluster.settle();
  // Too much for one message.
  writeAll(cluster, 0, 'v'.repeat(40_000), 'hot', 'new');
  expect(cluster.flights().map(({ message }) => message.type)).toEqual(['update', 'update']);
  cluster.settle();
  for (const key of ['hot', 'new']) expect(cluster.read(1, key)).toBe('v'.repeat(40_000));
});

test('who comes later is not told what the numbers of one who has departed stood for, once all know of that', () => {
  const cluster = new Cluster({ size: 3, logMax: 1 });
  writeAll(cluster, 2, 'first', 'x', 'y');
  writeAll(cluster, 0, 'first', 'z', 'u');
  cluster.settle();
  cluster.go(2);
  cluster.settle();
  const later = cluster.come();
  cluster.settle();
  writeAll(cluster, 0, 'second', 'z', 'u');
  cluster.settle();
  expect(['x', 'y', 'z', 'u'].map((key) => cluster.read(later, key))).toEqual([
    'first',
    'first',
    'second',
    'second',
  ]);
  expect([...cluster.at(later).contents.named(() => true)].map(({ origin }) => origin)).toEqual([0, 0]);
});
