import { expect, test } from 'vitest';
import { inspection } from '../src/inspection.js';
import { ReadReplicationReplica } from '../src/replica.js';
import { Group } from './fixtures/group.js';
import { settingsOf } from './fixtures/subject.js';

const idle = (group: Group) => group.replicas.map((replica) => inspection.idle(replica));

test('a member is idle when it waits for nothing, and serves nothing', () => {
  const group = new Group();
  expect(idle(group)).toEqual([true, true, true]);
  group.read(1);
  expect(idle(group)).toEqual([true, false, true]);
  group.settle();
  group.write(2, 'a');
  group.deliver(2, 0);
  expect(idle(group)).toEqual([false, true, false]);
  group.settle();
  expect(idle(group)).toEqual([true, true, true]);
});

test('a member that waits for write access is not idle; one that has it is, and what waits for that is not', () => {
  const group = new Group();
  group.acquire(1);
  expect(idle(group)).toEqual([true, false, true]);
  group.settle();
  expect(idle(group)).toEqual([true, true, true]);
  group.write(2, 'a');
  group.settle();
  expect(idle(group)).toEqual([false, true, false]);
});

test('a home that keeps a record of nothing is not idle', () => {
  const group = new Group();
  group.write(0, 'a');
  const { records } = group.at(0).home;
  const record = records.get('x');
  group.write(0, undefined);
  expect(idle(group)).toEqual([true, true, true]);
  if (record !== undefined) records.set('x', record);
  expect(idle(group)).toEqual([false, true, true]);
});

test('a member that has not entered the view is idle, and breaks nothing', () => {
  const replica = new ReadReplicationReplica(0, settingsOf());
  expect(inspection.idle(replica)).toBe(true);
  const sight = { replicas: [replica], crashed: 0, keys: ['x'], flights: () => [] };
  expect(inspection.inspector().fault(sight)).toBe(undefined);
});
