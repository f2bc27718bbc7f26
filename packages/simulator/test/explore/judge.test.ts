import type { Operation } from '@dsm/checker';
import { encodeValue } from '@dsm/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { historyOf, type Outcome } from '../../src/explore/outcomes.js';
import { planOf } from '../../src/explore/plan.js';
import { type Consistency, judgeHistory, parseScript, UnjudgedError } from '../../src/index.js';
import { primary } from './fixtures/primary.js';

const stale: readonly Operation[] = [
  { client: 0, op: 'write', key: 'x', value: 'a', start: 1, end: 2 },
  { client: 1, op: 'read', key: 'x', start: 3, end: 4 },
];

test('a stale read is not linearizable, and legal where nothing is promised', () => {
  expect(judgeHistory('linearizable', stale)).toMatchObject({
    verdict: 'illegal',
    reason: expect.any(String),
  });
  expect(judgeHistory('linearizable', stale.slice(0, 1)).verdict).toBe('legal');
  expect(judgeHistory('none', stale).verdict).toBe('legal');
});

test('a consistency without a checker is refused by name', () => {
  expect(() => judgeHistory('eventual' as Consistency, stale)).toThrow(UnjudgedError);
  expect(() => judgeHistory('eventual' as Consistency, stale)).toThrow('no checker for eventual histories');
});

/** What happened, one after the other: the invocation of an operation, then its end. */
const order = fc.shuffledSubarray([0, 1, 2, 3, 4, 0, 1, 2, 3, 4], { minLength: 1 });

test('the times of a history say which operations ended before which began, and no more', () => {
  const plan = planOf({ protocol: primary() }, { script: parseScript('w & w & r | r & c') });
  fc.assert(
    fc.property(order, (moments) => {
      const outcomes: (Outcome | undefined)[] = plan.map(() => undefined);
      let ended = 0;
      for (const number of moments) {
        const outcome = outcomes[number];
        if (outcome === undefined) outcomes[number] = { id: 1, before: ended, ended: undefined };
        else {
          outcomes[number] = { ...outcome, ended: { value: null, ok: true } };
          ended |= 1 << number;
        }
      }
      const history = historyOf(plan, outcomes);
      expect(history).toHaveLength(new Set(moments).size);
      for (const { client: first, end } of history) {
        for (const { client: second, start } of history) {
          const precedes = (((outcomes[second as number] as Outcome).before >> (first as number)) & 1) === 1;
          expect(end !== null && end < start).toBe(precedes);
        }
        expect(end === null).toBe(outcomes[first as number]?.ended === undefined);
      }
    }),
    { numRuns: 500, seed: 1 },
  );
});

test('a history has the values that were written, read and compared with', () => {
  const plan = planOf({ protocol: primary() }, { script: parseScript('w c | r & d & c') });
  const value = encodeValue('a', 64);
  const outcome = (ok: boolean) => ({ id: 1, before: 0, ended: { value, ok } });
  const history = historyOf(plan, [outcome(true), outcome(false), outcome(true), outcome(true), undefined]);
  expect(history).toEqual([
    { client: 0, session: 0, op: 'write', key: 'x', value: 'a', start: 1, end: 12 },
    { client: 0, session: 0, op: 'cas', key: 'x', value: 'b', expected: 'a', ok: false, start: 1, end: 12 },
    { client: 1, session: 1, op: 'read', key: 'x', value: 'a', start: 1, end: 12 },
    { client: 2, session: 2, op: 'delete', key: 'x', start: 1, end: 12 },
  ]);
});
