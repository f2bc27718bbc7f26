import { describe, expect, test } from 'vitest';
import { inspection } from '../src/inspection.js';
import { Cluster } from './fixtures/cluster.js';

// Members are 0, 1, 2; the key is x where nothing else is said.

describe('a write', () => {
  test('is applied at its member and done at once, whoever is in reach', () => {
    const cluster = new Cluster();
    expect(cluster.write(0, 'a').ended).toBe(true);
    expect(cluster.read(0)).toBe('a');
    expect(cluster.read(1)).toBe(undefined);
  });

  test('is sent once to each other member, and read there for nothing', () => {
    const cluster = new Cluster({ size: 5 });
    cluster.write(2, 'a');
    expect(cluster.flights().map(({ to, message }) => [to, message.type])).toEqual([
      [0, 'update'],
      [1, 'update'],
      [3, 'update'],
      [4, 'update'],
    ]);
    cluster.settle();
    for (const { self } of cluster.replicas) expect(cluster.read(self)).toBe('a');
    expect(cluster.flights()).toEqual([]);
  });

  test('wakes the watchers of its key at each member when it is applied there', () => {
    const cluster = new Cluster();
    cluster.write(0, 'a');
    expect(cluster.woken).toEqual([['x'], [], []]);
    cluster.deliver({ to: 2 });
    expect(cluster.woken).toEqual([['x'], [], ['x']]);
  });

  test('with acknowledgements is done when so many others have applied it, and applied here before', () => {
    const cluster = new Cluster({ size: 4, acknowledgements: 2 });
    const write = cluster.write(0, 'a');
    expect(cluster.read(0)).toBe('a');
    cluster.deliver({ to: 1 });
    cluster.deliver({ to: 0 });
    expect(write.ended).toBe(false);
    cluster.deliver({ to: 3 });
    cluster.deliver({ to: 0 });
    expect(write.ended).toBe(true);
  });

  test('is not acknowledged while it waits for what it depends on', () => {
    const cluster = new Cluster({ acknowledgements: 1 });
    cluster.write(0, 'a', 'x');
    const second = cluster.write(0, 'b', 'y');
    cluster.drop({ key: 'x' });
    cluster.deliver({ key: 'y' });
    expect(cluster.flights({ type: 'applied' })).toEqual([]);
    cluster.settle();
    expect(second.ended).toBe(true);
  });

  test('with more acknowledgements than there are others waits for all of them', () => {
    const cluster = new Cluster({ size: 2, acknowledgements: 5 });
    const write = cluster.write(0, 'a');
    expect(write.ended).toBe(false);
    cluster.settle();
    expect(write.ended).toBe(true);
    expect(new Cluster({ size: 1, acknowledgements: 5 }).write(0, 'a').ended).toBe(true);
  });
});

describe('what a member that crashes had sent to some only', () => {
  test('reaches the others once it is missed, though nobody writes any more', () => {
    const cluster = new Cluster({ size: 4 });
    cluster.write(0, 'last words');
    cluster.deliver({ from: 0, to: 1 });
    cluster.drop();
    expect([1, 2, 3].map((at) => cluster.read(at))).toEqual(['last words', undefined, undefined]);
    for (const at of [1, 2, 3]) cluster.silence(at, 0);
    expect(cluster.flights({ to: 0 })).toEqual([]);
    cluster.settle();
    expect([1, 2, 3].map((at) => cluster.read(at))).toEqual(['last words', 'last words', 'last words']);
  });
});

describe('COPS: a value that was read is a dependency of what is written afterwards', () => {
  test('so "glad" is never shown before "found", whichever arrives first', () => {
    const cluster = new Cluster();
    cluster.write(0, 'lost', 'alice');
    cluster.settle();
    cluster.write(0, 'found', 'alice');
    cluster.deliver({ to: 1 });
    expect(cluster.read(1, 'alice')).toBe('found');
    cluster.write(1, 'glad', 'bob');
    const [found] = cluster.flights({ to: 2, key: 'alice' });
    cluster.deliver({ to: 2, key: 'bob' });
    expect([cluster.read(2, 'alice'), cluster.read(2, 'bob')]).toEqual(['lost', undefined]);
    cluster.arrive(found as NonNullable<typeof found>);
    expect([cluster.read(2, 'alice'), cluster.read(2, 'bob')]).toEqual(['found', 'glad']);
  });

  test('what was there and not read is none', () => {
    const cluster = new Cluster();
    cluster.write(0, 'found', 'alice');
    cluster.deliver({ to: 1 });
    cluster.write(1, 'indifferent', 'bob');
    cluster.deliver({ to: 2, key: 'bob' });
    expect([cluster.read(2, 'alice'), cluster.read(2, 'bob')]).toEqual([undefined, 'indifferent']);
  });

  test('and not of what was written before', () => {
    const cluster = new Cluster();
    cluster.write(1, 'early', 'y');
    cluster.deliver({ to: 0 });
    cluster.read(0, 'y');
    cluster.write(0, 'between');
    cluster.write(2, 'late', 'z');
    cluster.deliver({ from: 2, to: 0 });
    cluster.read(0, 'z');
    cluster.drop({ from: 2, to: 1 });
    cluster.deliver({ from: 0, to: 1 });
    expect(cluster.read(1)).toBe('between');
    expect(cluster.at(0).journal.logs[0]?.get(1)?.dependencies).toEqual([0, 1]);
  });

  test('the dependency of a dependency is waited for, too', () => {
    const cluster = new Cluster({ size: 4 });
    cluster.write(0, 1, 'x');
    cluster.deliver({ to: 1 });
    cluster.read(1, 'x');
    cluster.write(1, 2, 'y');
    cluster.deliver({ to: 2 });
    expect(cluster.read(2, 'y')).toBe(2);
    cluster.write(2, 3, 'z');
    cluster.deliver({ to: 3, key: 'z' });
    cluster.deliver({ to: 3, key: 'y' });
    expect(cluster.read(3, 'z')).toBe(undefined);
    cluster.deliver({ to: 3, key: 'x' });
    expect(cluster.read(3, 'z')).toBe(3);
  });

  test('a write of the same member comes after its earlier ones', () => {
    const cluster = new Cluster();
    cluster.write(0, 1, 'x');
    cluster.write(0, 2, 'y');
    cluster.deliver({ to: 1, key: 'y' });
    expect(cluster.read(1, 'y')).toBe(undefined);
    cluster.deliver({ to: 1, key: 'x' });
    expect([cluster.read(1, 'x'), cluster.read(1, 'y')]).toEqual([1, 2]);
  });

  test('a read of a deleted key depends on the delete', () => {
    const cluster = new Cluster();
    cluster.write(0, 1);
    cluster.settle();
    cluster.delete(0);
    cluster.deliver({ to: 1 });
    expect(cluster.read(1)).toBe(undefined);
    cluster.write(1, 'gone', 'y');
    cluster.deliver({ to: 2, key: 'y' });
    expect([cluster.read(2, 'x'), cluster.read(2, 'y')]).toEqual([1, undefined]);
  });
});

describe('the last writer', () => {
  test('of two concurrent ones is the same everywhere: at one time that of the higher slot', () => {
    const cluster = new Cluster();
    cluster.write(0, 'a');
    cluster.write(2, 'c');
    cluster.settle();
    for (const { self } of cluster.replicas) expect(cluster.read(self)).toBe('c');
  });

  test('is the one that knew of the other, whatever their slots', () => {
    const cluster = new Cluster();
    cluster.write(2, 'old');
    cluster.settle();
    cluster.write(0, 'new');
    cluster.settle();
    for (const { self } of cluster.replicas) expect(cluster.read(self)).toBe('new');
  });

  test('that deletes is remembered, so that an older write does not bring the key back', () => {
    const cluster = new Cluster();
    cluster.write(0, 'a');
    cluster.delete(1);
    cluster.deliver({ from: 1 });
    cluster.deliver({ from: 0 });
    for (const { self } of cluster.replicas) expect(cluster.read(self)).toBe(undefined);
  });
});

describe('a deleted key', () => {
  test('is forgotten when everybody is known to have deleted it', () => {
    const cluster = new Cluster();
    cluster.write(0, 'a');
    cluster.delete(0);
    cluster.settle();
    expect(cluster.at(0).contents.cells.size).toBe(1);
    for (const at of [1, 2, 0]) cluster.write(at, 'traffic', 'y');
    cluster.settle();
    for (const at of [1, 2, 0]) cluster.write(at, 'traffic', 'y');
    cluster.settle();
    for (const {
      contents,
      graveyard: { graves },
    } of cluster.replicas) {
      expect([[...contents.cells.keys()], graves.size]).toEqual([['y'], 0]);
    }
  });

  test('stays where it was written again meanwhile', () => {
    const cluster = new Cluster({ size: 1 });
    cluster.delete(0);
    cluster.write(0, 'again');
    expect(cluster.read(0)).toBe('again');
  });
});

describe('an update', () => {
  test('that comes twice is applied once', () => {
    const cluster = new Cluster();
    cluster.write(0, 'a');
    cluster.duplicate({ to: 1 });
    cluster.deliver({ to: 1 });
    expect(cluster.woken[1]).toEqual(['x']);
    expect(cluster.at(1).journal.applied).toEqual([1, 0, 0]);
  });

  test('that waits asks its sender, which has what is missing', () => {
    const cluster = new Cluster();
    cluster.write(0, 1, 'x');
    cluster.deliver({ to: 1 });
    cluster.drop({ from: 0, to: 2 });
    cluster.read(1, 'x');
    cluster.write(1, 2, 'y');
    cluster.deliver({ to: 2, key: 'y' });
    expect(cluster.flights({ from: 2 }).map(({ to, message }) => [to, message.type])).toEqual([
      [1, 'compare'],
    ]);
    cluster.settle();
    expect([cluster.read(2, 'x'), cluster.read(2, 'y')]).toEqual([1, 2]);
  });

  test('that waits does not ask again before it is answered', () => {
    const cluster = new Cluster();
    for (const key of ['a', 'b', 'c']) cluster.write(0, 1, key);
    cluster.drop({ to: 1, key: 'a' });
    cluster.deliver({ to: 1, key: 'b' });
    cluster.deliver({ to: 1, key: 'c' });
    expect(cluster.flights({ from: 1 })).toHaveLength(1);
    cluster.settle();
    expect(cluster.read(1, 'c')).toBe(1);
  });

  test('is kept until everybody has it, and no longer', () => {
    const cluster = new Cluster();
    cluster.write(0, 1);
    cluster.settle();
    expect(cluster.at(0).journal.logs[0]?.size).toBe(1);
    for (const at of [1, 2]) cluster.write(at, 'traffic', 'y');
    cluster.settle();
    expect(cluster.at(0).journal.logs[0]?.size).toBe(0);
  });
});

test('an update is not kept for ever where others passed on the ones before it', () => {
  const cluster = new Cluster();
  const traffic = () => {
    for (const at of [0, 1, 2]) cluster.write(at, 'traffic', 'y');
    cluster.settle();
  };
  cluster.write(0, 1);
  cluster.settle();
  for (let round = 0; round < 2; round += 1) traffic();
  // 2 has the next two from 1, and has not heard of 0 that it has them.
  for (const n of [2, 3]) {
    cluster.write(0, n);
    cluster.deliver({ to: 1 });
    cluster.drop({ to: 2 });
  }
  cluster.tellLoss(1, 2);
  cluster.settle();
  expect(cluster.read(2)).toBe(3);
  for (let round = 0; round < 3; round += 1) traffic();
  expect(cluster.at(2).journal.logs[0]?.size).toBeLessThan(3);
});

describe('a member', () => {
  test('that writes nothing says now and then what it has, so that logs stay short', () => {
    const cluster = new Cluster();
    for (let n = 1; n <= 200; n += 1) {
      cluster.write(0, n);
      cluster.settle();
    }
    for (const { journal } of cluster.replicas) expect(journal.logs[0]?.size).toBeLessThan(40);
  });

  test('that writes now and then says it with that, and sends nothing else', () => {
    const cluster = new Cluster();
    for (let n = 1; n <= 200; n += 1) {
      cluster.write(n % 10 === 0 ? n % 3 : 0, n);
      for (const at of n % 20 === 0 ? [1, 2] : []) cluster.write(at, n, 'y');
      cluster.deliver();
      expect(cluster.flights()).toEqual([]);
    }
    expect(cluster.at(0).journal.logs[0]?.size).toBeLessThan(40);
  });

  test('says so earlier where values are large', () => {
    const cluster = new Cluster({ size: 2 });
    for (const expected of [1, 0]) {
      cluster.write(0, 'v'.repeat(600_000));
      cluster.settle();
      expect(cluster.at(0).journal.logs[0]?.size).toBe(expected);
    }
  });

  test('goes on alone in every part of a cut, and all agree when it has healed', () => {
    const cluster = new Cluster({ size: 4 });
    for (const at of [0, 1, 2, 3]) cluster.write(at, `of ${at}`, `k${at}`);
    cluster.write(0, 'left', 'both');
    cluster.write(3, 'right', 'both');
    for (const flight of cluster.flights()) if (flight.from < 2 !== flight.to < 2) cluster.remove(flight);
    cluster.settle();
    expect([cluster.read(1, 'both'), cluster.read(2, 'both')]).toEqual(['left', 'right']);
    expect([cluster.read(1, 'k0'), cluster.read(1, 'k3')]).toEqual(['of 0', undefined]);

    // Only one pair is in reach again: each knows what its whole side has written.
    cluster.tellLoss(1, 2);
    cluster.settle();
    for (const at of [1, 2]) {
      expect(['k0', 'k1', 'k2', 'k3', 'both'].map((key) => cluster.read(at, key))).toEqual([
        'of 0',
        'of 1',
        'of 2',
        'of 3',
        'right',
      ]);
    }
    cluster.tellLoss(0, 2);
    cluster.tellLoss(3, 1);
    cluster.settle();
    for (const { self } of cluster.replicas) expect(cluster.read(self, 'both')).toBe('right');
    expect(cluster.replicas.every((replica) => inspection.idle(replica))).toBe(true);
  });

  test('sends what was missed so that nothing of it has to wait', () => {
    const cluster = new Cluster({ size: 3 });
    for (let n = 0; n < 6; n += 1) {
      const at = n % 2;
      cluster.read(at, 'x');
      cluster.write(at, n);
      cluster.drop({ to: 2 });
      cluster.settle();
    }
    cluster.repeat(2, 0);
    cluster.deliver({ to: 0 });
    for (const flight of cluster.flights({ to: 2, type: 'update' })) {
      cluster.arrive(flight);
      expect(cluster.at(2).waiting.map((updates) => updates.size)).toEqual([0, 0, 0]);
    }
    expect(cluster.read(2)).toBe(5);
  });

  test('refuses a view that is not the first', () => {
    const { at } = new Cluster();
    expect(() => at.call(new Cluster(), 0).enter({ epoch: 2, birth: 1, members: [] }, [])).toThrow(
      'first view',
    );
  });
});
