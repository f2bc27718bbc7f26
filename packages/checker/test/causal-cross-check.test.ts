import { describe, expect, test } from 'vitest';
import { type CausalLevel, checkCausal, type Operation, serialiseOperation } from '../src/index.js';
import { bruteCausal } from './brute-causal.js';
import { causalHistory } from './causal-generator.js';
import { Random } from './random.js';
import { spoilt, type WeakShape } from './weak-generator.js';

const deep = process.env.DSM_DEEP === '1';
const histories = deep ? 10_500 : 1_500;
const seedFirst = Number(process.env.DSM_SEED ?? 0);

const plain = {
  sessions: 3,
  operations: 8,
  keys: 2,
  values: 0,
  writes: 0.45,
  cas: 0,
  deletes: 0,
  unknown: 0.08,
};
const shapes: Record<string, WeakShape> = {
  'two keys': { ...plain, ordered: 0 },
  'one key': { ...plain, keys: 1, operations: 7, ordered: 0 },
  'deletes, few values, many unknown': { ...plain, values: 6, deletes: 0.1, unknown: 0.15, ordered: 0 },
};
const cases = Object.entries(shapes).flatMap(([name, shape]) =>
  (['cc', 'ccv'] as const).map((level) => [level, name, shape] as const),
);

function describeFailure(seed: number, history: readonly Operation[]): string {
  return `seed ${seed}, again by DSM_SEED=${seed} npx vitest run\n${history.map(serialiseOperation).join('\n')}`;
}

/** A value that was read and may have come from several operations, of which one is none: what keys hold at first. */
function isAmbiguous(history: readonly Operation[]): boolean {
  return history.some((read) => {
    if (read.op !== 'read' || read.end === null) return false;
    const writers = history.filter(
      ({ op, key, value }) => op !== 'read' && key === read.key && value === read.value,
    );
    return writers.length + (read.value === undefined ? 1 : 0) > 1;
  });
}

describe.each(cases)('%s: %s', (level, _name, shape) => {
  test(`the checker agrees with brute force on ${histories} histories, and so does each counter-example`, () => {
    const counts = { legal: 0, illegal: 0, unknown: 0 };
    const patterns = new Set<string>();
    for (let seed = seedFirst; seed < seedFirst + histories; seed += 1) {
      const random = new Random(seed);
      const honest = causalHistory(random, shape, level === 'cc' || seed % 2 === 0);
      const history = seed % 3 === 0 ? honest : spoilt(random, honest);
      const expected = bruteCausal(history, level) ? 'legal' : 'illegal';
      if (history === honest && expected !== 'legal' && !(level === 'ccv' && seed % 2 === 0))
        expect.fail(`the generator broke its promise\n${describeFailure(seed, history)}`);
      const report = checkCausal(history, { level });
      counts[report.verdict] += 1;
      if (report.pattern !== undefined) patterns.add(report.pattern);
      compare(report, expected, level, seed, history);
    }
    expect(counts.legal / histories).toBeGreaterThan(0.3);
    expect(counts.illegal / histories).toBeGreaterThan(shape.values === 0 ? 0.15 : 0.08);
    expect(counts.unknown / histories).toBeLessThan(shape.values === 0 ? 0.02 : 0.5);
    const all = ['CyclicCO', 'ThinAirRead', 'WriteCOInitRead', 'WriteCORead'];
    expect([...patterns].sort()).toEqual(level === 'ccv' ? ['CyclicCF', ...all] : all);
  });
});

function compare(
  { verdict, counterexample, pattern, reason, checkedOperations }: ReturnType<typeof checkCausal>,
  expected: string,
  level: CausalLevel,
  seed: number,
  history: readonly Operation[],
): void {
  const where = describeFailure(seed, history);
  const nothing = history.every(({ end }) => end === null);
  if (verdict === 'unknown') {
    if (!nothing && !isAmbiguous(history)) expect.fail(`undecided, brute force ${expected}\n${where}`);
    if (checkedOperations !== 0 || reason === undefined) expect.fail(where);
    return;
  }
  if (verdict !== expected) expect.fail(`${verdict}, brute force ${expected}\n${where}`);
  if (checkedOperations !== history.length) expect.fail(where);
  if (verdict === 'legal') return;
  if (counterexample === undefined || pattern === undefined) expect.fail(where);
  if (!reason?.includes(pattern)) expect.fail(where);
  const whole = new Set(history.map(serialiseOperation));
  if (!counterexample.operations.every((operation) => whole.has(serialiseOperation(operation))))
    expect.fail(where);
  if (bruteCausal(counterexample.operations, level)) expect.fail(`a legal counter-example\n${where}`);
  if (level === 'ccv' && bruteCausal(counterexample.operations, 'cc') !== (pattern === 'CyclicCF'))
    expect.fail(`${pattern} is not the pattern\n${where}`);
}
