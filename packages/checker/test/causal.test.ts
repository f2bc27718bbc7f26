import { describe, expect, test } from 'vitest';
import { type CausalLevel, checkCausal, type Operation } from '../src/index.js';

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

function told(level: CausalLevel, ...sessions: string[]): string {
  const history = sessions.flatMap((words, at) => session(`s${at}`, words));
  const { verdict, pattern } = checkCausal(history, { level });
  return pattern ?? verdict;
}

const both = (...sessions: string[]): string[] => [told('cc', ...sessions), told('ccv', ...sessions)];
const legal = ['legal', 'legal'];

describe('bad patterns', () => {
  test('ThinAirRead: a value that nobody wrote', () => {
    expect(both('x=1', 'x:2')).toEqual(['ThinAirRead', 'ThinAirRead']);
  });

  test('CyclicCO: two sessions that saw each other before they wrote', () => {
    expect(both('x:1 y=1', 'y:1 x=1')).toEqual(['CyclicCO', 'CyclicCO']);
    expect(both('x:1 x=1')).toEqual(['CyclicCO', 'CyclicCO']);
  });

  test('WriteCOInitRead: nothing, although a write came causally before', () => {
    expect(both('x=1 x:-')).toEqual(['WriteCOInitRead', 'WriteCOInitRead']);
    expect(both('x=1 y=1', 'y:1 x:-')).toEqual(['WriteCOInitRead', 'WriteCOInitRead']);
    expect(both('x=1 y=1', 'y:1 z=1', 'z:1 x:-')).toEqual(['WriteCOInitRead', 'WriteCOInitRead']);
    expect(both('x=1 y=1', 'y:- x:-')).toEqual(legal);
  });

  test('WriteCORead: a value that was replaced, lost, found and glad', () => {
    expect(both('x=1 x=2 y=1', 'y:1 x:1')).toEqual(['WriteCORead', 'WriteCORead']);
    expect(both('x=1', 'x:1 x=2 x:1')).toEqual(['WriteCORead', 'WriteCORead']);
    expect(both('x=1 x=2', 'x:2 y=1', 'y:1 x:2')).toEqual(legal);
  });

  test('CyclicCF: two sessions that decide differently between two writes', () => {
    expect(both('x=1 x:2', 'x=2 x:1')).toEqual(['legal', 'CyclicCF']);
    expect(both('x=1', 'x=2', 'x:1 x:2', 'x:2 x:1')).toEqual(['legal', 'CyclicCF']);
    expect(both('x=1 x:2', 'x=2 x:2')).toEqual(legal);
  });

  test('a cycle of conflicts over two keys', () => {
    expect(told('ccv', 'x=1 y=1', 'y=2 x=2', 'x:1 x:2', 'y:2 y:1')).toBe('legal');
    const swapped = ['x=1 y=1', 'y=2 x=2', 'x:2 x:1 z=1', 'y:1 y:2 w=1'];
    expect([told('cc', ...swapped), told('ccv', ...swapped)]).toEqual(['legal', 'CyclicCF']);
  });

  test('what is not sequential may be causal', () => {
    expect(both('x=1 y:-', 'y=1 x:-')).toEqual(legal);
    expect(both('x=1', 'y=1', 'x:1 y:-', 'y:1 x:-')).toEqual(legal);
  });
});

describe('an unknown outcome', () => {
  const unknown = (operation: Operation | undefined): Operation => ({
    ...(operation as Operation),
    end: null,
  });

  test('is not known to the next operations of its session', () => {
    const [write, ...rest] = session('a', 'x=1 x:-');
    expect(checkCausal([unknown(write), ...rest]).verdict).toBe('legal');
    expect(checkCausal([unknown(write), ...rest, ...session('b', 'x:1')]).verdict).toBe('legal');
    expect(checkCausal([unknown(write), ...rest, ...session('b', 'x:1 x:-')]).pattern).toBe(
      'WriteCOInitRead',
    );
  });

  test('that was seen came after what its session did earlier', () => {
    const [first, second] = session('a', 'x=1 y=1');
    const history = [first as Operation, unknown(second), ...session('b', 'y:1 x:-')];
    expect(checkCausal(history).pattern).toBe('WriteCOInitRead');
  });
});

describe('a report', () => {
  test('is convergent by default, and counts', () => {
    const report = checkCausal([...session('a', 'x=1 y=1'), ...session('b', 'x:1')]);
    expect(report).toEqual({
      model: 'causal',
      level: 'ccv',
      verdict: 'legal',
      checkedOperations: 3,
      keys: 2,
    });
  });

  test('names the pattern in its reason and shrinks to it', () => {
    const noise = session('n', 'z=1 z=2 z=3');
    const history = [...noise, ...session('a', 'x=1 z:1 x=2 y=1'), ...session('b', 'z:2 y:1 z:3 x:1')];
    const { reason, counterexample } = checkCausal(history);
    expect(reason).toBe(
      'a value was seen although a write that replaced it came causally before (WriteCORead)',
    );
    expect(counterexample?.operations.map(({ client, op, key }) => `${client} ${op} ${key}`)).toEqual([
      'a write x',
      'a write x',
      'a write y',
      'b read y',
      'b read x',
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
      [...session('a', 'x=1 x=1'), ...session('b', 'x:1')],
      'key "x": a value was read that several operations may have written',
    ],
    [
      'absent was read on a key with deletes',
      [...session('a', 'y=1 x!'), ...session('b', 'x:-')],
      'key "x": a value was read that several operations may have written',
    ],
    [
      'there is a cas',
      session('a', 'x=1').map((write) => ({ ...write, op: 'cas' as const, ok: true })),
      'there is a cas, which has no causal meaning',
    ],
  ])('is no pass when %s', (_name, history, reason) => {
    expect(checkCausal(history)).toMatchObject({ verdict: 'unknown', checkedOperations: 0, reason });
  });

  test('values that were not read may be written twice, and faults elsewhere are found', () => {
    expect(told('ccv', 'x=1 x=1 x=2', 'x:2')).toBe('legal');
    expect(told('ccv', 'x=1 x=1 y=1 y:-', 'x:1')).toBe('WriteCOInitRead');
  });

  test('does not count running out of steps, or of time, as a pass', () => {
    const history = session('a', 'x=1 x:1');
    const short = checkCausal(history, { stepsMax: 1 });
    expect(short).toMatchObject({ verdict: 'unknown', reason: 'undecided after 1 steps' });
    const late = checkCausal(history, { deadline: () => true });
    expect(late).toMatchObject({ verdict: 'unknown', reason: 'undecided at the deadline' });
  });
});
