import { describe, expect, it } from 'vitest';
import { historyOf } from '../src/history.js';
import { type Columns, kindCode, outcomeCode } from '../src/load/columns.js';
import { Recorder } from '../src/load/recorder.js';
import { absent } from '../src/load/values.js';
import { judge } from '../src/verdict.js';

type Line = [kind: keyof typeof kindCode, value: number, start: number, end: number, ...rest: Extra];
type Extra = [outcome?: keyof typeof outcomeCode, expected?: number, measured?: boolean];

/** What one member recorded about key 7, client 1. */
function sample(...lines: Line[]): Columns {
  const recorder = new Recorder();
  for (const [kind, value, start, end, outcome = 'ok', expected = absent, measured = true] of lines) {
    recorder.add(kindCode[kind], outcomeCode[outcome], measured, 1, 7, value, expected, start, end);
  }
  return recorder.sample(0);
}

const nameOf = (key: number): string => `k${key}`;
const infinity = Number.POSITIVE_INFINITY;

describe('historyOf', () => {
  it('gives the operations of all members, each client another number', () => {
    const one = sample(
      ['write', 4, 0, 1],
      ['read', absent, 2, 3],
      ['delete', absent, 4, infinity, 'unknown'],
    );
    const other = sample(['cas', 5, 6, 7, 'unequal', 4], ['cas', 6, 8, infinity, 'unknown']);
    expect([...historyOf([one, other], nameOf)]).toEqual([
      { client: 32, op: 'write', key: 'k7', value: 4, start: 0, end: 1 },
      { client: 32, op: 'read', key: 'k7', start: 2, end: 3 },
      { client: 32, op: 'delete', key: 'k7', start: 4, end: null },
      { client: 33, op: 'cas', key: 'k7', value: 5, expected: 4, ok: false, start: 6, end: 7 },
      { client: 33, op: 'cas', key: 'k7', value: 6, start: 8, end: null },
    ]);
  });
});

describe('judge', () => {
  it('counts the measured operations of a legal history', () => {
    const writes = sample(['write', 1, 0, 1, 'ok', absent, false], ['write', 2, 2, 3]);
    const reads = sample(['read', 2, 4, 5], ['read', 2, 6, 7]);
    expect(judge([writes, reads], 'linearizable', nameOf)).toMatchObject({
      verdict: 'legal',
      checkedOperations: 3,
    });
  });

  it('finds a stale read of another member, and says where', () => {
    const found = judge(
      [sample(['write', 1, 0, 1], ['write', 2, 2, 3]), sample(['read', 1, 4, 5])],
      'linearizable',
      nameOf,
    );
    expect(found.verdict).toBe('illegal');
    expect(found.reason).toMatch(/key "k7": /);
  });

  it('lets a write of unknown outcome happen, or not', () => {
    const unknown: Line = ['write', 2, 2, infinity, 'unknown'];
    for (const read of [1, 2]) {
      expect(
        judge([sample(['write', 1, 0, 1], unknown), sample(['read', read, 4, 5])], 'linearizable', nameOf),
      ).toMatchObject({
        verdict: 'legal',
      });
    }
  });

  it('judges sequential histories by the order of the writes, where it is known', () => {
    const verdictOf = (firstPlace: number, secondPlace: number) => {
      const writes = new Recorder();
      const { write, read } = kindCode;
      writes.add(write, outcomeCode.ok, true, 1, 7, 1, absent, 0, 1, firstPlace);
      writes.add(write, outcomeCode.ok, true, 2, 7, 2, absent, 0, 1, secondPlace);
      const reads = new Recorder();
      for (const value of [1, 2])
        reads.add(read, outcomeCode.ok, true, 1, 7, value, absent, value * 2, value * 2 + 1);
      return judge([writes.sample(0), reads.sample(0)], 'sequential', nameOf).verdict;
    };
    expect([verdictOf(0, 0), verdictOf(1, 2), verdictOf(2, 1)]).toEqual(['legal', 'legal', 'illegal']);
  });

  it('passes nothing that it cannot judge', () => {
    expect(judge([], 'linearizable', nameOf).verdict).toBe('unknown');
    const swap = sample(['write', 1, 0, 1], ['cas', 2, 2, 3, 'ok', 1]);
    expect(judge([swap], 'causal', nameOf).verdict).toBe('unknown');
    expect(judge([sample(['write', 1, 0, 1])], 'none', nameOf).verdict).toBe('unchecked');
  });
});
