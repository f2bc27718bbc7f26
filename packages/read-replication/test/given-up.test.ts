import { expect, test } from 'vitest';
import type { ReadReplicationOptions } from '../src/index.js';
import { found, Group } from './fixtures/group.js';

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

test('a member knows of a key that it has created, while it waits for another answer', () => {
  const group = new Group();
  group.write(1, 'one');
  group.write(1, 'two');
  group.deliver(1, 0);
  group.deliver(0, 1);
  expect([...group.at(1).keys()]).toEqual(['x']);
});
