import { DsmError, memoryNetwork } from '@dsm/core';
import { describe, expect, test } from 'vitest';
import { join, totalOrder } from '../src/index.js';
import { Subscriptions } from '../src/subscriptions.js';
import { firstView } from './fixtures/group.js';

const members = (options: Record<string, string[]>, key: string) =>
  new Subscriptions(options, firstView(3)).of(key);

describe('the subscribers of a key', () => {
  test.each([
    ['everybody, where nothing fits', {}, 'x', 0b111],
    ['those that it names', { x: ['m0', 'm2'] }, 'x', 0b101],
    ['those of a pattern that it fits', { 'user:*': ['m1'] }, 'user:7', 0b010],
    ['those of the longest pattern', { '*': ['m0'], 'user:*': ['m1'], 'us*': ['m2'] }, 'user:7', 0b010],
    ['its own before those of a pattern', { 'user:*': ['m1'], 'user:7': ['m2'] }, 'user:7', 0b100],
    ['everybody else, where a pattern does not fit', { 'user:*': ['m1'] }, 'use', 0b111],
    ['nobody, where none of them is in the view', { x: ['elsewhere'] }, 'x', 0],
    ['not those of a name that every object has', { x: ['m0'] }, 'constructor', 0b111],
  ] as const)('are %s', (_, options, key, expected) => {
    expect(members(options as Record<string, never>, key)).toBe(expected);
  });
});

describe('options that cannot be meant', () => {
  test.each([
    [{ reads: 'quorum' }],
    [{ delivery: 'slow' }],
    [{ subscriptions: [] }],
    [{ subscriptions: { x: 'a' } }],
    [{ subscriptions: { x: [] } }],
    [{ subscriptions: { x: ['a', 'a'] } }],
    [{ subscriptions: { x: ['a', 7] } }],
    [{ subscriptions: { '': ['a'] } }],
  ])('%j are refused', (options) => {
    expect(() => totalOrder(options as never)).toThrowError(DsmError);
  });
});

test('a subscriber that is no member is found out when one joins', async () => {
  const seat = { id: 'a', members: { a: 'memory:a' }, transport: memoryNetwork() };
  const joined = join(totalOrder({ subscriptions: { x: ['a'], 'user:*': ['a', 'elsewhere'] } }), seat);
  await expect(joined).rejects.toMatchObject({
    code: 'DSM_INVALID_OPTION',
    message: expect.stringContaining("'elsewhere'"),
  });
  const memory = await join(totalOrder({ subscriptions: { x: ['a'] } }), seat);
  await memory.write('x', 1);
  await memory.close();
});

test('guarantees follow the options', () => {
  const local: 'sequential' = totalOrder().guarantees.consistency;
  const ordered: 'linearizable' = totalOrder({ reads: 'ordered' }).guarantees.consistency;
  expect([local, ordered]).toEqual(['sequential', 'linearizable']);
  expect(totalOrder().guarantees).toMatchObject({ reads: 'local', survives: 'none', compareAndSwap: true });
  expect(totalOrder({ reads: 'ordered' }).guarantees.reads).toBe('ordered');
});

test('what is changed in the options afterwards has no effect', () => {
  const subscribers = ['a'];
  const { options } = totalOrder({ subscriptions: { x: subscribers } });
  subscribers.push('b');
  expect(options).toEqual({ reads: 'local', delivery: 'uniform', subscriptions: { x: ['a'] } });
});

test('only a memory with local reads can be peeked into', async () => {
  const seat = { id: 'a', members: { a: 'memory:a' } };
  const local = await join(totalOrder(), { ...seat, transport: memoryNetwork() });
  const ordered = await join(totalOrder({ reads: 'ordered' }), { ...seat, transport: memoryNetwork() });
  await Promise.all([local.write('x', 1), ordered.write('x', 1)]);
  expect(local.peek('x')).toBe(1);
  // @ts-expect-error: its type has no such method.
  expect(() => ordered.peek('x')).toThrowError(expect.objectContaining({ code: 'DSM_UNSUPPORTED' }));
  await Promise.all([local.close(), ordered.close()]);
});
