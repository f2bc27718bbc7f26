import { describe, expect, test } from 'vitest';
import { found, Group } from './fixtures/group.js';
import { memories } from './fixtures/memories.js';

// What went wrong in the program that this protocol comes from, one by one.

describe.each([3, 4, 5])('in a group of %i', (size) => {
  test('two concurrent writers both finish', async () => {
    const members = await memories(size);
    for (const one of members) {
      for (const other of members) {
        await Promise.all([one.write('x', one.id), other.write('x', other.id)]);
        expect([one.id, other.id]).toContain(await one.read('x'));
      }
    }
  });

  test('all members write one key at once, and all finish', async () => {
    const members = await memories(size);
    const writes = members.flatMap((member) =>
      Array.from({ length: 50 }, (_, n) => member.write('hot', `${member.id} ${n}`)),
    );
    await Promise.all(writes);
    const values = await Promise.all(members.map((member) => member.read('hot')));
    expect(new Set(values).size).toBe(1);
  });
});

test('a request that arrives during a write is answered afterwards', () => {
  const group = new Group();
  group.read(1);
  group.settle();
  const first = group.write(0, 'first');
  const [write, read, swap] = [group.write(1, 'second'), group.read(2), group.swap(2, 'second', 'third')];
  group.drain(2, 0);
  group.deliver(1, 0);
  expect([first.result, write.result, swap.result, found(read)]).toEqual([
    undefined,
    undefined,
    undefined,
    'waits',
  ]);
  group.settle();
  expect([first.result?.kind, write.result?.kind, swap.result?.kind]).toEqual([
    'written',
    'written',
    'swapped',
  ]);
  expect(found(read)).toBe('first');
});

test('a group of one member works', async () => {
  const [only] = await memories(1);
  await only?.write('x', 1);
  expect(await only?.compareAndSwap('x', 1, 2)).toMatchObject({ ok: true });
  const access = await only?.acquireWrite('x');
  await access?.write(3);
  await access?.release();
  expect(await only?.read('x')).toBe(3);
});

test('what is read is not the live object', async () => {
  const [a, b] = await memories(2);
  const written = { list: [1] };
  await a?.write('x', written);
  written.list.push(2);
  for (const member of [a, b]) {
    const read = (await member?.read('x')) as typeof written;
    expect(read).toEqual({ list: [1] });
    read.list.push(3);
    expect(await member?.read('x')).toEqual({ list: [1] });
  }
});

test('no write is granted before every halt is acknowledged', () => {
  const group = new Group({ size: 4 });
  for (const reader of [1, 2]) group.read(reader);
  group.settle();
  const access = group.acquire(3);
  group.drain(3, 0);
  for (const holder of [1, 2]) {
    expect(access.result).toBe(undefined);
    group.drain(0, holder);
    group.drain(holder, 0);
    group.drain(0, 3);
  }
  expect(access.result?.kind).toBe('answered');
});

test('what was halted is read again when the write is over', () => {
  const group = new Group({ size: 4 });
  for (const reader of [1, 2]) group.read(reader);
  group.settle();
  group.write(3, 'new');
  group.settle();
  const reads = [group.read(1), group.read(2)];
  group.settle();
  expect(reads.map(found)).toEqual(['new', 'new']);
});
