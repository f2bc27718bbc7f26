import { describe, expect, test } from 'vitest';
import { checkSessions, type Operation } from '../src/index.js';

let clock = 0;

/** Operations of one session from words like `x=1` (write), `x:1` (read) and `x:-` (nothing was there). */
function session(client: string, words: string): Operation[] {
  return words.split(' ').map((word): Operation => {
    const [key = '', sign, value = ''] = word;
    clock += 2;
    const times = { client, key, start: clock, end: clock + 1 };
    if (sign === '!') return { ...times, op: 'delete' };
    return { ...times, op: sign === '=' ? 'write' : 'read', ...(value !== '-' && { value }) };
  });
}

/** The guarantees broken. Versions are in the order of their values, if that is recorded. */
function brokenIn(recorded: boolean, ...sessions: string[]): readonly string[] | string {
  const history = sessions.flatMap((words, at) => session(`s${at}`, words));
  const ordered = history.map((operation): Operation => {
    if (operation.op === 'read' || !recorded) return operation;
    return { ...operation, order: [Number(operation.value), 0, operation.key.charCodeAt(0)] };
  });
  const { broken, verdict } = checkSessions(ordered);
  return broken ?? verdict;
}

describe('a guarantee that is broken alone', () => {
  test('read your writes', () => {
    expect(brokenIn(true, 'x=2 x:1', 'x=1')).toEqual(['read your writes']);
    expect(brokenIn(true, 'x=1 x:2', 'x=2')).toBe('legal');
    expect(brokenIn(false, 'x=1 x:-')).toEqual(['read your writes']);
  });

  test('monotonic reads', () => {
    expect(brokenIn(true, 'x=1', 'x=2', 'x:2 x:1')).toEqual(['monotonic reads']);
    expect(brokenIn(true, 'x=1', 'x=2', 'x:1 x:2')).toBe('legal');
    expect(brokenIn(false, 'x=1', 'x:1 x:-')).toEqual(['monotonic reads']);
    expect(brokenIn(false, 'x=1', 'x=2', 'x:1 x:2 x:1')).toEqual(['monotonic reads']);
  });

  test('monotonic writes', () => {
    expect(brokenIn(true, 'x=2 x=1')).toEqual(['monotonic writes']);
    expect(brokenIn(true, 'x=1 x=2')).toBe('legal');
  });

  test('writes follow reads', () => {
    expect(brokenIn(true, 'x=2', 'x:2 x=1')).toEqual(['writes follow reads']);
    expect(brokenIn(true, 'x=1', 'x:1 x=2')).toBe('legal');
    expect(brokenIn(false, 'x:1 x=1')).toEqual(['writes follow reads']);
  });
});

describe('without a recorded order', () => {
  test('guarantees that cannot all hold are named together', () => {
    expect(brokenIn(false, 'x=1 x=2', 'x:2 x:1')).toEqual(['monotonic reads', 'monotonic writes']);
    expect(brokenIn(false, 'x=1', 'x:1 x=2', 'x:2 x:1')).toEqual(['monotonic reads', 'writes follow reads']);
    expect(brokenIn(false, 'x=1 x=2 x:1')).toEqual(['monotonic writes', 'read your writes']);
    expect(brokenIn(false, 'x=1 x:2', 'x=2 x:1')).toEqual(['read your writes']);
  });

  test('what no order has to contradict is legal', () => {
    expect(brokenIn(false, 'x=1', 'x=2', 'x:2 x:1')).toBe('legal');
    expect(brokenIn(false, 'x=1', 'x=2', 'x:2 x:1', 'x:1 x:2')).toEqual(['monotonic reads']);
  });

  test('keys are judged one by one', () => {
    expect(brokenIn(false, 'x=1 y=1', 'y:1 x:-')).toBe('legal');
  });

  test('a later read counts although others stand in between', () => {
    expect(brokenIn(true, 'x=1', 'x=2', 'x:2 y:- x:1')).toEqual(['monotonic reads']);
    expect(brokenIn(true, 'x=2 y=1 x:1', 'x=1')).toEqual(['read your writes']);
  });
});

describe('a report', () => {
  test('names sessions by their names', () => {
    const [write, read] = session('a', 'x=1 x:-') as [Operation, Operation];
    expect(checkSessions([write, { ...read, session: 'b' }]).verdict).toBe('legal');
    expect(checkSessions([write, { ...read, client: 'b', session: 'a' }]).verdict).toBe('illegal');
  });

  test('a successful cas reads and writes, a refused one leaves it open', () => {
    const cas = (ok: boolean): Operation => ({
      client: 'c',
      op: 'cas',
      key: 'x',
      expected: '1',
      value: '2',
      ok,
      start: 5000,
      end: 5001,
    });
    expect(checkSessions([...session('a', 'x=1'), cas(true)]).verdict).toBe('legal');
    const back = [...session('a', 'x=1'), cas(true), ...session('b', 'x:2 x:1')];
    expect(checkSessions(back).broken).toEqual(['monotonic reads', 'writes follow reads']);
    expect(checkSessions([...session('a', 'x=1'), cas(false)])).toMatchObject({
      verdict: 'unknown',
      reason: 'key "x": a refused cas does not tell what it saw',
    });
  });

  test('an unknown write comes after what its session did before, and nothing after it', () => {
    const [one, two, read] = session('a', 'x=1 x=2 x:1') as [Operation, Operation, Operation];
    const lost = { ...two, end: null };
    expect(checkSessions([one, lost, read, ...session('b', 'x:2')]).verdict).toBe('legal');
    expect(checkSessions([one, lost, read, ...session('b', 'x:2 x:1')]).broken).toEqual([
      'monotonic reads',
      'monotonic writes',
    ]);
  });

  test.each<[string, Operation[], string]>([
    ['the history is empty', [], 'the history is empty'],
    [
      'nothing finished',
      session('a', 'x=1').map((write) => ({ ...write, end: null })),
      'no operation has a known outcome',
    ],
    [
      'a value that was read was written twice',
      [...session('a', 'x=1'), ...session('b', 'x=1 x:1')],
      'key "x": a value was read that several operations may have written',
    ],
  ])('is no pass when %s', (_name, history, reason) => {
    expect(checkSessions(history)).toMatchObject({ verdict: 'unknown', checkedOperations: 0, reason });
  });

  test('counts, gives its reason, and shrinks', () => {
    expect(checkSessions([...session('a', 'x=1 y=1'), ...session('b', 'x:1')])).toEqual({
      model: 'sessions',
      verdict: 'legal',
      checkedOperations: 3,
      keys: 2,
    });
    const history = [...session('a', 'y=1 x=1 y=2 x=3'), ...session('b', 'y:2 x:1 x:3 y:2 x:-')];
    const { reason, counterexample, checkedOperations } = checkSessions(history);
    expect(reason).toBe('monotonic reads: no order of the versions keeps it');
    expect(counterexample?.operations.map(({ client, op, value }) => `${client} ${op} ${value}`)).toEqual([
      'a write 3',
      'b read 3',
      'b read undefined',
    ]);
    expect(checkedOperations).toBe(9);
  });

  test('does not count running out of steps, or of time, as a pass', () => {
    const history = session('a', 'x=1 x:1');
    const short = checkSessions(history, { stepsMax: 1 });
    expect(short).toMatchObject({ verdict: 'unknown', reason: 'undecided after 1 steps' });
    const late = checkSessions(history, { deadline: () => true });
    expect(late).toMatchObject({ verdict: 'unknown', reason: 'undecided at the deadline' });
  });
});
