import { describe, expect, test } from 'vitest';
import { type Content, checkConvergence, HistoryError, type ReplicaState } from '../src/index.js';
import { Random } from './random.js';

const deep = process.env.DSM_DEEP === '1';

function state(replica: string, content: Record<string, Content>, holds?: string[]): ReplicaState {
  return { replica, content: Object.entries(content), holds };
}

describe('convergence', () => {
  test('is legal when everybody holds the same, compared by structure', () => {
    const one = state('a', { x: { p: 1, q: [null] }, y: 'z' });
    const other = state('b', { y: 'z', x: { q: [null], p: 1 } });
    expect(checkConvergence([one, other])).toEqual({
      model: 'convergence',
      verdict: 'legal',
      checkedKeys: 2,
    });
  });

  test('names the key and the replicas that differ', () => {
    const states = [state('a', { x: 1, y: 1 }), state('b', { x: 1, y: 1 }), state('c', { x: 1, y: 2 })];
    const { verdict, reason, counterexample } = checkConvergence(states);
    expect(verdict).toBe('illegal');
    expect(reason).toBe('key "y": replica a and replica c hold different content');
    expect(counterexample?.held).toEqual([
      { replica: 'a', content: 1 },
      { replica: 'c', content: 2 },
    ]);
  });

  test.each<[string, Content, Content]>([
    ['a number and its text', 1, '1'],
    ['absent and null', undefined, null],
    ['bytes and a list of numbers', Uint8Array.of(1, 2), [1, 2]],
    ['bytes that differ', Uint8Array.of(1, 35), Uint8Array.of(18, 3)],
    ['bytes and more bytes', Uint8Array.of(1), Uint8Array.of(1, 0)],
    ['no bytes and absent', new Uint8Array(), undefined],
    ['a word and absent', 'absent', undefined],
  ])('tells %s apart', (_name, one, other) => {
    expect(checkConvergence([state('a', { x: one }), state('b', { x: other })]).verdict).toBe('illegal');
    expect(checkConvergence([state('a', { x: one }), state('b', { x: one })]).verdict).toBe('legal');
    expect(checkConvergence([state('a', { x: other }), state('b', { x: other })]).verdict).toBe('legal');
  });

  test('a key that one replica lacks differs, whichever comes first', () => {
    expect(checkConvergence([state('a', {}), state('b', { x: 1 })]).verdict).toBe('illegal');
    expect(checkConvergence([state('b', { x: 1 }), state('a', {})]).verdict).toBe('illegal');
    expect(checkConvergence([state('a', { x: undefined }), state('b', {})]).verdict).toBe('legal');
  });

  test('replicas that need not hold a key are not asked', () => {
    const states = [state('a', { x: 1 }), state('b', { x: 2 }, ['y']), state('c', { x: 1 }, ['x', 'y'])];
    expect(checkConvergence(states)).toMatchObject({ verdict: 'legal', checkedKeys: 2 });
    expect(checkConvergence([...states, state('d', {}, ['x'])])).toMatchObject({ verdict: 'illegal' });
  });

  test('is not judged while anything is pending, however equal', () => {
    const states = [state('a', { x: 1 }), state('b', { x: 1 })];
    expect(checkConvergence(states, { pending: 1 })).toMatchObject({
      verdict: 'unknown',
      refusal: 'pending',
    });
    const differing = [state('a', { x: 1 }), state('b', { x: 2 })];
    expect(checkConvergence(differing, { pending: 3 })).toMatchObject({
      verdict: 'unknown',
      checkedKeys: 0,
      reason: '3 operations or messages are pending: replicas may differ',
    });
    expect(checkConvergence(states, { pending: 0 }).verdict).toBe('legal');
  });

  test.each<[string, ReplicaState[]]>([
    ['no replicas', []],
    ['one replica', [state('a', { x: 1 })]],
    ['no keys', [state('a', {}), state('b', {})]],
    ['no key in common', [state('a', { x: 1 }, ['x']), state('b', { y: 1 }, ['y'])]],
  ])('proves nothing with %s', (_name, states) => {
    expect(checkConvergence(states)).toMatchObject({
      verdict: 'unknown',
      refusal: 'nothing to compare',
      checkedKeys: 0,
    });
  });

  test('refuses what it cannot compare', () => {
    const strange = state('a', { x: Number.NaN });
    expect(() => checkConvergence([strange, strange])).toThrow(RangeError);
    expect(() => checkConvergence([strange, state('b', { x: 1 })])).toThrow(HistoryError);
  });
});

/** Pair by pair and key by key, with equality as JSON has it. */
function bruteConverged(
  states: readonly { replica: string; content: Map<string, Content>; holds: string[] }[],
) {
  return states.every((one) =>
    states.every((other) =>
      ['k0', 'k1', 'k2'].every((key) => {
        if (!one.holds.includes(key) || !other.holds.includes(key)) return true;
        return JSON.stringify(one.content.get(key)) === JSON.stringify(other.content.get(key));
      }),
    ),
  );
}

test('agrees with brute force on random replicas', () => {
  const runs = deep ? 63_000 : 9_000;
  const counts = { legal: 0, illegal: 0, unknown: 0 };
  for (let seed = 0; seed < runs; seed += 1) {
    const random = new Random(seed);
    const keys = ['k0', 'k1', 'k2'].slice(0, 1 + random.below(3));
    const agreed = new Map<string, Content>();
    for (const key of keys) agreed.set(key, random.pick<Content>([0, null, 'v', [1], undefined]));
    const states = Array.from({ length: 2 + random.below(3) }, (_, number) => ({
      replica: `r${number}`,
      content: new Map(agreed),
      holds: random.chance(0.5) ? keys : keys.filter(() => random.chance(0.7)),
    }));
    if (random.chance(0.6)) random.pick(states).content.set(random.pick(keys), random.pick([0, 'w', null]));
    if (random.chance(0.2)) random.pick(states).content.delete(random.pick(keys));
    const { verdict, counterexample } = checkConvergence(states);
    const shared = keys.filter((key) => states.filter(({ holds }) => holds.includes(key)).length > 1);
    const expected = bruteConverged(states) ? 'legal' : 'illegal';
    if (verdict !== (shared.length === 0 ? 'unknown' : expected)) expect.fail(`seed ${seed}: ${verdict}`);
    if ((counterexample === undefined) === (verdict === 'illegal')) expect.fail(`seed ${seed}`);
    counts[verdict] += 1;
  }
  expect(counts.legal / runs).toBeGreaterThan(0.3);
  expect(counts.illegal / runs).toBeGreaterThan(0.3);
  expect(counts.unknown / runs).toBeGreaterThan(0.01);
});
