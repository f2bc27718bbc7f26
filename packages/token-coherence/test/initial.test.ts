import { DsmError, encodeValue, memoryNetwork, types } from '@dsm/core';
import { expect, test } from 'vitest';
import { join, tokenCoherence } from '../src/index.js';
import { initialOf, summaryOf } from '../src/initial.js';

test('initial values are encoded; what is undefined is left out', () => {
  const initial = initialOf({ count: 1, name: 'x', nothing: undefined });
  expect([...initial]).toEqual([
    ['count', encodeValue(1, 100)],
    ['name', encodeValue('x', 100)],
  ]);
  expect(initialOf(undefined).size).toBe(0);
});

test.each([
  [null, 'DSM_INVALID_OPTION'],
  [['x'], 'DSM_INVALID_OPTION'],
  ['x', 'DSM_INVALID_OPTION'],
  [{ '': 1 }, 'DSM_INVALID_OPTION'],
  [{ 'user:*': 1 }, 'DSM_INVALID_OPTION'],
  [{ x: () => 1 }, 'DSM_INVALID_VALUE'],
] as const)('%j is refused with %s', (initial, code) => {
  expect(() => tokenCoherence({ initial: initial as never })).toThrowError(expect.objectContaining({ code }));
});

test('other ways to write are refused', () => {
  expect(() => tokenCoherence({ writes: 'invalidate' as never })).toThrowError(DsmError);
  expect(tokenCoherence({ writes: undefined }).options).toEqual({ writes: 'update', initial: {} });
});

test('a summary tells equal values from others, long ones too', () => {
  const summary = (value: unknown) => summaryOf(initialOf({ x: value })).x;
  const long = 'long '.repeat(100);
  const all = [1, 2, 'a', long, `${long}.`, long.replace('g', 'h')].map(summary);
  expect(new Set(all).size).toBe(all.length);
  expect(summary(long)).toBe(summary(long));
  for (const text of all) expect(text?.length).toBeLessThan(70);
});

test('members with other initial values do not meet', async () => {
  const members = { a: 'memory:a', b: 'memory:b' };
  const transport = memoryNetwork();
  const joining = [1, 2].map((count, slot) =>
    join(tokenCoherence({ initial: { count } }), { id: slot === 0 ? 'a' : 'b', members, transport }),
  );
  const errors = await Promise.all(
    joining.map((join) =>
      join.then(
        () => undefined,
        (error) => error,
      ),
    ),
  );
  for (const error of errors) expect(DsmError.is(error, 'DSM_PEER_MISMATCH')).toBe(true);
});

test('every member reads them, and the schema knows them', async () => {
  const members = { a: 'memory:a', b: 'memory:b', c: 'memory:c' };
  const transport = memoryNetwork();
  const schema = types<{ count: number; names: string[] }>();
  const protocol = tokenCoherence({ initial: { count: 1, names: ['x'] } });
  const group = await Promise.all(
    ['a', 'b', 'c'].map((id) => join(protocol, { id, members, transport, schema })),
  );
  for (const member of group) {
    expect((await member.keys()).toSorted()).toEqual(['count', 'names']);
    expect(await member.read('count')).toBe(1);
    expect(await member.read('names')).toEqual(['x']);
  }
  await Promise.all(group.map((member) => member.close()));
});
