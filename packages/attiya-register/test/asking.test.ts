import { describe, expect, test } from 'vitest';
import { attiyaRegister } from '../src/index.js';
import { inspection } from '../src/inspection.js';
import { Cluster, type ClusterOptions } from './fixtures/cluster.js';

/** A group whose members are busy whatever they do. */
const busy = (options: ClusterOptions = {}) => new Cluster({ busyRounds: 0, ...options });
const asked = (cluster: Cluster, from: number) =>
  cluster.flights({ from }).map(({ to, message: { type } }) => `${type} ${to}`);

describe('a member that has little to do', () => {
  test('asks everybody, and sets no timer', () => {
    const cluster = new Cluster();
    for (const key of ['a', 'b', 'c', 'd']) cluster.read(0, key);
    expect(cluster.flights({ type: 'query' })).toHaveLength(8);
    cluster.read(0, 'e');
    expect(cluster.flights({ type: 'query' })).toHaveLength(9);
    cluster.settle();
    cluster.write(0, 'new');
    expect(asked(cluster, 0)).toEqual(['probe 1', 'probe 2']);
  });
});

test('where two others have to answer, members are busy with 128 rounds', () => {
  const cluster = new Cluster({ size: 5 });
  for (let n = 0; n < 128; n += 1) cluster.read(0, `${n}`);
  expect(cluster.flights({ type: 'query' })).toHaveLength(128 * 4);
  cluster.read(0, 'one more');
  expect(cluster.flights({ type: 'query' })).toHaveLength(128 * 4 + 2);
});

describe('a busy member', () => {
  test.each([
    [0, 3, [1]],
    [1, 3, [2]],
    [2, 3, [0]],
    [3, 5, [4, 0]],
  ])('%d of %d asks those next to it', (at, size, others) => {
    const cluster = busy({ size });
    const read = cluster.read(at);
    expect(
      cluster
        .flights({ from: at })
        .map(({ to }) => to)
        .sort(),
    ).toEqual(others.toSorted());
    cluster.settle();
    expect(read.ended).toBe(true);
  });

  test('stores everywhere', () => {
    const cluster = busy();
    const write = cluster.write(0, 'new');
    expect(asked(cluster, 0)).toEqual(['probe 1']);
    cluster.settle();
    expect([write.ended, ...[0, 1, 2].map((at) => cluster.textAt(at))]).toEqual([true, 'new', 'new', 'new']);
  });

  test('writes back everywhere what it read', () => {
    const cluster = busy();
    cluster.write(0, 'new');
    cluster.deliver({ type: 'probe' });
    cluster.deliver({ type: 'probed' });
    cluster.deliver({ type: 'store', to: 1 });
    cluster.drop();
    const read = cluster.read(2);
    expect(asked(cluster, 2)).toEqual(['query 0']);
    cluster.deliver({ type: 'query' });
    cluster.deliver({ type: 'queried' });
    expect(asked(cluster, 2)).toEqual(['store 0', 'store 1']);
    cluster.settle();
    expect(read.text).toBe('new');
  });

  test("asks everybody where reads ask 'all'", () => {
    const cluster = busy({ reads: 'all' });
    cluster.read(0);
    expect(asked(cluster, 0)).toEqual(['query 1', 'query 2']);
    expect([...(cluster.timers[0] ?? [])]).toEqual([]);
  });

  test('asks the others, once, when it is not answered in time', () => {
    const cluster = busy();
    const [read, write] = [cluster.read(0), cluster.write(0, 'new')];
    cluster.drop();
    cluster.pass(0);
    // The round may have begun a moment ago.
    expect(asked(cluster, 0)).toEqual([]);
    cluster.pass(0);
    expect(asked(cluster, 0)).toEqual(['query 2', 'probe 2']);
    cluster.pass(0);
    expect(asked(cluster, 0)).toEqual(['query 2', 'probe 2']);
    cluster.settle();
    expect([read.ended, write.ended]).toEqual([true, true]);
    cluster.pass(0);
    expect([...(cluster.timers[0] ?? [])]).toEqual([]);
    expect(inspection.idle(cluster.at(0))).toBe(true);
  });

  test('does not ask the others again, but for what was lost, while new rounds begin', () => {
    const cluster = busy();
    cluster.read(0);
    for (let times = 0; times < 2; times += 1) cluster.pass(0);
    cluster.drop();
    cluster.read(0, 'y');
    cluster.drop();
    for (let times = 0; times < 2; times += 1) cluster.pass(0);
    expect(asked(cluster, 0)).toEqual(['query 1']);
    cluster.drop();
    cluster.repeat(0, 2);
    expect(asked(cluster, 0)).toEqual(['query 2', 'query 2']);
  });

  test('does not put off what it waits for when more begins', () => {
    const cluster = busy();
    for (const key of ['a', 'b', 'c']) cluster.read(0, key);
    expect(cluster.timersSet).toBe(1);
  });

  test('does not ask whom it doubts, until it hears of it', () => {
    const cluster = busy();
    cluster.read(0);
    const late = cluster.flights({ to: 1 });
    cluster.drop();
    for (let times = 0; times < 2; times += 1) cluster.pass(0);
    cluster.settle();
    cluster.read(0, 'y');
    expect(asked(cluster, 0)).toEqual(['query 2']);
    cluster.settle();
    for (const { message } of late) cluster.receive(1, 0, message);
    cluster.settle();
    cluster.read(0, 'z');
    expect(asked(cluster, 0)).toEqual(['query 1']);
  });

  test('asks everybody where it doubts so many that those left are no quorum', () => {
    const cluster = busy({ size: 3 });
    cluster.read(0);
    for (let times = 0; times < 2; times += 1) cluster.pass(0);
    cluster.drop();
    cluster.read(0, 'y');
    expect(asked(cluster, 0)).toEqual(['query 2']);
    for (let times = 0; times < 2; times += 1) cluster.pass(0);
    cluster.drop();
    const read = cluster.read(0, 'z');
    expect(asked(cluster, 0)).toEqual(['query 1', 'query 2']);
    cluster.deliver({ to: 1 });
    cluster.settle();
    expect(read.ended).toBe(true);
  });

  test('repeats to a member only what that was asked', () => {
    const cluster = busy();
    cluster.read(0);
    cluster.drop();
    cluster.repeat(0, 2);
    expect(asked(cluster, 0)).toEqual([]);
    cluster.repeat(0, 1);
    expect(asked(cluster, 0)).toEqual(['query 1']);
  });

  test('does not tell which of its tags are confirmed', () => {
    const cluster = busy();
    for (const key of ['x', 'y']) {
      cluster.write(0, 'a', key);
      cluster.settle();
    }
    cluster.write(0, 'b');
    cluster.deliver({ type: 'probe' });
    cluster.deliver({ type: 'probed' });
    expect(cluster.flights({ type: 'store' })[0]?.message).toMatchObject({ confirmed: [] });
  });
});

test.each([-1, Number.NaN, '4', null])('busyRounds: %j is refused', (busyRounds) => {
  expect(() => attiyaRegister({ busyRounds: busyRounds as number })).toThrow(/busyRounds must be a number/);
});

test('a member that is never busy always asks everybody', () => {
  const cluster = new Cluster({ busyRounds: Number.POSITIVE_INFINITY });
  for (let n = 0; n < 100; n += 1) cluster.read(0, `${n}`);
  expect(cluster.flights({ type: 'query' })).toHaveLength(200);
});
