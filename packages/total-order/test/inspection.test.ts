import { expect, test } from 'vitest';
import { inspection, placeOf } from '../src/inspection.js';
import { Group } from './fixtures/group.js';
import type { Interior } from './fixtures/interior.js';

const idle = (group: Group) => group.replicas.map((replica) => inspection.idle(replica));

test('a member is idle when it waits for nothing', () => {
  const group = new Group();
  expect(idle(group)).toEqual([true, true, true]);
  group.write(0, 'a');
  expect(idle(group)).toEqual([false, true, true]);
  group.deliver(0, 1);
  expect(idle(group)).toEqual([false, false, true]);
  group.settle();
  expect(idle(group)).toEqual([true, true, true]);
});

test('a member that keeps an operation which has ended is not idle', () => {
  const group = new Group();
  const { operations } = group.at(1) as unknown as Interior;
  operations.set(1, [1]);
  expect(idle(group)).toEqual([true, false, true]);
});

test('a member with a batch that has not left is not idle', () => {
  const group = new Group();
  group.at(2).drafts.push({ number: 1, group: 7, commands: [], operations: [], bytes: 0, batch: undefined });
  expect(idle(group)).toEqual([true, true, false]);
});

test('a version tells the place of a write', () => {
  expect(placeOf(3 * 32 + 2)).toEqual([3, 2, 0]);
  expect(placeOf(`${3 * 32 + 2}.127`)).toEqual([3, 2, 127]);
  expect(placeOf('')).toBe(undefined);
});
