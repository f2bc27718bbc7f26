import { describe, expect, test } from 'vitest';
import { checkSequential, HistoryError, type Json, type Operation } from '../src/index.js';

/** Operations of one session in turn, from words like `x=1` (write), `x:1` (read), `x:-` and `x!` (delete). */
function session(client: string, words: string, start = 0): Operation[] {
  return words.split(' ').map((word, at): Operation => {
    const [, key = '', sign, digits] = /^(\w)(.)(.*)$/.exec(word) ?? [];
    const value = digits === '' || digits === '-' ? undefined : (JSON.parse(digits as string) as Json);
    const times = { client, key, start: start + 2 * at, end: start + 2 * at + 1 };
    if (sign === '!') return { ...times, op: 'delete' };
    return { ...times, op: sign === '=' ? 'write' : 'read', ...(value !== undefined && { value }) };
  });
}

function verdictOf(...operations: Operation[]): string {
  return checkSequential(operations).verdict;
}

/** The writes with the places given to them, in the order in which they stand. */
function placed(history: readonly Operation[], ...places: number[]): Operation[] {
  let next = 0;
  return history.map((operation) => {
    if (operation.op === 'read') return operation;
    next += 1;
    return { ...operation, order: [places[next - 1] as number, 0, 0] };
  });
}

function unknown(operation: Operation, name?: string): Operation {
  const { ok: _, ...rest } = operation;
  return { ...rest, end: null, ...(name !== undefined && { session: name }) };
}

describe('one order of everything', () => {
  test('real time does not matter, the order of each session does', () => {
    expect(verdictOf(...session('a', 'x=1'), ...session('b', 'x:-', 100))).toBe('legal');
    expect(verdictOf(...session('a', 'x=1 x:-'))).toBe('illegal');
    expect(verdictOf(...session('a', 'x:1 x=1'))).toBe('illegal');
  });

  test('store buffering: not both may miss what the other wrote before', () => {
    const story = (one: string, other: string): string =>
      verdictOf(...session('a', `x=1 ${one}`), ...session('b', `y=1 ${other}`));
    expect(story('y:-', 'x:-')).toBe('illegal');
    expect(story('y:1', 'x:-')).toBe('legal');
    expect(story('y:1', 'x:1')).toBe('legal');
  });

  test('independent readers see independent writes in one order', () => {
    const writes = [...session('a', 'x=1'), ...session('b', 'y=1')];
    expect(verdictOf(...writes, ...session('c', 'x:1 y:-'), ...session('d', 'y:1 x:-'))).toBe('illegal');
    expect(verdictOf(...writes, ...session('c', 'x:1 y:-'), ...session('d', 'y:1 x:1'))).toBe('legal');
  });

  test('message passing keeps the order of one session', () => {
    expect(verdictOf(...session('a', 'x=1 y=1'), ...session('b', 'y:1 x:-'))).toBe('illegal');
    expect(verdictOf(...session('a', 'x=1 y=1'), ...session('b', 'y:-  x:1'.replace('  ', ' ')))).toBe(
      'legal',
    );
  });

  test('keys are judged together: each alone is legal', () => {
    const history = [...session('a', 'x=1 y:-'), ...session('b', 'y=1 x:-')];
    expect(verdictOf(...history)).toBe('illegal');
    for (const key of ['x', 'y']) {
      expect(verdictOf(...history.filter((operation) => operation.key === key))).toBe('legal');
    }
  });

  test('a delete writes absent', () => {
    expect(verdictOf(...session('a', 'x=1 x! x:-'))).toBe('legal');
    expect(verdictOf(...session('a', 'x=1 x! x:1'))).toBe('illegal');
  });

  test('nobody sees what nobody wrote', () => {
    const { verdict, reason } = checkSequential(session('a', 'x=1 x:2'));
    expect(`${verdict}: ${reason}`).toBe('illegal: a value was seen that was never written');
  });
});

describe('a cas', () => {
  const swap = (
    client: string,
    expected: Json | undefined,
    value: Json,
    ok: boolean,
    start = 0,
  ): Operation => ({
    client,
    op: 'cas',
    key: 'x',
    expected,
    value,
    ok,
    start,
    end: start + 1,
  });

  test('that succeeded saw what it expected and replaced it at once', () => {
    expect(verdictOf(swap('a', undefined, 1, true), swap('b', 1, 2, true))).toBe('legal');
    expect(verdictOf(swap('a', undefined, 1, true), swap('b', undefined, 2, true))).toBe('illegal');
    expect(verdictOf(swap('a', undefined, 1, true), swap('b', undefined, 2, false))).toBe('legal');
  });

  test('that was refused saw something else, and changed nothing', () => {
    expect(verdictOf(swap('a', undefined, 1, false))).toBe('illegal');
    expect(verdictOf(swap('a', 7, 1, false), ...session('b', 'x:1'))).toBe('illegal');
    expect(verdictOf(...session('a', 'x=1'), swap('a', 1, 2, false, 10))).toBe('illegal');
    expect(verdictOf(...session('a', 'x=1'), swap('a', 1, 2, false, 10), ...session('b', 'x=3'))).toBe(
      'legal',
    );
  });

  test('that was refused has a place in a recorded order', () => {
    const first: Operation = {
      client: 'a',
      op: 'write',
      key: 'x',
      value: 1,
      start: 0,
      end: 1,
      order: [1, 0, 0],
    };
    const at = (time: number): string => verdictOf(first, { ...swap('b', 1, 2, false), order: [time, 0, 0] });
    expect(at(0)).toBe('legal');
    expect(at(2)).toBe('illegal');
  });

  test('of unknown outcome may have happened or not', () => {
    const cas = unknown(swap('u', undefined, 1, true));
    expect(verdictOf(cas, ...session('a', 'x:1'))).toBe('legal');
    expect(verdictOf(cas, ...session('a', 'x:-'))).toBe('legal');
    expect(verdictOf(cas, ...session('a', 'x:1 x:-'))).toBe('illegal');
    expect(verdictOf(unknown(swap('u', 7, 1, true)), ...session('a', 'x:1'))).toBe('illegal');
  });
});

describe('an unknown outcome', () => {
  const [write, ...rest] = session('a', 'x=1 x:-') as [Operation, ...Operation[]];

  test('may never have happened, or long after the next operation of its session', () => {
    expect(verdictOf(unknown(write), ...rest)).toBe('legal');
    expect(verdictOf(unknown(write), ...rest, ...session('a', 'x:1', 10))).toBe('legal');
    expect(verdictOf(write, ...rest)).toBe('illegal');
  });

  test('did not happen before what its session did earlier', () => {
    const late = { ...unknown(write, 'b'), start: 100 };
    const earlier = session('b', 'x:1');
    expect(verdictOf(late, ...earlier)).toBe('illegal');
    expect(verdictOf({ ...late, session: 'other' }, ...earlier)).toBe('legal');
  });

  test('of a read says nothing', () => {
    expect(verdictOf(...session('a', 'x=1'), unknown({ ...(rest[0] as Operation), value: 'anything' }))).toBe(
      'legal',
    );
  });
});

describe('sessions', () => {
  test('are clients, unless they are named', () => {
    const [one, other] = session('a', 'x=1 x:-') as [Operation, Operation];
    expect(verdictOf(one, other)).toBe('illegal');
    expect(verdictOf(one, { ...other, session: 's' })).toBe('legal');
    expect(verdictOf({ ...one, client: 'b', session: 's' }, { ...other, session: 's' })).toBe('illegal');
  });

  test('are ordered by starts, then ends, then lines', () => {
    const at = (operation: Operation | undefined, start: number, end: number): Operation =>
      ({ ...operation, start, end }) as Operation;
    const [write, read] = session('a', 'x=1 x:-');
    expect(verdictOf(at(write, 1, 9), at(read, 2, 3))).toBe('illegal');
    expect(verdictOf(at(write, 2, 3), at(read, 1, 9))).toBe('legal');
    expect(verdictOf(at(write, 1, 1), at(read, 1, 2))).toBe('illegal');
    expect(verdictOf(at(write, 1, 2), at(read, 1, 1))).toBe('legal');
    expect(verdictOf(at(write, 1, 1), at(read, 1, 1))).toBe('illegal');
    expect(verdictOf(at(read, 1, 1), at(write, 1, 1))).toBe('legal');
  });
});

describe('a recorded order', () => {
  const writers = [...session('a', 'x=1'), ...session('b', 'x=2')];

  test('is the order of the writes', () => {
    expect(verdictOf(...placed(writers, 1, 2), ...session('c', 'x:1 x:2'))).toBe('legal');
    expect(verdictOf(...placed(writers, 2, 1), ...session('c', 'x:1 x:2'))).toBe('illegal');
    expect(verdictOf(...writers, ...session('c', 'x:1 x:2'))).toBe('legal');
  });

  test('agrees with the sessions', () => {
    expect(verdictOf(...placed(session('a', 'x=1 y=1'), 1, 2))).toBe('legal');
    expect(verdictOf(...placed(session('a', 'x=1 y=1'), 2, 1))).toBe('illegal');
    expect(verdictOf(...placed(writers, 1, 2), ...session('b', 'x:1', 10))).toBe('illegal');
  });

  test('goes by time, then slot, then sequence, and gives each place once', () => {
    const reads = session('c', 'x:1 x:2');
    const ordered = (...orders: [number, number, number][]): string =>
      verdictOf(...writers.map((write, at) => ({ ...write, order: orders[at] })), ...reads);
    expect(ordered([1, 9, 9], [2, 0, 0])).toBe('legal');
    expect(ordered([1, 1, 9], [1, 2, 0])).toBe('legal');
    expect(ordered([1, 1, 1], [1, 1, 2])).toBe('legal');
    expect(ordered([1, 1, 2], [1, 1, 1])).toBe('illegal');
    expect(ordered([1, 1, 1], [1, 1, 1])).toBe('illegal');
  });

  test('also binds when only some of the writes have a place', () => {
    const third = session('d', 'y=1');
    expect(verdictOf(...placed(writers, 2, 1), ...third, ...session('c', 'x:1 x:2 y:1'))).toBe('illegal');
    expect(verdictOf(...placed(writers, 1, 2), ...third, ...session('c', 'x:1 x:2 y:1'))).toBe('legal');
  });
});

describe('a report', () => {
  test.each<[string, Operation[]]>([
    ['the history is empty', []],
    ['no operation has a known outcome', [unknown(session('a', 'x=1')[0] as Operation)]],
  ])('is no pass when %s', (reason, history) => {
    expect(checkSequential(history)).toMatchObject({ verdict: 'unknown', checkedOperations: 0, reason });
  });

  test('does not count running out of steps, or of time, as a pass', () => {
    const history = [...session('a', 'x=1 x=1 y:-'), ...session('b', 'y=1 y=1 x:1')];
    expect(checkSequential(history, { stepsMax: 1 })).toMatchObject({
      verdict: 'unknown',
      checkedOperations: 0,
      reason: 'undecided after 1 steps',
    });
    const late = checkSequential(history, { deadline: () => true });
    expect(late).toMatchObject({ verdict: 'unknown', reason: 'undecided at the deadline' });
    expect(checkSequential(history).verdict).toBe('legal');
  });

  test('counts operations and keys', () => {
    const report = checkSequential([...session('a', 'x=1 y=1'), ...session('b', 'x:1')]);
    expect(report).toEqual({ model: 'sequential', verdict: 'legal', checkedOperations: 3, keys: 2 });
  });

  test('shrinks to what is to blame, in the order of time', () => {
    const noise = session('n', 'z=1 z=2 z=3 z=4 z=5');
    const history = [...noise, ...session('a', 'z:1 x=1 z:2 y:-', 10), ...session('b', 'z:1 y=1 x:-', 11)];
    const { counterexample } = checkSequential(history);
    expect(counterexample?.operations.map(({ client, op, key }) => `${client} ${op} ${key}`)).toEqual([
      'a write x',
      'b write y',
      'b read x',
      'a read y',
    ]);
  });

  test('refuses a malformed operation', () => {
    expect(() => checkSequential([{ ...(session('a', 'x=1')[0] as Operation), start: 0.5 }])).toThrow(
      HistoryError,
    );
  });
});
