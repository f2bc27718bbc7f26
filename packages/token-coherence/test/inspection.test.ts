import { expect, test } from 'vitest';
import { inspection } from '../src/inspection.js';
import { Group } from './fixtures/group.js';

const idle = (group: Group) => group.replicas.map((replica) => inspection.idle(replica));

test('a member is idle when it waits for nothing and remembers no request', () => {
  const group = new Group();
  expect(idle(group)).toEqual([true, true, true]);
  group.write(1, 'a');
  expect(idle(group)).toEqual([true, false, true]);
  group.deliver(1, 2);
  expect(idle(group)).toEqual([true, false, false]);
  group.settle();
  expect(idle(group)).toEqual([true, true, true]);
});

test('of a key at which nothing is under way nothing is kept but what it is', () => {
  const group = new Group();
  group.write(1, 'a');
  for (const at of [0, 2]) group.read(at);
  expect(group.holding(1).quiet).toBe(false);
  group.settle();
  expect([0, 1, 2].map((at) => group.holding(at).quiet)).toEqual([true, true, true]);
});

test('a member that keeps what has ended is not idle', () => {
  for (const spoil of [
    (group: Group) => group.holding(0).underWay.reads.push(1),
    (group: Group) =>
      group.holding(0).underWay.commands.push({ operation: 1, value: null, expected: undefined }),
    (group: Group) => {
      group.holding(0).underWay.prepared = { value: null, version: 1 };
    },
    (group: Group) => {
      const outcome = { entry: group.holding(0).entry, ends: [] };
      group.holding(0).underWay.round = { outcome, time: 0, votes: 0 };
    },
  ]) {
    const group = new Group();
    group.read(0);
    expect(idle(group)).toEqual([true, true, true]);
    spoil(group);
    expect(idle(group)).toEqual([false, true, true]);
  }
});
