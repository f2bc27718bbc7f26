import { describe, expect, test } from 'vitest';
import type { Publish } from '../src/messages.js';
import { numberMax } from '../src/names.js';
import { Cluster } from './fixtures/cluster.js';

/** A group of three whose members are busy whatever they do. */
const group = () => new Cluster({ busyRounds: 0 });

/** What member 0 has on its way to member 1. */
function published(cluster: Cluster): Publish[] {
  const flights = cluster.flights({ type: 'publish', from: 0, to: 1 });
  return flights.flatMap(({ message }) => (message.type === 'publish' ? [message] : []));
}

/** Writes of 0 that have ended, and that 1 has heard of. */
function written(cluster: Cluster, ...keys: string[]): void {
  for (const key of keys) cluster.write(0, `first of ${key}`, key);
  cluster.work();
}

/** 0 writes once more, and what it publishes of that is on its way. */
function publishing(cluster: Cluster, ...keys: string[]): Publish[] {
  for (const key of keys) cluster.write(0, `next of ${key}`, key);
  cluster.pass(0, 'survey');
  cluster.deliver({ type: 'survey' });
  cluster.deliver({ type: 'surveyed' });
  return published(cluster);
}

describe('publications', () => {
  test('of one survey travel together, with one tag and serials one after the other', () => {
    const cluster = group();
    const [message, ...more] = publishing(cluster, 'x', 'y');
    expect(more).toEqual([]);
    expect(message).toMatchObject({ serial: 1, tag: 32, pairs: [{ key: 'x' }, { key: 'y' }] });
    cluster.work();
    expect([cluster.textAt(1, 'y'), ...cluster.at(1).frontier.taken]).toEqual(['next of y', 2, 0, 0]);
  });

  test('are in several messages where they are large', () => {
    const cluster = group();
    const long = 'v'.repeat(20_000);
    for (const key of ['a', 'b', 'c', 'd', 'e']) cluster.write(0, long, key);
    cluster.pass(0, 'survey');
    cluster.deliver({ type: 'survey' });
    cluster.deliver({ type: 'surveyed' });
    const sizes = published(cluster).map(({ serial, pairs }) => [serial, pairs.length]);
    expect(sizes).toEqual([
      [1, 2],
      [3, 2],
      [5, 1],
    ]);
    cluster.work();
    expect(cluster.textAt(2, 'e')).toBe(long);
  });

  test('say a key once, and then its number', () => {
    const cluster = group();
    written(cluster, 'x', 'y');
    const [message] = publishing(cluster, 'y', 'z');
    expect(message?.pairs).toMatchObject([
      { number: 2, key: undefined },
      { number: 3, key: 'z' },
    ]);
    cluster.work();
    expect([cluster.textAt(1, 'y'), cluster.textAt(1, 'z')]).toEqual(['next of y', 'next of z']);
  });

  test('mean the numbers of their own member', () => {
    const cluster = group();
    written(cluster, 'x', 'y');
    cluster.write(1, 'of 1', 'y');
    cluster.work();
    cluster.write(1, 'of 1 again', 'y');
    cluster.work();
    expect([0, 2].map((at) => cluster.textAt(at, 'y'))).toEqual(['of 1 again', 'of 1 again']);
  });

  test('of a key that was not heard of count as lost: they are mended', () => {
    const cluster = group();
    cluster.read(1);
    cluster.work(); // 2 was surveyed.
    cluster.write(0, 'first of x', 'x');
    cluster.work([2]);
    cluster.drop({ to: 2 });
    publishing(cluster, 'x', 'y');
    cluster.deliver({ type: 'publish', to: 2 });
    expect([cluster.textAt(2, 'x'), ...cluster.at(2).frontier.taken]).toEqual([undefined, 0, 0, 0]);
    expect(cluster.sentBy(2)).toEqual(['mend 0']);
    cluster.work();
    expect([cluster.textAt(2, 'x'), ...cluster.at(2).frontier.taken]).toEqual(['next of x', 3, 0, 0]);
  });

  test('say each key once more after some may have been lost', () => {
    const cluster = group();
    written(cluster, 'x');
    cluster.repeat(0, 2);
    expect(publishing(cluster, 'x')[0]?.pairs).toMatchObject([{ number: 1, key: 'x' }]);
    cluster.work();
    expect(publishing(cluster, 'x')[0]?.pairs).toMatchObject([{ number: 1, key: undefined }]);
  });

  test('of more keys than there are numbers say these keys each time', () => {
    const cluster = group();
    written(cluster, ...Array.from({ length: numberMax }, (_, at) => `key ${at}`));
    written(cluster, 'beyond');
    expect(publishing(cluster, 'beyond', 'key 7')[0]?.pairs).toMatchObject([
      { number: 0, key: 'beyond' },
      { number: 8, key: undefined },
    ]);
    cluster.work();
    expect(cluster.textAt(1, 'beyond')).toBe('next of beyond');
    expect(cluster.at(1).publisher.keyOf(0, 0)).toBe(undefined);
  });

  test('of deleted keys are understood, too', () => {
    const cluster = group();
    written(cluster, 'x');
    cluster.delete(0, 'x');
    cluster.work();
    expect([...cluster.at(2).keys()]).toEqual([]);
  });
});
