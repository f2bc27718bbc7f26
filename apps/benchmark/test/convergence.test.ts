import { describe, expect, it } from 'vitest';
import { differenceIn, type Held, judgeConvergence, keysIn } from '../src/convergence.js';
import { kindCode, outcomeCode } from '../src/load/columns.js';
import { unreadable } from '../src/load/contents.js';
import { Recorder } from '../src/load/recorder.js';
import { absent } from '../src/load/values.js';

const nameOf = (key: number): string => `k${key}`;
const keys = Float64Array.of(3, 7);
const holding = (...all: number[][]): Held[] =>
  all.map((values, at) => ({ member: 'abc'[at] ?? '', values: Float64Array.from(values) }));
const legal = { verdict: 'legal', checkedOperations: 9 } as const;

describe('keysIn', () => {
  const sampleOf = (...written: number[]) => {
    const recorder = new Recorder();
    for (const key of written) recorder.add(kindCode.write, outcomeCode.ok, true, 1, key, key, absent, 0, 1);
    return recorder.sample(0);
  };

  it('has each key of all members once', () => {
    expect([...keysIn([sampleOf(5, 1, 5), sampleOf(1, 9)])]).toEqual([1, 5, 9]);
    expect([...keysIn([])]).toEqual([]);
  });

  it('takes some from everywhere where there are very many', () => {
    const many = keysIn([sampleOf(...Array.from({ length: 50_001 }, (_, key) => key))]);
    expect(many.length).toBe(16_667);
    expect([many[1], many.at(-1)]).toEqual([3, 49_998]);
  });
});

describe('differenceIn', () => {
  it('finds nothing where all hold the same, or nothing', () => {
    expect(differenceIn(keys, holding([4, absent], [4, absent], [4, absent]), nameOf)).toBe(undefined);
  });

  it('names the first key of which two hold different values', () => {
    const held = holding([4, 5], [4, 5], [4, absent]);
    expect(differenceIn(keys, held, nameOf)).toBe(
      'key "k7": a holds value 5, b holds value 5, c holds nothing',
    );
  });

  it('takes what could not be read for no agreement', () => {
    const held = holding([unreadable, 5], [unreadable, 5]);
    expect(differenceIn(keys, held, nameOf)).toMatch(/^key "k3": a holds nothing that could be read/);
  });
});

describe('judgeConvergence', () => {
  it('waits until members agree, and says of how many keys', async () => {
    let looks = 0;
    const look = async () => holding([4, 5], [4, ++looks < 3 ? 1 : 5]);
    expect(await judgeConvergence(legal, keys, look, nameOf)).toEqual({ ...legal, convergedKeys: 2 });
    expect(looks).toBe(3);
  });

  it('is illegal when time is up and they do not', async () => {
    const found = await judgeConvergence(legal, keys, async () => holding([4, 5], [4, 6]), nameOf, 100);
    expect(found).toMatchObject({ verdict: 'illegal', checkedOperations: 9 });
    expect(found.reason).toMatch(/0.1 s of rest.*\nkey "k7": a holds value 5, b holds value 6/);
    expect(found.convergedKeys).toBe(undefined);
  });

  it('makes an undecided history illegal, too, and none of them better', async () => {
    const undecided = { verdict: 'unknown', checkedOperations: 0, reason: 'time' } as const;
    const unequal = async () => holding([4, 5], [4, 6]);
    const equal = async () => holding([4, 5], [4, 5]);
    expect((await judgeConvergence(undecided, keys, unequal, nameOf, 0)).verdict).toBe('illegal');
    expect(await judgeConvergence(undecided, keys, equal, nameOf)).toMatchObject(undecided);
  });

  it('does not look where nothing is left to be found, or one member is alone', async () => {
    const fail = async () => expect.fail('it looked');
    for (const verdict of ['illegal', 'unchecked'] as const) {
      const judgement = { verdict, checkedOperations: 0 };
      expect(await judgeConvergence(judgement, keys, fail, nameOf)).toBe(judgement);
    }
    expect(await judgeConvergence(legal, keys, async () => holding([1, 2]), nameOf)).toBe(legal);
  });
});
