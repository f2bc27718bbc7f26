import { describe, expect, test } from 'vitest';
import { readHeader } from '../src/codec/frame.js';
import { beatMs, type Process } from './fixtures/cluster.js';
import { frameOf } from './fixtures/frames.js';
import { three } from './fixtures/three.js';

/** How the frames of streams have left that a process sent another since last asked. */
function ways(from: Process, to: Process): string[] {
  const sent = from.sent.splice(0).filter((one) => one.to === to.slot);
  return sent.map(({ back }) => (back ? 'back' : 'dialled'));
}

describe('of two members', () => {
  test('both send on the connection that the one under the lower slot has dialled', () => {
    const { cluster, processes } = three();
    for (const process of processes) process.say('hello');
    cluster.run(10);
    for (const from of processes) {
      expect(from.sent.length).toBeGreaterThan(0);
      for (const { to, back } of from.sent)
        expect([from.slot, to, back]).toEqual([from.slot, to, to < from.slot]);
    }
  });

  test('the other one sends on its own connection where that is gone, until it hears of the first again', () => {
    const { cluster, a, b } = three();
    const says = (text: string) => {
      b.say(text);
      cluster.run(0);
      return ways(b, a);
    };
    expect(says('before')).toEqual(['back']);
    cluster.run(10);
    b.sent.splice(0);
    // Nothing of a gets through, and it is some time until b notices that.
    cluster.cuts.add('a>b');
    cluster.gone.add('b>a');
    expect(says('lost')).toEqual(['dialled']);
    cluster.gone.clear();
    expect(says('and another')).toEqual(['dialled']);
    cluster.cuts.clear();
    cluster.run(10);
    expect(a.parrot.from(1)).toEqual(['before', 'lost', 'and another']);
    a.say('here');
    cluster.run(10);
    b.sent.splice(0);
    expect(says('after')).toEqual(['back']);
  });

  test('each says hello where the other one is reached, whoever may have dialled', () => {
    const { cluster, a, b } = three();
    const header = { kind: 'bare', from: a.slot, incarnation: a.incarnation, to: 5 } as const;
    cluster.inject(b, frameOf(header));
    cluster.run(beatMs);
    const hellos = b.sent.filter(({ to, frame }) => to === a.slot && readHeader(frame).kind === 'hello');
    expect(hellos.map(({ back }) => back)).toEqual([false]);
  });
});
