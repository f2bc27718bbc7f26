import { expect, test } from 'vitest';
import { Backlog } from '../src/backlog.js';
import { numbered } from './network.js';

test('frames are taken in the order they were added, whatever comes in between', () => {
  const backlog = new Backlog(1_000_000);
  const taken: number[] = [];
  let added = 0;
  const take = (times: number) => {
    for (let time = 0; time < times; time += 1) {
      const frame = backlog.take();
      if (frame !== undefined) taken.push(Buffer.from(frame).readUInt32BE());
    }
  };
  for (const [adding, taking] of [
    [3, 1],
    [0, 5],
    [100, 99],
    [50, 10],
    [1, 60],
  ] as const) {
    for (let time = 0; time < adding; time += 1) backlog.add(numbered(added++, 8));
    take(taking);
  }
  expect(taken).toEqual(Array.from({ length: 154 }, (_, index) => index));
});

test('there is room for so many bytes, each frame counted with what it costs beside its own', () => {
  const backlog = new Backlog(10 * (1_000 + 128));
  const fill = () => {
    let frames = 0;
    while (backlog.add(new Uint8Array(1_000))) frames += 1;
    return frames;
  };
  expect(fill()).toBe(10);
  expect(backlog.add(new Uint8Array(0))).toBe(false);
  for (let time = 0; time < 4; time += 1) backlog.take();
  expect(fill()).toBe(4);
  expect(backlog.clear()).toBe(10);
  expect([backlog.take(), fill()]).toEqual([undefined, 10]);
});
