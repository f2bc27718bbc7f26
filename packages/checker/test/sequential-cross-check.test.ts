import { describe, expect, test } from 'vitest';
import { checkSequential, type Operation, parseHistory, serialiseOperation } from '../src/index.js';
import { bruteSequential } from './brute-sequential.js';
import { Random } from './random.js';
import { sequentialHistory, spoilt, type WeakShape } from './weak-generator.js';

const deep = process.env.DSM_DEEP === '1';
const histories = deep ? 10_500 : 1_500;
const seedFirst = Number(process.env.DSM_SEED ?? 0);

const plain = {
  sessions: 3,
  operations: 7,
  keys: 2,
  values: 0,
  writes: 0.45,
  cas: 0,
  deletes: 0,
  unknown: 0.1,
};
const shapes: Record<string, WeakShape> = {
  'unique values': { ...plain, ordered: 0 },
  'unique values on one key, cas, many unknown': { ...plain, keys: 1, cas: 0.35, unknown: 0.25, ordered: 0 },
  'few values, cas, deletes': { ...plain, values: 3, cas: 0.25, deletes: 0.1, ordered: 0 },
  'known order': { ...plain, unknown: 0.05, ordered: 1 },
  'known order, few values, cas, deletes': { ...plain, values: 3, cas: 0.3, deletes: 0.1, ordered: 1 },
  'order known of some': { ...plain, values: 4, cas: 0.2, deletes: 0.1, ordered: 0.6 },
};

function describeFailure(seed: number, history: readonly Operation[]): string {
  return `seed ${seed}, again by DSM_SEED=${seed} npx vitest run\n${history.map(serialiseOperation).join('\n')}`;
}

describe.each(Object.entries(shapes))('%s', (_name, shape) => {
  test(`the checker agrees with brute force on ${histories} histories, and so does each counter-example`, () => {
    const counts = { legal: 0, illegal: 0, unknown: 0 };
    for (let seed = seedFirst; seed < seedFirst + histories; seed += 1) {
      const random = new Random(seed);
      const honest = sequentialHistory(random, shape);
      const history = seed % 3 === 0 ? honest : spoilt(random, honest);
      const expected = bruteSequential(history) ? 'legal' : 'illegal';
      if (history === honest && expected !== 'legal')
        expect.fail(`the generator broke its promise\n${describeFailure(seed, history)}`);
      const { verdict, counterexample, checkedOperations } = checkSequential(history);
      counts[verdict] += 1;
      const nothing = history.every(({ end }) => end === null);
      if (verdict !== (nothing ? 'unknown' : expected))
        expect.fail(`${verdict}, brute force ${expected}\n${describeFailure(seed, history)}`);
      if (checkedOperations !== (nothing ? 0 : history.length)) expect.fail('operations were not counted');
      if ((counterexample !== undefined) !== (verdict === 'illegal'))
        expect.fail(describeFailure(seed, history));
      if (counterexample !== undefined) checkCounterexample(counterexample, history, seed);
    }
    expect(counts.legal / histories).toBeGreaterThan(0.3);
    expect(counts.illegal / histories).toBeGreaterThan(0.15);
    expect(counts.unknown / histories).toBeLessThan(0.02);
  });
});

function checkCounterexample(
  { operations, reason }: { readonly operations: readonly Operation[]; readonly reason: string },
  history: readonly Operation[],
  seed: number,
): void {
  const where = describeFailure(seed, history);
  const whole = new Set(history.map(serialiseOperation));
  if (!operations.every((operation) => whole.has(serialiseOperation(operation)))) expect.fail(where);
  if (bruteSequential(operations)) expect.fail(`a legal counter-example\n${where}`);
  if (reason === '') expect.fail(where);
}

test('the verdict is the same through text', () => {
  const shape = { ...plain, values: 4, cas: 0.2, deletes: 0.1, ordered: 0.6 };
  for (let seed = 0; seed < 300; seed += 1) {
    const random = new Random(seed);
    const history = spoilt(random, sequentialHistory(random, shape));
    const parsed = parseHistory(history.map(serialiseOperation).join('\n'));
    expect(checkSequential(parsed)).toEqual(checkSequential(history));
  }
});
