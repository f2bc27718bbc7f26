import { describe, expect, test } from 'vitest';
import { inspection } from '../src/inspection.js';
import { Cluster } from './fixtures/cluster.js';

/** A group of three whose members are busy whatever they do: 0 asks 1, 1 asks 2, 2 asks 0. */
const group = () => new Cluster({ busyRounds: 0 });

describe('operations of one turn', () => {
  test('share a survey, whatever their keys', () => {
    const cluster = group();
    const operations = [
      cluster.read(0, 'a'),
      cluster.read(0, 'b'),
      cluster.write(0, 'new', 'c'),
      cluster.read(0, 'a'),
    ];
    expect(cluster.sentBy(0)).toEqual([]);
    cluster.pass(0, 'survey');
    expect(cluster.sentBy(0)).toEqual(['survey 1']);
    cluster.work();
    expect(operations.every(({ ended }) => ended)).toBe(true);
    expect(inspection.idle(cluster.at(0))).toBe(true);
  });

  test('that begin when a survey has been sent wait for the next: it may have asked before they began', () => {
    const cluster = group();
    cluster.read(0, 'a');
    cluster.pass(0, 'survey');
    cluster.deliver({ type: 'survey' });
    const write = cluster.write(2, 'new');
    cluster.work([0]);
    expect(write.ended).toBe(false); // 0, which it asks, is slow.
    const [same, other] = [cluster.read(0, 'a'), cluster.read(0, 'x')];
    expect(cluster.sentBy(0)).toEqual([]);
    cluster.deliver({ type: 'surveyed', to: 0 });
    expect([same.ended, other.ended]).toEqual([false, false]);
    cluster.work();
    expect([write.ended, same.text, other.text]).toEqual([true, undefined, 'new']);
  });
});

describe('a write', () => {
  test('is published to all, and ends when the next survey shows that a majority has taken it in', () => {
    const cluster = group();
    const write = cluster.publish(0, 'new');
    expect(cluster.sentBy(0)).toEqual(['publish 1', 'publish 2']);
    expect([0, 1, 2].map((at) => cluster.textAt(at))).toEqual(['new', undefined, undefined]);
    cluster.pass(0, 'survey');
    cluster.deliver({ to: 1 });
    expect([write.ended, cluster.textAt(1)]).toEqual([false, 'new']);
    cluster.deliver({ type: 'surveyed' });
    expect([write.ended, cluster.tagAt(0)]).toEqual([true, 32]);
  });

  test('is stored key by key, with an answer of each, where the survey does not show that', () => {
    const cluster = group();
    const write = cluster.publish(0, 'new');
    cluster.drop({ type: 'publish' });
    cluster.pass(0, 'survey');
    cluster.deliver({ type: 'survey' });
    cluster.deliver({ type: 'surveyed' });
    expect([write.ended, ...cluster.sentBy(0)]).toEqual([false, 'store 1', 'store 2']);
    cluster.deliver({ type: 'store', to: 2 });
    cluster.deliver({ type: 'stored' });
    expect([write.ended, cluster.textAt(2)]).toEqual([true, 'new']);
  });

  test('asks all whether they have it, since what it published goes to all', () => {
    const cluster = group();
    cluster.publish(0, 'new');
    cluster.pass(0, 'survey');
    expect(cluster.sentBy(0)).toEqual(['publish 1', 'publish 2', 'survey 1', 'survey 2']);
  });

  test('that is stored key by key, with others published meanwhile, leaves its own member nothing to be mended', () => {
    const cluster = group();
    cluster.publish(0, 'new');
    cluster.write(0, 'other', 'y');
    cluster.drop({ type: 'publish' });
    cluster.pass(0, 'survey');
    cluster.deliver({ type: 'survey' });
    cluster.deliver({ type: 'surveyed' });
    expect(cluster.sentBy(0)).toEqual(['publish 1', 'publish 2', 'store 1', 'store 2']);
    expect([cluster.at(0).frontier.gap, ...cluster.at(0).frontier.taken]).toEqual([undefined, 3, 0, 0]);
  });

  test('has a larger tag than any that the asked know, of whatever key', () => {
    const cluster = group();
    for (const text of ['a', 'b']) {
      cluster.write(1, text, 'another');
      cluster.work([0]);
    }
    cluster.write(0, 'new');
    cluster.drop();
    cluster.pass(0, 'survey');
    cluster.work();
    expect(cluster.tagAt(0)).toBe(3 * 32);
  });

  test('of many to one key stores the last, and gives each a version of its own', () => {
    const cluster = group();
    const writes = ['a', 'b', 'c'].map((text) => cluster.write(0, text));
    cluster.work();
    expect([cluster.textAt(1), ...writes.map(({ version }) => version)]).toEqual(['c', '32.0', '32.1', 32]);
  });
});

describe('a read', () => {
  test('returns what is here once all is here that the asked had seen', () => {
    const cluster = group();
    cluster.publish(1, 'new');
    const [toSelf] = cluster.flights({ type: 'publish', to: 0 });
    cluster.deliver({ type: 'publish', to: 2 });
    cluster.remove(toSelf as NonNullable<typeof toSelf>);
    const read = cluster.read(0);
    cluster.pass(0, 'survey');
    cluster.deliver({ type: 'survey' });
    cluster.deliver({ type: 'surveyed' });
    expect(read.ended).toBe(false);
    cluster.arrive({ ...(toSelf as NonNullable<typeof toSelf>) });
    cluster.work();
    expect(read.text).toBe('new');
  });

  test('asks about its key where what others had seen does not come in time', () => {
    const cluster = group();
    cluster.write(1, 'new');
    cluster.work([0]);
    cluster.drop();
    const read = cluster.read(0);
    cluster.work();
    expect(read.ended).toBe(false);
    cluster.pass(0, 'late');
    expect(read.ended).toBe(false);
    cluster.pass(0, 'late');
    expect(cluster.sentBy(0)).toContain('query 1');
    cluster.work();
    expect(read.text).toBe('new');
  });

  test('does not return what only this member is known to hold before another survey', () => {
    const cluster = group();
    cluster.publish(2, 'new');
    const [toOne] = cluster.flights({ type: 'publish', to: 1 });
    cluster.deliver({ type: 'publish', to: 0 });
    cluster.remove(toOne as NonNullable<typeof toOne>);
    const read = cluster.read(0);
    cluster.pass(0, 'survey');
    cluster.settle();
    expect(read.ended).toBe(false);
    cluster.arrive({ ...(toOne as NonNullable<typeof toOne>) });
    cluster.pass(0, 'survey');
    cluster.deliver({ from: 0 });
    cluster.deliver({ to: 0 });
    expect([read.text, cluster.flights({ type: 'store' })]).toEqual(['new', []]);
  });

  test('of what came here after it had asked, and before that to the asked, needs no other survey', () => {
    const cluster = group();
    cluster.publish(2, 'new');
    const read = cluster.read(0);
    cluster.pass(0, 'survey');
    cluster.deliver({ to: 1 });
    cluster.deliver({ type: 'publish', to: 0 });
    cluster.deliver({ to: 0 });
    expect([read.text, cluster.sentBy(0)]).toEqual(['new', []]);
  });

  test('writes back what the other survey does not show either', () => {
    const cluster = group();
    cluster.publish(2, 'new');
    cluster.drop({ type: 'publish', to: 1 });
    cluster.deliver({ type: 'publish', to: 0 });
    const read = cluster.read(0);
    for (let times = 0; times < 2; times += 1) {
      cluster.pass(0, 'survey');
      cluster.settle([2]);
    }
    expect([read.text, cluster.textAt(1)]).toEqual(['new', 'new']);
    expect(cluster.flights({ type: 'store', to: 2 })).toMatchObject([{ message: { writeBack: true } }]);
  });

  test('of a key that nobody wrote leaves nothing behind', () => {
    const cluster = group();
    const read = cluster.read(0);
    cluster.work();
    expect([read.text, [...cluster.at(0).cells].length]).toEqual([undefined, 0]);
  });

  test("where reads ask 'all' is never written back, and sees what one member holds", () => {
    const cluster = new Cluster({ busyRounds: 0, reads: 'all' });
    cluster.publish(2, 'new');
    const publications = cluster.flights({ type: 'publish' });
    for (const publication of publications) cluster.remove(publication);
    const read = cluster.read(0);
    cluster.pass(0, 'survey');
    cluster.settle();
    expect(read.ended).toBe(false); // 2 has seen what has not come.
    for (const publication of publications)
      cluster.receive(publication.to, publication.from, publication.message);
    expect([read.text, cluster.flights({ type: 'store' })]).toEqual(['new', []]);
  });
});
