import { describe, expect, test } from 'vitest';
import { attiyaRegister } from '../src/index.js';
import { inspection } from '../src/inspection.js';
import { Cluster, type ClusterOptions } from './fixtures/cluster.js';

/** A group whose members are busy whatever they do. */
const busy = (options: ClusterOptions = {}) => new Cluster({ busyRounds: 0, ...options });

describe('a member that has little to do', () => {
  test('asks everybody about each key, and sets no timer', () => {
    const cluster = new Cluster();
    for (const key of ['a', 'b', 'c', 'd']) cluster.read(0, key);
    expect(cluster.flights({ type: 'query' })).toHaveLength(8);
    expect([...(cluster.timers[0] ?? [])]).toEqual([]);
    cluster.settle();
    cluster.write(0, 'new');
    expect(cluster.sentBy(0)).toEqual(['probe 1', 'probe 2']);
  });

  test('is busy from the fifth round on, and until a survey finds that less is under way', () => {
    const cluster = new Cluster();
    for (let n = 0; n < 8; n += 1) cluster.read(0, `${n}`);
    expect(cluster.flights({ type: 'query' })).toHaveLength(8);
    cluster.work();
    const still = cluster.read(0, 'still');
    expect(cluster.sentBy(0)).toEqual([]);
    cluster.work();
    cluster.read(0, 'not any more');
    expect([still.ended, ...cluster.sentBy(0)]).toEqual([true, 'query 1', 'query 2']);
  });
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
    cluster.pass(at, 'survey');
    const tos = cluster.flights({ from: at, type: 'survey' }).map(({ to }) => to);
    expect(tos.sort()).toEqual(others.toSorted());
    cluster.settle();
    expect(read.ended).toBe(true);
  });

  test('alone in its group asks itself', () => {
    const cluster = busy({ size: 1 });
    const write = cluster.write(0, 'new');
    cluster.work();
    const read = cluster.read(0);
    cluster.work();
    expect([write.ended, read.text]).toEqual([true, 'new']);
  });

  test("asks everybody where reads ask 'all', and waits for no timer", () => {
    const cluster = busy({ reads: 'all' });
    cluster.read(0);
    cluster.pass(0, 'survey');
    expect(cluster.sentBy(0)).toEqual(['survey 1', 'survey 2']);
    expect([...(cluster.timers[0] ?? [])]).toEqual([]);
  });

  test('asks the others, once, when it is not answered in time', () => {
    const cluster = busy();
    const [read, write] = [cluster.read(0), cluster.write(0, 'new')];
    cluster.pass(0, 'survey');
    cluster.drop();
    cluster.pass(0, 'late');
    // The round may have begun a moment ago.
    expect(cluster.sentBy(0)).toEqual([]);
    cluster.pass(0, 'late');
    expect(cluster.sentBy(0)).toEqual(['survey 2']);
    cluster.pass(0, 'late');
    expect(cluster.sentBy(0)).toEqual(['survey 2']);
    cluster.work();
    expect([read.ended, write.ended]).toEqual([true, true]);
    for (let times = 0; times < 2; times += 1) cluster.pass(0, 'late');
    expect([...(cluster.timers[0] ?? [])]).toEqual([]);
    expect(inspection.idle(cluster.at(0))).toBe(true);
  });

  test('does not put off what it waits for when more begins', () => {
    const cluster = busy();
    for (const key of ['a', 'b']) {
      cluster.read(0, key);
      cluster.pass(0, 'survey');
      cluster.settle();
    }
    // Two surveys, and one wait for both: a timer that is set again begins anew.
    expect(cluster.timersSet).toBe(3);
  });

  test('does not ask whom it doubts, until it hears of it', () => {
    const cluster = busy();
    cluster.read(0);
    cluster.pass(0, 'survey');
    const late = cluster.flights({ to: 1 });
    cluster.drop();
    for (let times = 0; times < 2; times += 1) cluster.pass(0, 'late');
    cluster.settle();
    cluster.read(0, 'y');
    cluster.pass(0, 'survey');
    expect(cluster.sentBy(0)).toEqual(['survey 2']);
    cluster.settle();
    for (const { message } of late) cluster.receive(1, 0, message);
    cluster.settle();
    cluster.read(0, 'z');
    cluster.pass(0, 'survey');
    expect(cluster.sentBy(0)).toEqual(['survey 1']);
  });

  test('asks everybody where it doubts so many that those left are no quorum', () => {
    const cluster = busy();
    cluster.read(0);
    cluster.pass(0, 'survey');
    for (let times = 0; times < 2; times += 1) cluster.pass(0, 'late');
    cluster.drop({ to: 1 });
    cluster.settle();
    cluster.read(0, 'y');
    cluster.pass(0, 'survey');
    expect(cluster.sentBy(0)).toEqual(['survey 2']);
    for (let times = 0; times < 2; times += 1) cluster.pass(0, 'late');
    cluster.drop({ to: 2 });
    cluster.drop({ to: 1 });
    // It has heard of neither: whoever answers first what it repeats is a quorum with it.
    cluster.repeat(0, 1);
    cluster.work();
    const read = cluster.read(0, 'z');
    cluster.work();
    expect(read.ended).toBe(true);
  });

  test('repeats to a member only what that was asked', () => {
    const cluster = busy();
    cluster.read(0);
    cluster.pass(0, 'survey');
    cluster.drop();
    cluster.repeat(0, 2);
    expect(cluster.sentBy(0)).toEqual([]);
    cluster.repeat(0, 1);
    expect(cluster.sentBy(0)).toEqual(['survey 1']);
  });

  test('does not tell which of its tags are confirmed', () => {
    const cluster = busy();
    for (const key of ['x', 'y']) {
      cluster.write(0, 'a', key);
      cluster.work();
    }
    cluster.at(0).query('x', cluster.at(0).cells.of('x'), [], {
      ...nothing,
      broadcast: (message) => sent.push(message),
    });
    expect(sent).toMatchObject([{ type: 'query', confirmed: [] }]);
  });
});

const sent: unknown[] = [];
const nothing = {
  send: () => undefined,
  complete: () => undefined,
  changed: () => undefined,
  setTimer: () => undefined,
};

test.each([-1, Number.NaN, '4', null])('busyRounds: %j is refused', (busyRounds) => {
  expect(() => attiyaRegister({ busyRounds: busyRounds as number })).toThrow(/busyRounds must be a number/);
});

test('a member that is never busy always asks everybody about each key', () => {
  const cluster = new Cluster({ busyRounds: Number.POSITIVE_INFINITY });
  for (let n = 0; n < 100; n += 1) cluster.read(0, `${n}`);
  expect(cluster.flights({ type: 'query' })).toHaveLength(200);
});
