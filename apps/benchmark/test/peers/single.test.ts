import { describe, expect, it } from 'vitest';
import { Cutter, encoded, frameKind } from '../../src/peers/single/frames.js';
import { Queue } from '../../src/peers/single/queue.js';

describe('frames', () => {
  const frames = [
    encoded(frameKind.get, 'ключ'),
    encoded(frameKind.set, 'k', 'wért'),
    encoded(frameKind.found, '', Buffer.from('x')),
    encoded(frameKind.done),
  ];
  const expected = [
    [frameKind.get, 'ключ', ''],
    [frameKind.set, 'k', 'wért'],
    [frameKind.found, '', 'x'],
    [frameKind.done, '', ''],
  ];

  it('come out as they went in, wherever the stream is torn', () => {
    const stream = Buffer.concat(frames);
    for (let piece = 1; piece <= stream.length; piece++) {
      const cutter = new Cutter();
      const found: unknown[] = [];
      for (let at = 0; at < stream.length; at += piece) {
        for (const { kind, key, value } of cutter.cut(stream.subarray(at, at + piece))) {
          found.push([kind, key, value.toString()]);
        }
      }
      expect(found, `in pieces of ${piece}`).toEqual(expected);
    }
  });
});

describe('Queue', () => {
  it('gives everything once, in order, and nothing when it is empty', () => {
    const queue = new Queue<number>();
    const taken: (number | undefined)[] = [];
    for (let item = 0; item < 9; item++) {
      queue.add(item);
      if (item % 3 === 2) taken.push(queue.take(), queue.take());
    }
    for (let left = 0; left < 4; left++) taken.push(queue.take());
    expect(taken).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, undefined]);
  });
});
