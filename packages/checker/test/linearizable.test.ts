import { describe, expect, test } from 'vitest';
import { Budget } from '../src/budget.js';
import { checkLinearizable, History, type Operation, parseHistory } from '../src/index.js';
import { registersOf } from '../src/register.js';
import { searchLinearization } from '../src/search.js';
import { findConflict, hasZones } from '../src/zones.js';
import { cas, read, remove, write } from './story.js';

function verdictOf(...operations: Operation[]): string {
  return checkLinearizable(operations).verdict;
}

/** The verdicts of both checkers, so that neither hides behind the other. */
function bothVerdicts(...operations: Operation[]): string[] {
  const [only] = registersOf(History.of(operations));
  if (only === undefined) throw new Error('no operations');
  const { register } = only;
  expect(hasZones(register)).toBe(true);
  const zones = findConflict(register) === undefined ? 'legal' : 'illegal';
  return [zones, searchLinearization(register, new Budget(1e6, () => false))];
}

const legal = ['legal', 'legal'];
const illegal = ['illegal', 'illegal'];

describe('a register', () => {
  test('holds absent at first', () => {
    expect(verdictOf(read('a', undefined, [0, 1]))).toBe('legal');
    expect(verdictOf(read('a', 1, [0, 1]))).toBe('illegal');
  });

  test('shows the last value written', () => {
    const writes = [write('a', 1, [0, 1]), write('a', 2, [2, 3])];
    expect(bothVerdicts(...writes, read('b', 2, [4, 5]))).toEqual(legal);
    expect(bothVerdicts(...writes, read('b', 1, [4, 5]))).toEqual(illegal);
    expect(bothVerdicts(...writes, read('b', undefined, [4, 5]))).toEqual(illegal);
  });

  test('may take a write at any moment of it', () => {
    const slow = write('a', 1, [0, 10]);
    expect(bothVerdicts(slow, read('b', 1, [1, 2]), read('b', 1, [3, 4]))).toEqual(legal);
    expect(bothVerdicts(slow, read('b', undefined, [1, 2]), read('b', 1, [3, 4]))).toEqual(legal);
  });

  test('never goes back: a new value read, then the old one', () => {
    expect(bothVerdicts(write('a', 1, [0, 10]), read('b', 1, [1, 2]), read('c', undefined, [3, 4]))).toEqual(
      illegal,
    );
  });

  test('is not read before it is written', () => {
    expect(bothVerdicts(read('b', 1, [0, 1]), write('a', 1, [2, 3]))).toEqual(illegal);
    expect(bothVerdicts(read('b', 1, [0, 2]), write('a', 1, [2, 3]))).toEqual(legal);
  });

  test('forgets when it is deleted', () => {
    const story = [write('a', 1, [0, 1]), remove('a', [2, 3])];
    expect(verdictOf(...story, read('b', undefined, [4, 5]))).toBe('legal');
    expect(verdictOf(...story, read('b', 1, [4, 5]))).toBe('illegal');
    expect(verdictOf(...story, read('b', 1, [3, 5]))).toBe('legal');
  });

  test('may be deleted, absent, several times', () => {
    const story = [
      remove('a', [0, 1]),
      write('a', 1, [2, 3]),
      remove('a', [4, 5]),
      read('a', undefined, [6, 7]),
    ];
    expect(
      verdictOf(...story, write('a', 2, [8, 9]), remove('a', [10, 11]), read('a', undefined, [12, 13])),
    ).toBe('legal');
    expect(verdictOf(...story, write('a', 2, [8, 9]), read('a', undefined, [12, 13]))).toBe('illegal');
  });

  test('may hold one value twice', () => {
    const story = [write('a', 1, [0, 1]), write('a', 2, [2, 3]), write('a', 1, [4, 5])];
    expect(verdictOf(...story, read('b', 1, [6, 7]))).toBe('legal');
    expect(verdictOf(...story, read('b', 2, [6, 7]))).toBe('illegal');
  });
});

describe('a cas', () => {
  test('that was ok found what it expected', () => {
    expect(verdictOf(cas('a', undefined, 1, true, [0, 1]), cas('b', 1, 2, true, [2, 3]))).toBe('legal');
    expect(verdictOf(cas('a', undefined, 1, true, [0, 1]), cas('b', undefined, 2, true, [2, 3]))).toBe(
      'illegal',
    );
  });

  test('that was not ok found something else, and changed nothing', () => {
    const story = [write('a', 1, [0, 1]), cas('b', 7, 2, false, [2, 3])];
    expect(verdictOf(...story, read('a', 1, [4, 5]))).toBe('legal');
    expect(verdictOf(...story, read('a', 2, [4, 5]))).toBe('illegal');
    expect(verdictOf(write('a', 1, [0, 1]), cas('b', 1, 2, false, [2, 3]))).toBe('illegal');
  });

  test('may write absent', () => {
    const story = [write('a', 1, [0, 1]), cas('b', 1, undefined, true, [2, 3])];
    expect(verdictOf(...story, read('a', undefined, [4, 5]))).toBe('legal');
    expect(verdictOf(...story, read('a', 1, [4, 5]))).toBe('illegal');
  });

  test('takes a value once: two cannot both replace it', () => {
    const first = write('a', 1, [0, 1]);
    expect(verdictOf(first, cas('a', 1, 2, true, [2, 9]), cas('b', 1, 3, true, [2, 9]))).toBe('illegal');
    expect(verdictOf(first, cas('a', 1, 2, true, [2, 9]), cas('b', 1, 3, false, [2, 9]))).toBe('legal');
  });

  test('of unknown outcome may have happened or not, late or soon', () => {
    const story = [write('a', 1, [0, 1]), cas('b', 1, 2, undefined, [2, null])];
    expect(verdictOf(...story, read('a', 1, [4, 5]))).toBe('legal');
    expect(verdictOf(...story, read('a', 2, [4, 5]))).toBe('legal');
    expect(verdictOf(...story, read('a', 1, [4, 5]), read('a', 2, [6, 7]))).toBe('legal');
    expect(verdictOf(...story, read('a', 2, [4, 5]), read('a', 1, [6, 7]))).toBe('illegal');
  });

  test('of unknown outcome whose value was read had met what it expected', () => {
    expect(verdictOf(cas('b', 1, 2, undefined, [2, null]), read('a', 2, [4, 5]))).toBe('illegal');
    const late = write('c', 1, [3, null]);
    expect(verdictOf(cas('b', 1, 2, undefined, [2, null]), read('a', 2, [4, 5]), late)).toBe('legal');
  });
});

describe('an operation of unknown outcome', () => {
  test('is not taken for failed: its value may be read, also much later', () => {
    const story = [write('a', 1, [0, 1]), write('b', 2, [2, null])];
    expect(verdictOf(...story, read('a', 1, [4, 5]), read('a', 2, [100, 101]))).toBe('legal');
  });

  test('may never have happened', () => {
    expect(verdictOf(write('a', 1, [0, 1]), write('b', 2, [2, null]), read('a', 1, [4, 5]))).toBe('legal');
  });

  test('happens once', () => {
    const story = [
      write('a', 1, [0, 1]),
      write('b', 2, [2, null]),
      read('a', 2, [3, 4]),
      write('a', 3, [5, 6]),
    ];
    expect(verdictOf(...story, read('a', 3, [7, 8]))).toBe('legal');
    expect(verdictOf(...story, read('a', 2, [7, 8]))).toBe('illegal');
  });

  test('does not happen before it starts', () => {
    expect(verdictOf(read('a', 2, [0, 1]), write('b', 2, [2, null]))).toBe('illegal');
  });

  test('that is a delete may explain absent', () => {
    const story = [write('a', 1, [0, 1]), remove('b', [2, null])];
    expect(verdictOf(...story, read('a', undefined, [4, 5]))).toBe('legal');
    expect(verdictOf(...story, read('a', undefined, [4, 5]), read('a', 1, [6, 7]))).toBe('illegal');
  });

  test('that is a read says nothing', () => {
    const story = [write('a', 1, [0, 1]), read('b', 1, [4, 5])];
    expect(verdictOf(...story, { ...read('c', 9, [2, null]) })).toBe('legal');
  });

  test('may be what makes a cas fail, though nobody read it', () => {
    const refused = cas('a', 1, 3, false, [4, 5]);
    expect(verdictOf(write('a', 1, [0, 1]), refused)).toBe('illegal');
    expect(verdictOf(write('a', 1, [0, 1]), write('b', 2, [2, null]), refused)).toBe('legal');
  });
});

describe('ties', () => {
  test('a response and an invocation at the same moment are concurrent', () => {
    expect(bothVerdicts(write('a', 1, [0, 1]), write('b', 2, [1, 2]), read('c', 1, [3, 4]))).toEqual(legal);
    expect(bothVerdicts(write('a', 1, [0, 1]), write('b', 2, [2, 3]), read('c', 1, [4, 5]))).toEqual(illegal);
    expect(bothVerdicts(write('a', 1, [5, 5]), read('b', undefined, [5, 5]))).toEqual(legal);
  });

  test('zones that touch do not overlap, nor contain', () => {
    const forward = [write('a', 1, [0, 1]), read('a', 1, [5, 6])];
    expect(bothVerdicts(...forward, write('b', 2, [1, 5]))).toEqual(legal);
    expect(bothVerdicts(...forward, write('b', 2, [1, 4]))).toEqual(legal);
    expect(bothVerdicts(...forward, write('b', 2, [2, 5]))).toEqual(legal);
    expect(bothVerdicts(...forward, write('b', 2, [2, 4]))).toEqual(illegal);
    expect(bothVerdicts(...forward, write('b', 2, [2, 4]), read('b', 2, [5, 7]))).toEqual(illegal);
    expect(
      bothVerdicts(write('a', 1, [0, 1]), read('a', 1, [3, 4]), write('b', 2, [0, 3]), read('b', 2, [5, 6])),
    ).toEqual(legal);
  });
});

describe('zones', () => {
  test('two forward zones that overlap', () => {
    const story = [write('a', 1, [0, 1]), write('b', 2, [0, 2]), read('a', 1, [3, 4]), read('b', 2, [3, 4])];
    expect(bothVerdicts(...story)).toEqual(illegal);
  });

  test('a backward zone inside a forward one: a write between a write and its read', () => {
    const forward = [write('a', 1, [0, 1]), read('a', 1, [8, 9])];
    expect(bothVerdicts(...forward, write('b', 2, [3, 6]), read('c', 2, [4, 5]))).toEqual(illegal);
    expect(bothVerdicts(...forward, write('b', 2, [3, 6]))).toEqual(illegal);
  });

  test('the second of several forward zones contains the backward one', () => {
    const story = [
      write('a', 1, [0, 1]),
      read('a', 1, [2, 3]),
      write('a', 2, [4, 5]),
      read('a', 2, [20, 21]),
    ];
    expect(bothVerdicts(...story, write('b', 3, [6, 7]))).toEqual(illegal);
    expect(bothVerdicts(...story, write('b', 3, [3, 7]))).toEqual(legal);
  });

  test('are not used where a value that was read is ambiguous, where there is a cas, or an undecided outcome', () => {
    const zonesOf = (...operations: Operation[]): boolean => {
      const [only] = registersOf(History.of(operations));
      return only !== undefined && hasZones(only.register);
    };
    const twice = [write('a', 1, [0, 1]), write('a', 1, [2, 3])];
    expect(zonesOf(...twice)).toBe(true);
    expect(zonesOf(...twice, read('a', 1, [4, 5]))).toBe(false);
    expect(zonesOf(remove('a', [0, 1]), remove('a', [2, 3]), read('a', 1, [4, 5]))).toBe(true);
    expect(zonesOf(remove('a', [0, 1]), read('a', undefined, [4, 5]))).toBe(false);
    expect(zonesOf(cas('a', 1, 2, false, [0, 1]))).toBe(false);
    expect(zonesOf(write('a', 1, [0, null]))).toBe(false);
  });
});

describe('a report', () => {
  const on = (key: string, operation: Operation): Operation => ({ ...operation, key });

  test('counts keys and operations, and judges each key alone', () => {
    const story = [write('a', 1, [0, 1]), on('y', read('a', undefined, [2, 3])), read('b', 1, [4, 5])];
    expect(checkLinearizable(story)).toEqual({
      model: 'linearizable',
      verdict: 'legal',
      checkedOperations: 3,
      keys: 2,
    });
  });

  test('that an empty history passes is never made', () => {
    for (const empty of [[], parseHistory(''), parseHistory('\n\n')]) {
      const report = checkLinearizable(empty);
      expect(report).toMatchObject({
        verdict: 'unknown',
        checkedOperations: 0,
        keys: 0,
        reason: 'the history is empty',
      });
    }
  });

  test('that a history in which nothing finished passes is never made', () => {
    const report = checkLinearizable([write('a', 1, [0, null]), read('b', undefined, [0, null])]);
    expect(report).toMatchObject({ verdict: 'unknown', reason: 'no operation has a known outcome' });
  });

  /** Twelve concurrent writes of two values, and two reads that no order explains. */
  const hard = [
    ...Array.from({ length: 12 }, (_, client) => write(`w${client}`, client % 6, [client, 100 + client])),
    read('a', 0, [200, 201]),
    read('a', 1, [202, 203]),
  ];

  test('does not count running out of steps, or of time, as a pass', () => {
    expect(checkLinearizable(hard).verdict).toBe('illegal');
    const steps = checkLinearizable(hard, { stepsMax: 20 });
    expect(steps).toMatchObject({ verdict: 'unknown', checkedOperations: 0 });
    expect(steps.reason).toContain('after 20 steps');
    expect(steps).not.toHaveProperty('counterexample');
    const time = checkLinearizable(hard, { deadline: () => true });
    expect(time).toMatchObject({ verdict: 'unknown', checkedOperations: 0 });
    expect(time.reason).toContain('deadline');
  });

  test('asks for the deadline while it searches', () => {
    let asked = 0;
    const wide = [
      ...Array.from({ length: 40 }, (_, client) => write(`w${client}`, client % 20, [client, 100 + client])),
      read('a', 0, [200, 201]),
      read('a', 1, [202, 203]),
    ];
    const report = checkLinearizable(wide, { deadline: () => ++asked > 10 });
    expect(report).toMatchObject({ verdict: 'unknown', checkedOperations: 0 });
    expect(report.reason).toContain('deadline');
  });

  test('is illegal if one key is, whatever is unknown about the others', () => {
    const wrong = on('y', read('a', 1, [0, 1]));
    const report = checkLinearizable([...hard, wrong], { stepsMax: 20 });
    expect(report).toMatchObject({ verdict: 'illegal', checkedOperations: 1, keys: 2 });
    expect(report.counterexample).toMatchObject({ key: 'y', legalPrefix: 0, operations: [{ value: 1 }] });
    expect(
      checkLinearizable([...hard, on('y', read('a', undefined, [0, 1]))], { stepsMax: 20 }).verdict,
    ).toBe('unknown');
  });

  test('explains what is illegal with the few operations that matter', () => {
    const noise = Array.from({ length: 40 }, (_, number) =>
      write('n', 100 + number, [number * 10, number * 10 + 1]),
    );
    const story = [...noise, write('a', 1, [410, 411]), write('b', 2, [412, 413]), read('c', 1, [414, 415])];
    const { counterexample } = checkLinearizable([...story, read('d', 2, [500, 501])]);
    expect(counterexample?.operations).toEqual([story[40], story[41], story[42]]);
    expect(counterexample?.legalPrefix).toBe(42);
  });

  test('keeps the write of a stale value in the counter-example, also when values repeat', () => {
    const story = [write('a', 1, [0, 1]), write('a', 1, [2, 3]), write('a', 2, [4, 5]), read('a', 1, [6, 7])];
    const { counterexample, reason } = checkLinearizable(story);
    expect(counterexample?.operations.map(({ op, value }) => `${op} ${value}`)).toEqual([
      'write 1',
      'write 2',
      'read 1',
    ]);
    expect(reason).toBe('key "x": a value was replaced and came back without being written again');
  });

  test('blames an operation whose outcome was inferred from one that is not at fault', () => {
    const story = [
      write('u', 1, [0, null]),
      read('a', 1, [1, 2]),
      write('b', 2, [3, 4]),
      read('a', 1, [5, 6]),
      read('a', 2, [7, 8]),
    ];
    const { counterexample } = checkLinearizable(story);
    expect(counterexample?.operations).toEqual([story[0], story[1], story[2], story[3]]);
  });
});
