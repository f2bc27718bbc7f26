import { expect, test } from 'vitest';
import { Backlog } from '../src/backlog.js';

const numbered = (number: number) => Buffer.alloc(8, number);

test('frames are taken in the order they were added, whatever comes in between', () => {
  const backlog = new Backlog(1_000_000);
  const taken: (number | undefined)[] = [];
  let added = 0;
  for (const [adding, takes, bytes] of [
    [3, 1, 300],
    [0, 5, 1],
    [100, 9, 1_400],
    [50, 1, 1],
    [1, 60, 2_000],
  ] as const) {
    for (let time = 0; time < adding; time += 1) backlog.add(numbered(added++));
    for (let time = 0; time < takes; time += 1) taken.push(...backlog.take(bytes).map((frame) => frame[0]));
  }
  expect(taken).toEqual(Array.from({ length: 154 }, (_, index) => index));
  expect([backlog.empty, backlog.take(100)]).toEqual([true, []]);
});

test('no more is taken than asked for, but always one', () => {
  const backlog = new Backlog(1_000_000);
  for (let time = 0; time < 4; time += 1) backlog.add(new Uint8Array(1_000));
  expect(backlog.take(1)).toHaveLength(1);
  expect(backlog.take(2 * (1_000 + 128))).toHaveLength(2);
  expect(backlog.take(2 * (1_000 + 128))).toHaveLength(1);
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
  expect(backlog.take(4 * (1_000 + 128))).toHaveLength(4);
  expect(fill()).toBe(4);
  expect(backlog.clear()).toBe(10);
  expect([backlog.take(1), fill()]).toEqual([[], 10]);
});

test('where nothing waits there is room for one, however large', () => {
  const backlog = new Backlog(0);
  expect([backlog.add(new Uint8Array(5_000)), backlog.add(new Uint8Array(1))]).toEqual([true, false]);
  backlog.take(1);
  expect(backlog.add(new Uint8Array(5_000))).toBe(true);
});
