import { tagOf } from '@dsm/core';
import { describe, expect, test } from 'vitest';
import { inspection } from '../src/inspection.js';
import { Cluster } from './fixtures/cluster.js';
import { interior } from './fixtures/interior.js';
import type { Flight } from './fixtures/turn.js';

describe('reads of one key at one member', () => {
  test('wait for the next round and share it', () => {
    const cluster = new Cluster();
    const first = cluster.read(0);
    const waiting = [cluster.read(0), cluster.read(0)];
    expect(cluster.flights({ type: 'query' })).toHaveLength(2);
    cluster.deliver({ type: 'query' });
    cluster.deliver({ type: 'queried', from: 1 });
    expect([first.ended, ...waiting.map(({ ended }) => ended)]).toEqual([true, false, false]);
    expect(cluster.flights({ type: 'query' })).toHaveLength(2);
    cluster.settle();
    expect(waiting.map(({ ended }) => ended)).toEqual([true, true]);
    expect(inspection.idle(cluster.at(0))).toBe(true);
  });

  test('never join a round that started before they were invoked: it may have missed what they must see', () => {
    const cluster = new Cluster();
    const early = cluster.read(0);
    cluster.deliver({ type: 'query', to: 1 }); // Answered before the write.
    const write = cluster.write(2, 'new');
    cluster.deliver({ type: 'probe', to: 1 });
    cluster.deliver({ type: 'probed', from: 1 });
    cluster.deliver({ type: 'store', to: 1 });
    cluster.deliver({ type: 'stored', from: 1 });
    expect(write.ended).toBe(true);

    const late = cluster.read(0);
    cluster.deliver({ type: 'queried', from: 1, to: 0 });
    expect([early.text, late.ended]).toEqual([undefined, false]);
    cluster.settle();
    expect(late.text).toBe('new');
  });

  test('that wait while a pair is written back ask anew afterwards', () => {
    const cluster = new Cluster();
    cluster.write(1, 'a');
    cluster.deliver({ type: 'probe', to: 2 });
    cluster.deliver({ type: 'probed', from: 2 });
    cluster.drop({ type: 'store' });
    const first = cluster.read(0);
    cluster.deliver({ type: 'query', to: 1 });
    cluster.deliver({ type: 'queried', from: 1 });
    expect(cluster.flights({ type: 'store' })).toHaveLength(2);
    const second = cluster.read(0);
    cluster.deliver({ type: 'store', to: 2 });
    cluster.deliver({ type: 'stored', from: 2 });
    expect([first.text, second.ended]).toEqual(['a', false]);
    cluster.settle();
    expect(second.text).toBe('a');
  });

  test('of another key, and at another member, have rounds of their own', () => {
    const cluster = new Cluster();
    cluster.read(0, 'x');
    cluster.read(0, 'y');
    cluster.read(1, 'x');
    expect(cluster.flights({ type: 'query' })).toHaveLength(6);
  });
});

describe('writes of one key at one member', () => {
  test('never overlap, so no two of them are given the same tag', () => {
    const cluster = new Cluster();
    const writes = [cluster.write(0, 'a'), cluster.write(0, 'b')];
    expect(cluster.flights({ type: 'probe' })).toHaveLength(2);
    cluster.settle();
    expect(writes.map(({ version }) => version)).toEqual([tagOf(1, 0), tagOf(2, 0)]);
  });

  test('that wait share one round, which stores the last value; the others come immediately before it', () => {
    const cluster = new Cluster();
    const first = cluster.write(0, 'a');
    const [second, third, fourth] = [cluster.write(0, 'b'), cluster.write(0, 'c'), cluster.write(0, 'd')];
    cluster.settle();
    expect(first.version).toBe(tagOf(1, 0));
    expect(cluster.tagAt(1)).toBe(tagOf(2, 0));
    expect(cluster.textAt(1)).toBe('d');
    // Each has a version of its own: the tag and its place in the round.
    const tag = tagOf(2, 0);
    expect([second, third, fourth].map(({ version }) => version)).toEqual([`${tag}.0`, `${tag}.1`, tag]);
    expect(cluster.woken[1]).toEqual(['x', 'x']); // Absorbed values wake nobody.
  });

  test('end with their round, none of them earlier', () => {
    const cluster = new Cluster();
    cluster.write(0, 'a');
    const waiting = [cluster.write(0, 'b'), cluster.write(0, 'c')];
    cluster.deliver({ type: 'probe' });
    cluster.deliver({ type: 'probed' });
    cluster.deliver({ type: 'store' });
    cluster.deliver({ type: 'stored' });
    cluster.deliver({ type: 'probe' });
    cluster.deliver({ type: 'probed' });
    expect(waiting.map(({ ended }) => ended)).toEqual([false, false]);
    cluster.settle();
    expect(waiting.map(({ ended }) => ended)).toEqual([true, true]);
    expect(inspection.idle(cluster.at(0))).toBe(true);
  });

  test('invoked during the second round wait for the third', () => {
    const cluster = new Cluster();
    cluster.write(0, 'a');
    const second = cluster.write(0, 'b');
    for (const type of ['probe', 'probed', 'store', 'stored'] as const) cluster.deliver({ type });
    const third = cluster.write(0, 'c');
    cluster.settle();
    expect([second.version, third.version]).toEqual([tagOf(2, 0), tagOf(3, 0)]);
  });

  test('do not hold up reads, nor reads them', () => {
    const cluster = new Cluster();
    const write = cluster.write(0, 'a');
    const read = cluster.read(0);
    cluster.deliver({ type: 'query' });
    cluster.deliver({ type: 'queried' });
    expect([read.ended, write.ended]).toEqual([true, false]);
  });
});

describe('a delete', () => {
  test('is a write of the absent value, which reads return and which later writes outbid', () => {
    const cluster = new Cluster();
    cluster.write(0, 'a');
    cluster.settle();
    const deleted = cluster.delete(1);
    cluster.settle();
    const read = cluster.read(2);
    cluster.settle();
    expect([deleted.version, read.text, read.version]).toEqual([tagOf(2, 1), undefined, tagOf(2, 1)]);
    const again = cluster.write(0, 'b');
    cluster.settle();
    expect(again.version).toBe(tagOf(3, 0));
  });

  test('that is late does not delete what was written since', () => {
    const cluster = new Cluster();
    cluster.delete(0);
    cluster.deliver({ type: 'probe' });
    cluster.deliver({ type: 'probed', from: 1 });
    const late = cluster.flights({ type: 'store', to: 2 })[0] as Flight;
    cluster.remove(late);
    cluster.settle();
    cluster.write(2, 'b');
    cluster.settle();
    cluster.receive(2, 0, late.message);
    expect(cluster.textAt(2)).toBe('b');
  });

  test('may be absorbed by a later write, and may absorb an earlier one', () => {
    const cluster = new Cluster();
    cluster.write(0, 'a');
    const [absorbed, last] = [cluster.write(0, 'b'), cluster.delete(0)];
    cluster.settle();
    expect([absorbed.version, last.version]).toEqual([`${tagOf(2, 0)}.0`, tagOf(2, 0)]);
    expect(cluster.textAt(1)).toBe(undefined);
  });
});

describe('keys()', () => {
  test('are those this replica holds a value of: not deleted ones, not those it was only asked about', () => {
    const cluster = new Cluster();
    cluster.write(0, 'a', 'x');
    cluster.write(0, 'b', 'y');
    cluster.read(0, 'asked');
    cluster.settle();
    cluster.delete(1, 'x');
    cluster.settle();
    for (const replica of cluster.replicas) expect([...replica.keys()]).toEqual(['y']);
  });

  test('are sealed with their tags, deleted ones too: a late store must not bring them back', () => {
    const cluster = new Cluster();
    cluster.delete(1);
    cluster.settle();
    expect(cluster.at(2).seal()).toEqual([{ key: 'x', tag: tagOf(1, 1), value: null }]);
  });
});

describe('repeat', () => {
  test('asks a member once more for every answer that is waited for, in the same round', () => {
    const cluster = new Cluster({ size: 5 });
    cluster.write(0, 'a', 'x');
    cluster.read(0, 'y');
    cluster.deliver({ type: 'query', to: 1 });
    cluster.deliver({ type: 'queried', from: 1 });
    cluster.drop();
    cluster.repeat(0, 2);
    expect(cluster.flights({ to: 2 }).map(({ message }) => message)).toMatchObject([
      { type: 'probe', round: 1 },
      { type: 'query', round: 2 },
    ]);
    cluster.repeat(0, 1);
    expect(cluster.flights({ to: 1 }).map(({ message }) => message.type)).toEqual(['probe']);
  });

  test('says no confirmation again, and nothing of rounds that have ended', () => {
    const cluster = new Cluster();
    cluster.write(0, 'a');
    cluster.settle();
    cluster.write(0, 'b');
    cluster.drop();
    cluster.repeat(0, 1);
    expect(cluster.flights()).toHaveLength(1);
    expect(cluster.flights()[0]?.message).toMatchObject({ type: 'probe', round: 3, confirmed: [] });
  });

  test('lets an operation end whose every message was lost, phase by phase', () => {
    const cluster = new Cluster();
    const write = cluster.write(0, 'a');
    cluster.drop();
    cluster.repeat(0, 1);
    cluster.deliver({ type: 'probe' });
    cluster.deliver({ type: 'probed' });
    cluster.drop();
    cluster.repeat(0, 2);
    cluster.settle();
    expect(write.ended).toBe(true);
  });

  test('that makes a member answer twice takes the larger pair, and one voice', () => {
    const cluster = new Cluster({ size: 5 });
    const read = cluster.read(0);
    cluster.deliver({ type: 'query', to: 1 });
    cluster.write(1, 'a');
    cluster.settle([0, 4]);
    cluster.repeat(0, 1);
    cluster.deliver({ type: 'query', to: 1 });
    cluster.deliver({ type: 'queried', from: 1 });
    expect(interior(cluster.at(0)).rounds.get(1)).toMatchObject({ votes: 0b11, tag: tagOf(1, 1) });
    cluster.settle([4]);
    expect(read.text).toBe('a');
  });
});

describe('watching', () => {
  test('a store wakes the watchers of a member, without a value, where it raises its tag and only there', () => {
    const cluster = new Cluster();
    cluster.write(0, 'a');
    cluster.duplicate({ type: 'probe' });
    cluster.deliver({ type: 'probe' });
    cluster.deliver({ type: 'probed' });
    cluster.duplicate({ type: 'store', to: 1 });
    cluster.settle();
    expect(cluster.woken).toEqual([['x'], ['x'], ['x']]);
  });
});
