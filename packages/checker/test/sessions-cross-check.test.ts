import { describe, expect, test } from 'vitest';
import { checkSessions, type Operation, serialiseOperation } from '../src/index.js';
import { allGuarantees, bruteSessions } from './brute-sessions.js';
import { causalHistory } from './causal-generator.js';
import { Random } from './random.js';
import { sequentialHistory, spoilt, type WeakShape } from './weak-generator.js';

const deep = process.env.DSM_DEEP === '1';
const histories = deep ? 15_750 : 2_250;
const seedFirst = Number(process.env.DSM_SEED ?? 0);

const plain = {
  sessions: 3,
  operations: 8,
  keys: 2,
  values: 0,
  writes: 0.5,
  cas: 0,
  deletes: 0,
  unknown: 0.08,
};
const shapes: Record<string, WeakShape> = {
  'two keys': { ...plain, ordered: 0 },
  'one key, cas': { ...plain, keys: 1, operations: 6, cas: 0.15, ordered: 0 },
  'recorded order': { ...plain, keys: 1, operations: 6, cas: 0.1, ordered: 0.9 },
  'deletes, few values, many unknown': { ...plain, values: 6, deletes: 0.1, unknown: 0.15, ordered: 0 },
};

function describeFailure(seed: number, history: readonly Operation[]): string {
  return `seed ${seed}, again by DSM_SEED=${seed} npx vitest run\n${history.map(serialiseOperation).join('\n')}`;
}

/** Whether somebody saw what several operations may have written, or did not say what was seen. */
function isUnclear(history: readonly Operation[]): boolean {
  return history.some((reader) => {
    if (reader.op === 'cas' && reader.end !== null && reader.ok === false) return true;
    if (reader.op !== 'cas' && (reader.op !== 'read' || reader.end === null)) return false;
    const seen = reader.op === 'cas' ? reader.expected : reader.value;
    const writers = history.filter(
      ({ op, key, value }) => op !== 'read' && key === reader.key && value === seen,
    );
    return writers.length + (seen === undefined ? 1 : 0) > 1;
  });
}

describe.each(Object.entries(shapes))('%s', (_name, shape) => {
  test(`the checker agrees with brute force on ${histories} histories, and so does each counter-example`, () => {
    const counts = { legal: 0, illegal: 0, unknown: 0 };
    const alone = new Set<string>();
    for (let seed = seedFirst; seed < seedFirst + histories; seed += 1) {
      const random = new Random(seed);
      const replicated = shape.cas === 0 && shape.ordered === 0;
      const honest = replicated ? causalHistory(random, shape, false) : sequentialHistory(random, shape);
      const history = seed % 3 === 0 ? honest : spoilt(random, honest);
      const expected = bruteSessions(history) ? 'legal' : 'illegal';
      if (history === honest && expected !== 'legal')
        expect.fail(`the generator broke its promise\n${describeFailure(seed, history)}`);
      const report = checkSessions(history);
      counts[report.verdict] += 1;
      if (report.broken?.length === 1) alone.add(report.broken[0] as string);
      compare(report, expected, seed, history);
    }
    expect(counts.legal / histories).toBeGreaterThan(0.3);
    expect(counts.illegal / histories).toBeGreaterThan(0.08);
    if (shape.values === 0 && shape.cas === 0) expect(counts.unknown / histories).toBeLessThan(0.02);
    if (shape.ordered > 0) expect(alone).toEqual(new Set(allGuarantees));
  });
});

function compare(
  { verdict, counterexample, broken, reason, checkedOperations }: ReturnType<typeof checkSessions>,
  expected: string,
  seed: number,
  history: readonly Operation[],
): void {
  const where = describeFailure(seed, history);
  const nothing = history.every(({ end }) => end === null);
  if (verdict === 'unknown') {
    if (!nothing && !isUnclear(history)) expect.fail(`undecided, brute force ${expected}\n${where}`);
    if (checkedOperations !== 0 || reason === undefined) expect.fail(where);
    return;
  }
  if (verdict !== expected) expect.fail(`${verdict}, brute force ${expected}\n${where}`);
  if (checkedOperations !== history.length) expect.fail(where);
  if (verdict === 'legal') return;
  if (counterexample === undefined || broken === undefined || reason === undefined) expect.fail(where);
  const whole = new Set(history.map(serialiseOperation));
  if (!counterexample.operations.every((operation) => whole.has(serialiseOperation(operation))))
    expect.fail(where);
  if (bruteSessions(counterexample.operations, broken)) expect.fail(`${broken} may all hold\n${where}`);
  if (!broken.every((guarantee) => reason.includes(guarantee))) expect.fail(where);
}
