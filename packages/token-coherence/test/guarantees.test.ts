import { expect, expectTypeOf, test } from 'vitest';
import { tokenCoherence } from '../src/index.js';

test('the guarantees follow the way to write, in the type as well', () => {
  const [updating, migrating] = [
    tokenCoherence({ initial: { count: 1 } }).guarantees,
    tokenCoherence({ writes: 'migrate' }).guarantees,
  ];
  expectTypeOf(updating.survives).toEqualTypeOf<'minority'>();
  expectTypeOf(updating.writes).toEqualTypeOf<'all'>();
  expectTypeOf(migrating.survives).toEqualTypeOf<'none'>();
  expectTypeOf(migrating.writes).toEqualTypeOf<'all'>();
  expectTypeOf(migrating.compareAndSwap).toEqualTypeOf<true>();
  expect(updating).toEqual({
    consistency: 'linearizable',
    compareAndSwap: true,
    reads: 'cached',
    writes: 'all',
    survives: 'minority',
    onPartition: 'minority-stops',
  });
  expect(migrating).toEqual({ ...updating, survives: 'none' });
});

test('every member has to answer', () => {
  expect([1, 2, 5].map((size) => tokenCoherence().answersNeeded(size))).toEqual([1, 2, 5]);
});
