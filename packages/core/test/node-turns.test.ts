import { describe, expect, test } from 'vitest';
import type { Writer } from '../src/codec/writer.js';
import { frameOf } from './fixtures/frames.js';
import type { Parrot } from './fixtures/parrot.js';
import { linkOf, sentTo, three } from './fixtures/three.js';

const texts = (count: number) => Array.from({ length: count }, (_, at) => `${at}`);

describe('a turn', () => {
  test('delivers what a member sends to itself in the same turn, after the running handler', () => {
    const { processes } = three();
    const [a] = processes;
    const seen: number[] = [];
    const before = a.parrot.heard.length;
    a.node.invoke((replica, host) => {
      (replica as Parrot).read(1, 'one', host);
      (replica as Parrot).read(2, 'two', host);
      seen.push(a.parrot.heard.length - before);
    });
    seen.push(a.parrot.heard.length - before);
    // Both, and the answers to both, which were sent while they were delivered.
    expect(seen).toEqual([0, 4]);
    expect(a.parrot.heard.slice(before).map(({ words }) => words.kind)).toEqual([
      'say',
      'say',
      'said',
      'said',
    ]);
  });

  test('finishes a handler before it begins another', () => {
    const { processes } = three();
    const [a] = processes;
    const order: string[] = [];
    a.node.invoke(() => {
      a.node.invoke(() => order.push('inner'));
      order.push('outer');
    });
    expect(order).toEqual(['outer', 'inner']);
  });

  test('goes to those who are named, itself or not', () => {
    const { cluster, processes } = three();
    const [a] = processes;
    const heard = () => processes.map(({ parrot }) => parrot.heard.length);
    const counted = (to: number) => {
      const before = heard();
      a.node.invoke((_, host) =>
        host.broadcast({ kind: 'said', operation: 9, text: '', bytes: new Uint8Array(0) }, to),
      );
      cluster.run(10);
      return heard().map((now, at) => now - (before[at] as number));
    };
    expect(counted(0b010)).toEqual([0, 1, 0]);
    expect(counted(0b101)).toEqual([1, 0, 1]);
    expect(counted(0b000)).toEqual([0, 0, 0]);
  });

  test('makes one frame to each peer of all its messages', () => {
    const { cluster, processes } = three();
    const [a, b, c] = processes;
    for (const text of texts(50)) a.say(text);
    expect(a.sent).toEqual([]);
    cluster.run(0);
    expect(a.sent.map(({ to }) => to).sort()).toEqual([1, 2]);
    cluster.run(10);
    expect(b.parrot.from(0)).toEqual(texts(50));
    // The answers too: one frame for all.
    expect(sentTo(b, a)).toEqual(['protocol']);
    expect(sentTo(c, a)).toEqual(['protocol']);
    expect(a.completed.length).toBe(50);
  });

  test('makes a frame of each message without batching', () => {
    const { cluster, processes } = three({ batch: false });
    const [a, b] = processes;
    for (const text of texts(50)) a.say(text);
    cluster.run(10);
    expect(sentTo(a, b)).toEqual(Array.from({ length: 50 }, () => 'protocol'));
    expect(b.parrot.from(0)).toEqual(texts(50));
  });

  test('bounds a frame by its messages and by its bytes', () => {
    const { cluster, processes } = three();
    const [a, b] = processes;
    for (const text of texts(129)) a.say(text);
    cluster.run(0);
    expect(sentTo(a, b)).toEqual(['protocol', 'protocol']);
    cluster.run(10);
    a.sent.splice(0);
    for (const text of texts(7)) a.say(text, 10_000);
    cluster.run(0);
    expect(sentTo(a, b)).toEqual(['protocol']);
    cluster.run(10);
    a.sent.splice(0);
    for (const text of texts(8)) a.say(text, 10_000);
    cluster.run(0);
    expect(sentTo(a, b)).toEqual(['protocol', 'protocol']);
    cluster.run(10);
    expect(b.parrot.from(0)).toEqual([...texts(129), ...texts(7), ...texts(8)]);
  });

  test('sends a large message alone, in its place', () => {
    const { cluster, processes } = three();
    const [a, b] = processes;
    a.say('before');
    a.say('large', 100_000);
    a.say('after');
    a.say('and after');
    cluster.run(0);
    const sizes = a.sent.filter(({ to }) => to === 1).map(({ frame }) => frame.length);
    expect(sizes.map((size) => size > 100_000)).toEqual([false, true, false]);
    cluster.run(10);
    expect(b.parrot.from(0)).toEqual(['before', 'large', 'after', 'and after']);
  });

  test('counts what goes out and comes in', () => {
    const { cluster, processes } = three();
    const [a, b, c] = processes;
    const before = { ...a.node.counters };
    a.say('hello');
    cluster.run(10);
    const { counters } = a.node;
    // `say` to two, and the answers of two; what it sends to itself is not counted.
    expect(counters.messagesOut.write).toBe(4);
    expect(counters.messagesIn - before.messagesIn).toBe(2);
    expect(counters.framesIn - before.framesIn).toBe(2);
    expect(counters.framesOut - before.framesOut).toBe(2);
    expect(counters.bytesIn - before.bytesIn).toBe(
      [b, c].reduce((sum, { sent }) => sum + (sent[0]?.frame.length ?? 0), 0),
    );
    expect(counters.bytesOut - before.bytesOut).toBe(
      a.sent.reduce((sum, { frame }) => sum + frame.length, 0),
    );
    expect(counters.viewChanges).toBe(1);
  });

  test('lets go of a buffer that a huge message made grow', () => {
    const { cluster, processes } = three();
    const [a] = processes;
    a.say('huge', 3_000_000);
    cluster.run(10);
    a.say('small');
    const { dispatch } = a.node as unknown as { dispatch: { scratch: Writer } };
    expect(dispatch.scratch.bytes.length).toBeLessThan(1_000_000);
  });

  test('answers a frame of little at once, one of much with the rest of the turn', () => {
    const { a, b, cluster } = three({ gathers: true });
    const frameOfSays = (said: readonly string[]) => {
      const header = { from: 1, incarnation: b.incarnation, to: a.incarnation, birth: b.view?.birth ?? 0 };
      const sequence = linkOf(a, b).received + 1;
      return frameOf({ ...header, kind: 'protocol', epoch: 1, sequence }, (writer) => {
        for (const text of said) {
          writer.byte(0);
          writer.whole(1);
          writer.string(text);
          writer.blob(new Uint8Array(0));
        }
      });
    };
    for (const [said, prompt] of [
      [texts(1), 1],
      [texts(2), 1],
      [texts(3), 0],
      [['x'.repeat(100)], 1],
      [['x'.repeat(300)], 0],
      // The replica acts once more when the turn ends.
      [['more comes'], 0],
    ] as const) {
      cluster.inject(a, frameOfSays(said));
      expect(sentTo(a, b).length).toBe(prompt);
      cluster.run(0);
      expect(sentTo(a, b).length).toBe(1 - prompt);
    }
  });

  test('that ends in a close has its end all the same', () => {
    const { a } = three();
    // It says so to itself, too.
    a.say('more comes');
    expect(a.parrot.timeouts).toEqual([]);
    void a.node.close();
    expect(a.parrot.timeouts).toEqual(['alarm']);
  });

  test('of others does not put off what has to be sent again', () => {
    const { a, b, c, cluster } = three();
    cluster.cut('a', 'c');
    a.say('lost');
    cluster.run(1);
    cluster.cuts.clear();
    for (let left = 40; left > 0; left -= 1) {
      a.node.invoke((_, host) =>
        host.send(b.slot, { kind: 'said', operation: 0, text: '', bytes: new Uint8Array(0) }),
      );
      cluster.run(10);
    }
    expect(c.parrot.from(0)).toEqual(['lost']);
  });

  test('of a message that makes a member send to itself delivers that before the next message', () => {
    const { a, b, cluster } = three();
    a.say('echo');
    a.say('after');
    cluster.run(10);
    expect(b.parrot.heard.slice(-3).map(({ from, words }) => `${words.text} of ${from}`)).toEqual([
      'echo of 0',
      'echoed of 1',
      'after of 0',
    ]);
  });
});
