import { tagOf } from '@dsm/core';
import { describe, expect, test } from 'vitest';
import type { Message } from '../src/messages.js';
import { Cluster } from './fixtures/cluster.js';

describe('a confirmed tag', () => {
  test('is told on the next message that goes there anyway, of whatever kind and key, and once', () => {
    const cluster = written('a');
    cluster.read(0, 'y');
    for (const { message } of cluster.flights({ type: 'query' })) {
      expect(message).toMatchObject({ confirmed: [{ key: 'x', tag: tagOf(1, 0) }] });
    }
    cluster.settle();
    cluster.read(0, 'y');
    for (const { message } of cluster.flights({ type: 'query' }))
      expect(message).toMatchObject({ confirmed: [] });
  });

  test('is told by probes and stores as well', () => {
    const cluster = written('a');
    cluster.write(0, 'b', 'y');
    expect(cluster.flights({ type: 'probe' })[0]?.message).toMatchObject({ confirmed: [{ key: 'x' }] });
    const other = written('a');
    other.write(0, 'b', 'y');
    other.deliver({ type: 'probe' });
    other.write(0, 'c', 'z'); // Takes it; so the store of y has none.
    expect(other.flights({ type: 'probe' })[0]?.message).toMatchObject({ confirmed: [] });
  });

  test.each(['query', 'probe', 'store'] as const)('is learned from a %s', (type) => {
    const cluster = new Cluster();
    hear(cluster, 1, { type: 'store', tag: tagOf(1, 0) });
    const confirmed = [{ key: 'x', tag: tagOf(1, 0) }];
    const about = { round: 1_000, key: 'y', confirmed };
    if (type === 'query') cluster.receive(1, 0, { ...about, type, known: 0 });
    else if (type === 'probe') cluster.receive(1, 0, { ...about, type });
    else
      cluster.receive(1, 0, { ...about, type, serial: 1, tag: tagOf(1, 0), value: null, writeBack: false });
    expect(answerOf(cluster, 1)).toMatchObject({ confirmed: true });
  });

  test('that the reader itself holds excuses it, even where its own answer is not in the majority', () => {
    const cluster = new Cluster({ selfHeld: true, size: 5 });
    hear(cluster, 4, { type: 'store', tag: tagOf(1, 0) });
    hear(cluster, 4, { type: 'query', confirmed: tagOf(1, 0) });
    cluster.drop();
    const read = cluster.read(4);
    cluster.settle([4]);
    for (const from of [1, 2, 3]) cluster.deliver({ type: 'queried', from });
    expect([read.version, cluster.flights({ type: 'store' })]).toEqual([tagOf(1, 0), []]);
  });

  test('is told only when a majority has acknowledged it', () => {
    const cluster = new Cluster();
    cluster.write(0, 'a');
    cluster.deliver({ type: 'probe' });
    cluster.deliver({ type: 'probed' });
    cluster.read(0, 'y');
    expect(cluster.flights({ type: 'query' })[0]?.message).toMatchObject({ confirmed: [] });
  });

  test('excuses a reader from writing back though its majority does not agree', () => {
    const cluster = written('a', [2]); // Member 2 missed it.
    cluster.read(0, 'y');
    cluster.settle();
    const read = cluster.read(1);
    cluster.deliver({ type: 'query', to: 2 });
    cluster.deliver({ type: 'queried', from: 2 });
    expect([read.text, cluster.flights({ type: 'store' })]).toEqual(['a', []]);
  });

  test('excuses it also where another member of the majority says so', () => {
    const cluster = written('a', [2]);
    cluster.read(0, 'y');
    cluster.settle();
    const read = cluster.read(2);
    cluster.deliver({ type: 'query', to: 1 });
    expect(cluster.flights({ type: 'queried' })[0]?.message).toMatchObject({ confirmed: true });
    cluster.deliver({ type: 'queried', from: 1 });
    expect([read.text, cluster.flights({ type: 'store' })]).toEqual(['a', []]);
  });

  test('does not excuse a larger one that the majority also holds', () => {
    for (const reader of [1, 2]) {
      const cluster = written('a');
      cluster.read(0, 'y');
      cluster.settle(); // Everybody knows that a is confirmed.
      cluster.write(2, 'b');
      cluster.deliver({ type: 'probe', to: 0 });
      cluster.deliver({ type: 'probed', from: 0 });
      cluster.drop({ type: 'store' }); // Only member 2 stores b.
      const read = cluster.read(reader);
      cluster.deliver({ type: 'query', to: 3 - reader });
      cluster.deliver({ type: 'queried', from: 3 - reader });
      expect(read.ended).toBe(false);
      cluster.settle([0]);
      expect([read.text, cluster.textAt(1)]).toEqual(['b', 'b']);
    }
  });

  test('says nothing of a lower one that a replica still holds', () => {
    const cluster = new Cluster({ size: 5 });
    hear(cluster, 1, { type: 'store', tag: tagOf(1, 4) });
    hear(cluster, 1, { type: 'query', confirmed: tagOf(2, 3) });
    expect(answerOf(cluster, 1)).toMatchObject({ tag: tagOf(1, 4), confirmed: false });
  });

  test('says nothing of a larger one that a replica holds', () => {
    const cluster = new Cluster({ size: 5 });
    hear(cluster, 1, { type: 'store', tag: tagOf(2, 3) });
    hear(cluster, 1, { type: 'query', confirmed: tagOf(1, 4) });
    expect(answerOf(cluster, 1)).toMatchObject({ tag: tagOf(2, 3), confirmed: false });
  });

  test('does not stay confirmed under a larger tag that replaces it, and does when it is stored again', () => {
    const cluster = new Cluster();
    hear(cluster, 1, { type: 'store', tag: tagOf(1, 0) });
    hear(cluster, 1, { type: 'query', confirmed: tagOf(1, 0) });
    hear(cluster, 1, { type: 'store', tag: tagOf(1, 0) });
    expect(answerOf(cluster, 1)).toMatchObject({ confirmed: true });
    hear(cluster, 1, { type: 'store', tag: tagOf(2, 0) });
    expect(answerOf(cluster, 1)).toMatchObject({ confirmed: false });
  });

  test('that a smaller answer carries does not pass to the largest, in either order', () => {
    for (const order of [
      [1, 2],
      [2, 1],
    ]) {
      const cluster = new Cluster({ size: 5 });
      hear(cluster, 1, { type: 'store', tag: tagOf(1, 0) });
      hear(cluster, 1, { type: 'query', confirmed: tagOf(1, 0) });
      hear(cluster, 2, { type: 'store', tag: tagOf(2, 3) });
      cluster.drop();
      const read = cluster.read(4);
      cluster.deliver({ type: 'query' });
      for (const from of order) cluster.deliver({ type: 'queried', from });
      expect(read.ended).toBe(false);
    }
  });

  test('is remembered by a reader that wrote it back, or saw a majority hold it', () => {
    const cluster = written('a', [2]);
    cluster.read(2);
    cluster.settle([0]); // Two answers that differ: written back.
    expect(answerOf(cluster, 2)).toMatchObject({ confirmed: true });
    cluster.read(1);
    cluster.settle([0]); // Two answers that agree.
    expect(answerOf(cluster, 1)).toMatchObject({ confirmed: true });
  });

  test('waits with at most 63 others; those beyond are not told', () => {
    const cluster = new Cluster({ busyRounds: Number.POSITIVE_INFINITY });
    for (let each = 0; each < 100; each += 1) cluster.write(0, 'a', `key ${each}`);
    cluster.settle();
    cluster.read(0, 'y');
    const [flight] = cluster.flights({ type: 'query' });
    expect(flight?.message.type === 'query' && flight.message.confirmed).toHaveLength(64);
  });
});

describe("reads: 'all'", () => {
  test('asks everybody, waits for everybody, and returns the largest in one round', () => {
    const cluster = new Cluster({ reads: 'all', size: 5 });
    hear(cluster, 3, { type: 'store', tag: tagOf(1, 3) });
    cluster.drop();
    const read = cluster.read(0);
    cluster.settle([3]);
    expect(read.ended).toBe(false);
    cluster.deliver({ type: 'query', to: 3 });
    cluster.deliver({ type: 'queried', from: 3 });
    expect([read.version, cluster.inFlight]).toEqual([tagOf(1, 3), []]);
  });

  test('a write asks everybody for its tag, too: the largest that a reader saw may be at one member', () => {
    const cluster = new Cluster({ reads: 'all' });
    cluster.write(2, 'a');
    cluster.deliver({ type: 'probe' });
    cluster.deliver({ type: 'probed' });
    cluster.drop({ type: 'store' }); // Only its writer stores a.
    const read = cluster.read(0);
    cluster.settle();
    expect(read.text).toBe('a');

    const write = cluster.write(0, 'b');
    cluster.settle([2]);
    expect(write.ended).toBe(false); // With the tags of 0 and 1 alone, b would be smaller than a.
    cluster.settle();
    expect(write.version).toBe(tagOf(2, 0));
    const after = cluster.read(1);
    cluster.settle();
    expect(after.text).toBe('b');
  });

  test('a write is done when a majority stores it', () => {
    const cluster = new Cluster({ reads: 'all', size: 5 });
    const write = cluster.write(0, 'a');
    cluster.deliver({ type: 'probe' });
    cluster.deliver({ type: 'probed' });
    cluster.settle([3, 4]);
    expect(write.ended).toBe(true);
  });
});

/** A cluster in which member 0 has written a value that all but some members store. */
function written(text: string, missing: readonly number[] = []): Cluster {
  const cluster = new Cluster();
  cluster.write(0, text);
  cluster.deliver({ type: 'probe' });
  cluster.deliver({ type: 'probed' });
  for (const to of missing) cluster.drop({ type: 'store', to });
  cluster.settle();
  return cluster;
}

/** A member hears of a pair, or of a confirmation, for the key x. */
function hear(
  cluster: Cluster,
  at: number,
  what: { type: 'store'; tag: number } | { type: 'query'; confirmed: number },
): void {
  const round = 1_000;
  const message: Message =
    what.type === 'store'
      ? {
          ...{ type: 'store', round, serial: 1, key: 'x', tag: what.tag, writeBack: false, confirmed: [] },
          value: new Uint8Array([what.tag]),
        }
      : { type: 'query', round, key: 'y', known: 0, confirmed: [{ key: 'x', tag: what.confirmed }] };
  cluster.receive(at, 0, message);
}

/** What a member answers to a reader of x. */
function answerOf(cluster: Cluster, at: number): Message | undefined {
  cluster.inFlight = [];
  cluster.receive(at, 0, { type: 'query', round: 1_000, key: 'x', known: 0, confirmed: [] });
  return cluster.inFlight[0]?.message;
}
