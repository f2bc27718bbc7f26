import { expect, test } from 'vitest';
import type { ReadReplicationOptions } from '../src/index.js';
import { found, Group } from './fixtures/group.js';
import { type Memory, memories } from './fixtures/memories.js';

// The home of every key is m0, and there is no backup. Member 1 has as many copies of absence as it may have.

function full(options: ReadReplicationOptions = {}): Group {
  const group = new Group(options);
  for (let n = 0; n < 1_024; n += 1) {
    group.read(1, `absent ${n}`);
    group.settle();
  }
  return group;
}

const isForgotten = (group: Group) => group.sent.some(({ message }) => message.type === 'forget');

/** What member 1 reads after the home has written once more. */
function readAfterWrite(group: Group): string | undefined {
  group.settle();
  group.write(0, 'last', 'absent 0');
  group.settle();
  const read = group.read(1, 'absent 0');
  group.settle();
  return found(read);
}

test('a copy is not given up while a change of it is under way, whose answer brings another one', () => {
  const group = full();
  group.read(1, 'one more');
  group.write(1, 'own', 'absent 0');
  group.drain(1, 0);
  group.deliver(0, 1);
  expect(isForgotten(group)).toBe(false);
  expect(readAfterWrite(group)).toBe('last');
});

test('a copy that was given up does not come back with a value that was on its way', () => {
  const group = full({ policy: 'update' });
  group.read(1, 'one more');
  group.drain(1, 0);
  group.write(0, 'first', 'absent 0');
  group.deliver(0, 1);
  expect(isForgotten(group)).toBe(true);
  expect(readAfterWrite(group)).toBe('last');
});

test('copies that are renewed with absence are given up where they are too many, as others are', () => {
  const group = new Group({ policy: 'update' });
  const keys = Array.from({ length: 1_100 }, (_, n) => `key ${n}`);
  for (const key of keys) {
    group.write(0, 'a', key);
    group.read(1, key);
    group.settle();
  }
  for (const key of keys) {
    group.write(0, undefined, key);
    group.settle();
  }
  expect([[...group.at(1).holdings].length, group.at(0).home.records.size]).toEqual([1_024, 1_024]);
  expect(found(group.read(1, 'key 1099'))).toBe(undefined);
});

test('copies that could not be given up for a while are all given up when they can', () => {
  const group = full();
  group.read(2, 'absent 0');
  group.settle();
  group.write(1, 'own', 'absent 0');
  for (const key of ['one more', 'two more', 'three more']) group.read(1, key);
  // The write waits for the copy of member 2.
  group.settle([2]);
  expect([...group.at(1).holdings]).toHaveLength(1_024 + 3);
  group.settle();
  expect([...group.at(1).holdings].filter(([, { entry }]) => entry.value === null)).toHaveLength(1_024);
});

test('a member knows of a key that it has created, while it waits for another answer', () => {
  const group = new Group();
  group.write(1, 'one');
  group.write(1, 'two');
  group.deliver(1, 0);
  group.deliver(0, 1);
  expect([...group.at(1).keys()]).toEqual(['x']);
});

test.each([
  ['deleted and written', [undefined, 'two'], ['x']],
  ['written and deleted', ['two', undefined], []],
] as const)('a member knows whether a key has a value that it has %s again at once', (_, texts, keys) => {
  const group = new Group();
  if (keys.length > 0) group.write(1, 'one');
  else group.read(1);
  group.settle();
  // The first answer comes while the second change is under way; that of the second finds what was held before both.
  for (const text of texts) group.write(1, text);
  group.deliver(1, 0);
  group.deliver(0, 1);
  group.settle();
  expect(group.replicas.map((replica) => [...replica.keys()])).toEqual([keys, keys, keys]);
});

test('all members list a key that one of them deletes and writes at once', async () => {
  const members = await memories(3, { directory: 'a', replicas: 1 });
  const one = members[2] as Memory;
  await one.write('x', 1);
  await Promise.all([one.delete('x'), one.write('x', 2)]);
  expect(await one.read('x')).toBe(2);
  for (const member of members) await expect.poll(() => member.keys()).toEqual(['x']);
});
