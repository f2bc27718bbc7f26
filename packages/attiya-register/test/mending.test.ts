import { tagOf } from '@dsm/core';
import { describe, expect, test } from 'vitest';
import { Cells } from '../src/cells.js';
import { inspection } from '../src/inspection.js';
import { Cluster } from './fixtures/cluster.js';

const group = (size = 3) => new Cluster({ busyRounds: 0, size });

/** A write of 1 of which 0 hears nothing. */
function unheard(cluster: Cluster, text: string, key = 'x'): void {
  cluster.write(1, text, key);
  cluster.work([0]);
  cluster.drop({ to: 0 });
}

/** 0 was surveyed, has not heard of a write of 1, and of the next one it has: it has begun to ask. */
function lacking(): Cluster {
  const cluster = group();
  cluster.read(2);
  cluster.work();
  lose(cluster);
  return cluster;
}

function lose(cluster: Cluster): void {
  unheard(cluster, 'a', 'lost');
  cluster.write(1, 'b', 'kept');
  cluster.work([0]);
  cluster.deliver({ type: 'publish', to: 0 });
}

describe('a member that lacks a store', () => {
  test('asks its sender, once the next one comes', () => {
    const cluster = lacking();
    expect(cluster.sentBy(0)).toEqual(['mend 1']);
    cluster.deliver({ type: 'mend' });
    expect(cluster.flights({ type: 'mended' })).toMatchObject([
      { message: { next: 0, taken: [0, 2, 0], pairs: [{ key: 'lost' }, { key: 'kept' }] } },
    ]);
    cluster.work();
    expect([cluster.textAt(0, 'lost'), cluster.at(0).frontier.taken]).toEqual(['a', [0, 2, 0]]);
    expect(inspection.idle(cluster.at(0))).toBe(true);
  });

  test('does not, while nobody is busy: then it does not matter', () => {
    const cluster = new Cluster();
    for (const key of ['lost', 'kept']) {
      cluster.write(1, 'a', key);
      cluster.settle([0]);
      if (key === 'lost') cluster.drop({ to: 0 });
    }
    cluster.settle();
    expect([cluster.at(0).frontier.gap, ...cluster.sentBy(0)]).toEqual([1]);
    cluster.receive(0, 2, { type: 'survey', round: 99, about: 'read' });
    expect(cluster.sentBy(0)).toContain('mend 1');
  });

  test('asks whoever was seen to have it, where its sender has crashed', () => {
    const cluster = group();
    cluster.publish(2, 'new');
    cluster.deliver({ type: 'publish', to: 1 });
    cluster.drop();
    const read = cluster.read(0);
    cluster.work([2]);
    for (let times = 0; times < 2; times += 1) cluster.pass(0, 'late');
    expect(cluster.sentBy(0)).toEqual(['query 1', 'query 2', 'mend 1']);
    cluster.work([2]);
    expect([read.text, cluster.at(0).frontier.taken]).toEqual(['new', [1, 0, 1]]);
    const next = cluster.read(0);
    cluster.pass(0, 'survey');
    expect(cluster.sentBy(0).filter((each) => !each.endsWith('2'))).toEqual(['survey 1']);
    cluster.work([2]);
    expect(next.text).toBe('new');
  });

  test('asks about each key as long as it lacks something', () => {
    const cluster = group();
    unheard(cluster, 'new');
    cluster.read(0);
    cluster.work();
    for (let times = 0; times < 2; times += 1) cluster.pass(0, 'late');
    cluster.drop({ type: 'mend' });
    cluster.settle();
    cluster.read(0, 'y');
    expect(cluster.sentBy(0)).toEqual(['query 1', 'query 2']);
  });

  test('asks others one after the other, and gives up when nobody has it', () => {
    const cluster = group(5);
    cluster.at(0).frontier.miss([0, 0, 0, 0, 1]);
    cluster.at(0).wait({ ...nothing, setTimer: () => cluster.timers[0]?.add('late') });
    cluster.pass(0, 'late');
    const asked: string[] = [];
    for (let times = 0; times < 10 && cluster.flights({ type: 'mend' }).length > 0; times += 1) {
      asked.push(...cluster.sentBy(0));
      cluster.deliver({ type: 'mend' });
      cluster.deliver({ type: 'mended' });
    }
    expect(asked).toEqual(['mend 1', 'mend 2', 'mend 3', 'mend 4']);
    expect(cluster.at(0).frontier.isAstray).toBe(false);
    // The next time it begins with the first again.
    cluster
      .at(0)
      .mender.begin(undefined, cluster.at(0), { ...nothing, broadcast: () => asked.push('again') });
    expect(asked.slice(4)).toEqual(['again']);
  });

  test('asks again, when it is surveyed often enough, for what nobody gave it in time', () => {
    const cluster = lacking();
    const survey = () => {
      cluster.receive(0, 2, { type: 'survey', round: 99, about: 'read' });
      cluster.drop({ type: 'surveyed', from: 0 });
    };
    // As soon once more, when nothing was missing in between.
    for (const serial of [2, 4]) {
      if (serial > 2) lose(cluster);
      for (const asked of [1, 2]) {
        expect(cluster.sentBy(0)).toEqual([`mend ${asked}`]);
        cluster.drop({ type: 'mend' });
        silence(cluster);
      }
      for (let times = 0; times < 16; times += 1) survey();
      expect(cluster.sentBy(0)).toEqual([]);
      survey();
      expect(cluster.sentBy(0)).toEqual(['mend 1']);
      cluster.work();
      expect([cluster.at(0).frontier.taken, cluster.textAt(0, 'lost')]).toEqual([[0, serial, 0], 'a']);
    }
  });

  test('waits longer for an answer where the one before did not come in time', () => {
    const cluster = lacking();
    // No longer any more, when one has come.
    for (const serial of [2, 4]) {
      if (serial > 2) lose(cluster);
      cluster.drop({ type: 'mend' });
      for (let times = 0; times < 2; times += 1) cluster.pass(0, 'late');
      expect(cluster.sentBy(0)).toEqual(['mend 2']);
      for (let times = 0; times < 2; times += 1) cluster.pass(0, 'late');
      cluster.work();
      expect(cluster.at(0).frontier.taken).toEqual([0, serial, 0]);
    }
  });

  test('reads by key at once where what others have seen is nowhere', () => {
    const cluster = group();
    // Stores of 2, which has crashed; each of the others lacks what would show it what the other one has.
    const store = (serial: number, ...to: number[]) => {
      for (const at of to) cluster.receive(at, 2, { ...ofTwo, serial, round: serial, tag: tagOf(serial, 2) });
    };
    for (const [serial, ...to] of [
      [1, 0, 1],
      [2, 1],
      [3, 0],
      [4, 1],
      [5, 0, 1],
    ] as const)
      store(serial, ...to);
    const lost = () => {
      for (const flight of cluster.flights({ to: 2 })) cluster.remove(flight);
    };
    const read = () => {
      const reading = cluster.read(0);
      lost();
      cluster.pass(0, 'survey');
      cluster.deliver({ type: 'survey', to: 1 });
      cluster.deliver({ type: 'surveyed' });
      return reading;
    };
    const first = read();
    expect(cluster.flights({ type: 'query' })).toEqual([]);
    for (let times = 0; times < 20; times += 1) {
      lost();
      cluster.settle();
      cluster.pass(0, 'late');
    }
    cluster.settle();
    expect([first.ended, cluster.at(0).frontier.isAstray, cluster.at(0).frontier.gap]).toEqual([
      true,
      false,
      2,
    ]);
    const second = read();
    expect(cluster.sentBy(0)).toEqual(['query 1', 'query 2']);
    lost();
    cluster.settle();
    expect(second.version).toBe(tagOf(5, 2));
  });

  test('asks one that has helped again, when it lacks something once more', () => {
    const cluster = group();
    cluster.read(2);
    cluster.work();
    for (const round of ['first', 'second']) {
      unheard(cluster, 'a', `lost ${round}`);
      cluster.write(1, 'b', `kept ${round}`);
      cluster.work([0]);
      cluster.deliver({ type: 'publish', to: 0 });
      expect(cluster.sentBy(0)).toEqual(['mend 1']);
      cluster.work();
    }
    expect(cluster.at(0).frontier.taken).toEqual([0, 4, 0]);
  });

  test('asks another when one does not answer, and takes no late answer for one that it waits for', () => {
    const cluster = group();
    unheard(cluster, 'new');
    cluster.read(0);
    cluster.work();
    for (let times = 0; times < 2; times += 1) cluster.pass(0, 'late');
    const [first] = cluster.flights({ type: 'mend' });
    expect(first?.to).toBe(1);
    cluster.drop({ type: 'mend' });
    cluster.settle();
    for (let times = 0; times < 2; times += 1) cluster.pass(0, 'late');
    expect(cluster.sentBy(0)).toEqual(['mend 2']);
    const round = first?.message.type === 'mend' ? first.message.round : 0;
    cluster.receive(0, 1, { type: 'mended', round, taken: [9, 9, 9], pairs: [], next: 0 });
    expect(cluster.at(0).frontier.taken).toEqual([0, 0, 0]);
    cluster.work();
    expect(cluster.at(0).frontier.taken).toEqual([0, 1, 0]);
  });

  test('is given it in parts, of which none counts before the last', () => {
    const cluster = group();
    const long = 'v'.repeat(40_000);
    for (const key of ['a', 'b', 'c', 'd', 'e']) unheard(cluster, long, key);
    cluster.receive(0, 1, { type: 'survey', round: 99, about: 'read' });
    cluster.drop();
    cluster.write(1, 'news', 'f');
    cluster.work([0]);
    cluster.deliver({ type: 'publish', to: 0 });
    const parts: number[] = [];
    while (cluster.flights({ type: 'mend' }).length > 0) {
      cluster.deliver({ type: 'mend' });
      for (const { message } of cluster.flights({ type: 'mended' })) {
        if (message.type === 'mended') parts.push(message.pairs.length);
      }
      expect(cluster.at(0).frontier.taken).toEqual([0, parts.length === 1 ? 0 : expect.any(Number), 0]);
      cluster.deliver({ type: 'mended' });
    }
    expect(parts).toEqual([2, 2, 2]);
    expect(cluster.at(0).frontier.taken).toEqual([0, 6, 0]);
    expect(cluster.textAt(0, 'e')).toBe(long);
  });

  test('goes on where a part ended, even one that brought nothing', () => {
    const cluster = lacking();
    const [first] = cluster.flights({ type: 'mend' });
    const round = first?.message.type === 'mend' ? first.message.round : 0;
    const taken = [0, 2, 0];
    cluster.receive(0, 1, { type: 'mended', round, taken, pairs: [], next: 7 });
    const [, next] = cluster.flights({ type: 'mend' });
    expect(next?.message).toEqual({ type: 'mend', round: round + 1, since: [0, 0, 0], place: 7 });
    // A part that does not get further is the last: nobody is asked for the same for ever.
    cluster.receive(0, 1, { type: 'mended', round: round + 1, taken, pairs: [], next: 7 });
    expect([cluster.sentBy(0), cluster.at(0).frontier.taken]).toEqual([['mend 1', 'mend 1'], taken]);
  });
});

describe('what is passed on', () => {
  test('is looked for in parts, so that a member with much is not held up', () => {
    const cells = new Cells();
    const count = 40_000;
    for (let serial = 1; serial <= count; serial += 1) {
      cells.store(cells.of(`k${serial}`), 1, { serial, tag: serial, value: Uint8Array.of(1) });
    }
    cells.of('only read');
    const places: number[] = [];
    const keys: string[] = [];
    do {
      const { pairs, next } = cells.brought([0, count - 2], places.at(-1) ?? 0);
      keys.push(...pairs.map(({ key }) => key));
      places.push(next);
    } while (places.at(-1) !== 0);
    expect([places, keys]).toEqual([
      [16_384, 32_768, 0],
      [`k${count - 1}`, `k${count}`],
    ]);
    expect(cells.brought([], count + 1)).toEqual({ pairs: [], next: 0 });
  });

  test('is each pair once, however often its key was stored to', () => {
    const cells = new Cells();
    for (let serial = 1; serial <= 3; serial += 1) {
      cells.store(cells.of('x'), 1, { serial, tag: serial, value: Uint8Array.of(serial) });
    }
    expect(cells.brought([], 0).pairs.map(({ serial }) => serial)).toEqual([3]);
  });
});

const ofTwo = { type: 'store', key: 'x', value: null, writeBack: false, confirmed: [] } as const;

/** Until who was asked is not waited for any more. */
function silence(cluster: Cluster): void {
  for (let times = 0; times < 10; times += 1) {
    if (cluster.flights({ type: 'mend' }).length > 0) return;
    cluster.pass(0, 'late');
  }
}

const nothing = {
  send: () => undefined,
  broadcast: () => undefined,
  complete: () => undefined,
  changed: () => undefined,
  setTimer: () => undefined,
};
