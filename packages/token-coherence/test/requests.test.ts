import { expect, test } from 'vitest';
import { close, find, isOlder, open, overtake, type Request } from '../src/requests.js';

const agesOf = (requests: readonly Request[]) => requests.map(({ time, slot }) => [time, slot]);

test('requests are in the order of their age, however they come', () => {
  const requests: Request[] = [];
  for (const [slot, time] of [
    [2, 7],
    [0, 9],
    [1, 7],
    [3, 2],
  ] as const) {
    open(requests, slot, time, false);
  }
  expect(agesOf(requests)).toEqual([
    [2, 3],
    [7, 1],
    [7, 2],
    [9, 0],
  ]);
  close(requests, 1, 7);
  expect(agesOf(requests)).toEqual([
    [2, 3],
    [7, 2],
    [9, 0],
  ]);
});

test('a request is closed once', () => {
  const requests: Request[] = [];
  open(requests, 1, 5, true);
  expect(() => close(requests, 1, 4)).toThrowError('no request of 1 of time 4');
  expect(() => close(requests, 2, 5)).toThrowError('no request of 2');
  close(requests, 1, 5);
  expect(() => close(requests, 1, 5)).toThrowError('no request of 1');
});

test('a member has a request for reads and one for writes', () => {
  const requests: Request[] = [];
  const reading = open(requests, 1, 5, true);
  const writing = open(requests, 1, 6, false);
  expect(find(requests, 1, true)).toBe(reading);
  expect(find(requests, 1, false)).toBe(writing);
  expect(find(requests, 0, false)).toBe(undefined);
  expect(isOlder(reading, writing)).toBe(true);
  expect(isOlder(writing, reading)).toBe(false);
});

test('serving a request is counted where older ones wait, whatever their order', () => {
  const requests: Request[] = [];
  const [old, served, young] = [3, 5, 7].map((time) => open(requests, 1, time, false)) as [
    Request,
    Request,
    Request,
  ];
  const done = open(requests, 0, 1, true);
  done.served = true;
  overtake(requests.toReversed(), served);
  expect([done, old, served, young].map(({ overtaken }) => overtaken)).toEqual([0, 1, 0, 0]);
  overtake(requests, undefined);
  expect([done, old, served, young].map(({ overtaken }) => overtaken)).toEqual([0, 2, 1, 1]);
});
