import { slotOf, tagOf, timeOf } from '@dsm/core';
import { describe, expect, test } from 'vitest';
import { inspection } from '../src/inspection.js';
import { AttiyaReplica } from '../src/replica.js';
import { Cluster, firstView } from './fixtures/cluster.js';

// Members are 0, 1, 2 …; the key is x where nothing else is said. A member's messages to itself arrive at once, so with
// three members one answer from another makes a majority.

describe('Attiya, Bar-Noy, Dolev: a write', () => {
  test('asks every member for its tag, and for no value', () => {
    const cluster = new Cluster();
    cluster.write(0, 'a');
    expect(cluster.flights().map(({ to, message }) => [to, message.type])).toEqual([
      [1, 'probe'],
      [2, 'probe'],
    ]);
    cluster.deliver({ type: 'probe' });
    for (const { message } of cluster.flights({ type: 'probed' }))
      expect(message).not.toHaveProperty('value');
  });

  test('waits for the tags of a majority before it stores anything, at itself either', () => {
    const cluster = new Cluster({ size: 5 });
    cluster.write(0, 'a');
    cluster.deliver({ to: 1 });
    cluster.deliver({ type: 'probed' });
    expect([cluster.flights({ type: 'store' }), cluster.tagAt(0)]).toEqual([[], 0]);

    cluster.deliver({ to: 2 });
    cluster.deliver({ type: 'probed' });
    expect(cluster.flights({ type: 'store' }).map(({ to }) => to)).toEqual([1, 2, 3, 4]);
  });

  test('is done when a majority has acknowledged the store, and not before', () => {
    const cluster = new Cluster({ size: 5 });
    const write = cluster.write(0, 'a');
    cluster.deliver({ type: 'probe' });
    cluster.deliver({ type: 'probed' });
    cluster.deliver({ type: 'store' });
    cluster.deliver({ type: 'stored', from: 1 });
    expect(write.ended).toBe(false);

    cluster.deliver({ type: 'stored', from: 2 });
    expect(write.ended).toBe(true);
    expect(inspection.idle(cluster.at(0))).toBe(true);
  });

  test('ends although a minority never answers', () => {
    const cluster = new Cluster({ size: 5 });
    const write = cluster.write(2, 'a');
    cluster.settle([3, 4]);
    expect(write.ended).toBe(true);
  });

  test('does not end while only half of an even group answers', () => {
    const cluster = new Cluster({ size: 4 });
    const write = cluster.write(0, 'a');
    cluster.settle([2, 3]);
    expect(write.ended).toBe(false);
    cluster.settle([3]);
    expect(write.ended).toBe(true);
  });

  test('of a member that is alone in its group ends at once', () => {
    const cluster = new Cluster({ size: 1 });
    expect(cluster.write(0, 'a').ended).toBe(true);
    expect(cluster.read(0).text).toBe('a');
  });
});

describe('Lynch, Shvartsman: the tag', () => {
  test('of a write is the largest time of its majority plus one, with the slot of the writer', () => {
    const cluster = new Cluster({ size: 5 });
    for (const [at, time] of [
      [1, 3],
      [2, 7],
      [3, 5],
    ] as const) {
      plant(cluster, at, tagOf(time, 4), 'old');
    }
    const write = cluster.write(0, 'new');
    cluster.deliver({ type: 'probe' });
    // The largest comes neither first nor last.
    for (const from of [1, 2]) cluster.deliver({ type: 'probed', from });
    cluster.settle();
    expect([timeOf(write.version as number), slotOf(write.version as number)]).toEqual([8, 0]);
  });

  test('of a write counts what a majority says only: a tag at the others may be larger', () => {
    const cluster = new Cluster();
    plant(cluster, 2, tagOf(9, 1), 'unfinished');
    const write = cluster.write(0, 'a');
    cluster.settle([2]);
    expect(write.version).toBe(tagOf(1, 0));
  });

  test('is larger than any that its member holds, even where its own answer is not in the majority', () => {
    const cluster = new Cluster({ selfHeld: true });
    plant(cluster, 0, tagOf(5, 1), 'held');
    cluster.drop({ type: 'stored' });
    cluster.write(0, 'a');
    cluster.settle([0]);
    cluster.deliver({ type: 'probed', from: 1 });
    cluster.deliver({ type: 'probed', from: 2 });
    const [flight] = cluster.flights({ type: 'store' });
    expect(flight?.message).toMatchObject({ tag: tagOf(6, 0) });
  });

  test('differs between two writers that saw the same, and the larger slot wins at every member', () => {
    const cluster = new Cluster();
    const one = cluster.write(0, 'a');
    const other = cluster.write(1, 'b');
    cluster.deliver({ type: 'probe' });
    cluster.deliver({ type: 'probed' });
    cluster.deliver({ type: 'store', from: 1 });
    cluster.settle();
    expect([one.version, other.version]).toEqual([tagOf(1, 0), tagOf(1, 1)]);
    expect([0, 1, 2].map((at) => cluster.textAt(at))).toEqual(['b', 'b', 'b']);
  });

  test('never falls: a replica stores only a larger tag, and acknowledges either way', () => {
    const cluster = new Cluster();
    plant(cluster, 1, tagOf(4, 2), 'newer');
    for (const tag of [tagOf(4, 0), tagOf(3, 2), tagOf(4, 2)]) {
      plant(cluster, 1, tag, 'older');
      expect(cluster.textAt(1)).toBe('newer');
    }
    expect(cluster.flights({ type: 'stored', from: 1, to: 0 })).toHaveLength(4);
    plant(cluster, 1, tagOf(5, 0), 'newest');
    expect(cluster.textAt(1)).toBe('newest');
  });
});

describe('Attiya, Bar-Noy, Dolev: a read', () => {
  test('returns at once, in one round, when all of its majority carry the same tag', () => {
    const cluster = new Cluster();
    cluster.write(0, 'a');
    cluster.settle();
    const read = cluster.read(1);
    cluster.deliver({ type: 'query' });
    cluster.deliver({ type: 'queried', from: 2 });
    expect(read.text).toBe('a');
    expect(cluster.flights({ type: 'store' })).toEqual([]);
  });

  test('returns in one round, too, when it learns the pair from a majority without itself', () => {
    const cluster = new Cluster({ selfHeld: true, size: 5 });
    for (const at of [1, 2, 3]) plant(cluster, at, tagOf(1, 1), 'agreed');
    cluster.drop();
    const read = cluster.read(4);
    cluster.settle([4]);
    for (const from of [1, 2, 3]) cluster.deliver({ type: 'queried', from });
    expect([read.text, cluster.flights({ type: 'store' })]).toEqual(['agreed', []]);
  });

  test('never takes a tag that came without its value', () => {
    const cluster = new Cluster();
    const read = cluster.read(0);
    cluster.receive(0, 1, { type: 'queried', round: 1, tag: tagOf(9, 1), confirmed: true, value: undefined });
    cluster.settle();
    expect(read.version).toBe(0);
  });

  test('of what nobody wrote is absent, in one round', () => {
    const cluster = new Cluster();
    const read = cluster.read(1);
    cluster.settle();
    expect([read.text, read.version]).toEqual([undefined, 0]);
  });

  test('returns the largest pair of its majority, whichever answer came first', () => {
    for (const order of [
      [1, 2],
      [2, 1],
    ] as const) {
      const cluster = new Cluster({ size: 5 });
      plant(cluster, 1, tagOf(2, 3), 'larger');
      plant(cluster, 2, tagOf(1, 4), 'smaller');
      const read = cluster.read(0);
      cluster.deliver({ type: 'query' });
      for (const from of order) cluster.deliver({ type: 'queried', from });
      cluster.settle();
      expect(read.text).toBe('larger');
    }
  });

  test('writes back the largest pair, unchanged, to a majority before it returns', () => {
    const cluster = new Cluster({ size: 5 });
    plant(cluster, 1, tagOf(1, 1), 'seen once');
    cluster.drop({ type: 'stored' });
    const read = cluster.read(0);
    cluster.settle([3, 4]);
    expect(read.text).toBe('seen once');
    expect([0, 1, 2].map((at) => cluster.tagAt(at))).toEqual([tagOf(1, 1), tagOf(1, 1), tagOf(1, 1)]);
  });

  test('does not return while what it read is on its way to a majority', () => {
    const cluster = new Cluster({ size: 5 });
    plant(cluster, 1, tagOf(1, 1), 'a');
    cluster.drop({ type: 'stored' });
    const read = cluster.read(0);
    cluster.deliver({ type: 'query' });
    cluster.deliver({ type: 'queried' });
    cluster.deliver({ type: 'store', to: 2 });
    cluster.deliver({ type: 'stored', from: 2 });
    expect(read.ended).toBe(false);
    cluster.deliver({ type: 'store', to: 1 });
    cluster.deliver({ type: 'stored', from: 1 });
    expect(read.ended).toBe(true);
  });

  test('that sees a write of which a minority knows is not followed by one that sees less', () => {
    const cluster = new Cluster();
    cluster.write(0, 'a');
    cluster.settle();
    cluster.write(0, 'b');
    cluster.deliver({ type: 'probe', to: 1 });
    cluster.deliver({ type: 'probed', from: 1 });
    cluster.drop({ type: 'store' }); // Only the writer stores it.

    const first = cluster.read(1);
    cluster.deliver({ type: 'query', to: 0 });
    cluster.deliver({ type: 'queried', from: 0 });
    cluster.settle([0]);
    expect(first.text).toBe('b');
    const second = cluster.read(2);
    cluster.settle([0]);
    expect(second.text).toBe('b');
  });

  test('is shown its own pair where that is the largest, and still writes it back', () => {
    const cluster = new Cluster();
    plant(cluster, 0, tagOf(3, 1), 'mine');
    const read = cluster.read(0);
    cluster.deliver({ type: 'query', to: 2 });
    cluster.deliver({ type: 'queried', from: 2 });
    expect(read.ended).toBe(false);
    cluster.settle([1]);
    expect([read.text, cluster.textAt(2)]).toEqual(['mine', 'mine']);
  });

  test('on each of two members at once ends at both: no lock is held across a round', () => {
    const cluster = new Cluster();
    plant(cluster, 2, tagOf(1, 2), 'a');
    cluster.drop({ type: 'stored' });
    const reads = [cluster.read(0), cluster.read(1), cluster.write(2, 'b')];
    cluster.settle();
    expect(reads.every(({ ended }) => ended)).toBe(true);
  });

  test('of a value that the reader holds already moves no value', () => {
    const cluster = new Cluster();
    cluster.write(0, 'large');
    cluster.settle();
    cluster.read(1);
    cluster.deliver({ type: 'query' });
    for (const { message } of cluster.flights({ type: 'queried' })) {
      expect(message).toMatchObject({ value: undefined });
    }
  });
});

describe('answers', () => {
  test('that come after the majority has spoken are ignored', () => {
    const cluster = new Cluster();
    const write = cluster.write(0, 'a');
    cluster.deliver({ type: 'probe' });
    cluster.duplicate({ type: 'probed', from: 2 });
    cluster.settle();
    const { version } = write;
    const stored = { type: 'stored', round: 2, writeBack: false } as const;
    cluster.receive(0, 2, stored);
    cluster.receive(0, 1, { type: 'probed', round: 1, tag: tagOf(50, 1) });
    expect([write.version, cluster.tagAt(0), cluster.inFlight]).toEqual([version, version, []]);
  });

  test.each([
    ['tags', (cluster: Cluster) => cluster.write(0, 'a'), 'probe', 'probed', 'store'],
    ['pairs', (cluster: Cluster) => cluster.read(0), 'query', 'queried', 'store'],
  ] as const)('of one member count once, however often they come: %s', (_, begin, asked, answer, next) => {
    const cluster = new Cluster({ size: 5 });
    plant(cluster, 1, tagOf(1, 1), 'seen once');
    begin(cluster);
    cluster.deliver({ type: asked });
    cluster.duplicate({ type: answer, from: 1 });
    cluster.deliver({ type: answer, from: 1 });
    expect(cluster.flights({ type: next })).toEqual([]);
    cluster.deliver({ type: answer, from: 3 });
    expect(cluster.flights({ type: next })).toHaveLength(4);
  });

  test('of one member count once, however often they come: acknowledgements', () => {
    const cluster = new Cluster({ size: 5 });
    const write = cluster.write(0, 'a');
    for (const type of ['probe', 'probed', 'store'] as const) cluster.deliver({ type });
    cluster.duplicate({ type: 'stored', from: 1 });
    cluster.deliver({ type: 'stored', from: 1 });
    expect(write.ended).toBe(false);
    cluster.deliver({ type: 'stored', from: 3 });
    expect(write.ended).toBe(true);
  });

  test('to a round that this member does not run are ignored', () => {
    const cluster = new Cluster();
    const write = cluster.write(0, 'a');
    for (const round of [0, 2, 99]) {
      cluster.receive(0, 1, { type: 'probed', round, tag: tagOf(7, 1) });
      cluster.receive(0, 1, { type: 'stored', round, writeBack: false });
    }
    expect([write.ended, cluster.tagAt(0)]).toEqual([false, 0]);
  });

  test('of another kind than a round asks for are ignored: every phase has a number of its own', () => {
    const cluster = new Cluster();
    const [write, read] = [cluster.write(0, 'a'), cluster.read(0)];
    const [probed, queried, stored] = [
      { type: 'probed', tag: tagOf(7, 1) },
      { type: 'queried', tag: tagOf(7, 1), confirmed: true, value: new Uint8Array(1) },
      { type: 'stored', writeBack: false },
    ] as const;
    const wrong = (
      round: number,
      ...answers: readonly (typeof probed | typeof queried | typeof stored)[]
    ) => {
      const before = [...cluster.inFlight];
      for (const from of [1, 2]) {
        for (const answer of answers) cluster.receive(0, from, { ...answer, round });
      }
      expect([cluster.inFlight, write.ended, read.ended, cluster.tagAt(0)]).toEqual([
        before,
        false,
        false,
        held,
      ]);
    };
    let held = 0;
    wrong(1, queried, stored);
    wrong(2, probed, stored);
    cluster.deliver({ type: 'probe' });
    cluster.deliver({ type: 'probed', from: 1 });
    held = tagOf(1, 0);
    wrong(3, probed, queried);
    cluster.settle();
    expect([write.version, read.ended]).toEqual([held, true]);
  });
});

describe('the view', () => {
  test('is entered once, with nothing sealed: changing it is refused rather than pretended', () => {
    const cluster = new Cluster();
    expect(() => cluster.at(0).enter(firstView(3), [])).toThrow('views cannot change yet');
    const fresh = new AttiyaReplica(0, false);
    expect(() => fresh.enter(firstView(3), [[]])).toThrow('views cannot change yet');
  });
});

/** Lets a member store a pair of a write that has not ended. */
function plant(cluster: Cluster, at: number, tag: number, text: string): void {
  const value = new TextEncoder().encode(text);
  cluster.receive(at, at === 0 ? 1 : 0, {
    type: 'store',
    round: 1_000,
    serial: 1,
    key: 'x',
    tag,
    value,
    writeBack: false,
    confirmed: [],
  });
}
