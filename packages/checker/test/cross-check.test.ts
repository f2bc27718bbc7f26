import { describe, expect, test } from 'vitest';
import { Budget } from '../src/budget.js';
import { History, type Operation, parseHistory, serialiseOperation } from '../src/index.js';
import { checkLinearizable } from '../src/linearizable.js';
import { reduce } from '../src/reduction.js';
import { type Register, registersOf } from '../src/register.js';
import { searchLinearization } from '../src/search.js';
import { findConflict, hasZones } from '../src/zones.js';
import { bruteForce } from './brute-force.js';
import { corrupted, legalHistory, type Shape } from './generator.js';
import { Random } from './random.js';

const deep = process.env.DSM_DEEP === '1';
const histories = deep ? 36_000 : 3_000;
const seedFirst = Number(process.env.DSM_SEED ?? 0);

const plain = { clients: 3, operations: 6, keys: 1, values: 0, cas: 0, deletes: 0, unknown: 0.1, gapMax: 6 };
const shapes: Record<string, Shape> = {
  'unique values': plain,
  'unique values, few overlaps': { ...plain, operations: 7, gapMax: 40, unknown: 0.15 },
  'unique values, deletes': { ...plain, deletes: 0.15, gapMax: 12 },
  'few values': { ...plain, operations: 7, values: 3, deletes: 0.1, gapMax: 14 },
  'few values, cas': { ...plain, values: 3, cas: 0.4, deletes: 0.05, gapMax: 10 },
  'unique values, cas, many unknown': { ...plain, cas: 0.3, unknown: 0.3, gapMax: 12 },
  'two keys': { ...plain, operations: 7, keys: 2, values: 3, cas: 0.15, deletes: 0.1, gapMax: 12 },
};

const unlimited = (): Budget => new Budget(Number.MAX_SAFE_INTEGER, () => false);

function describeFailure(seed: number, history: readonly Operation[]): string {
  return `seed ${seed}, again by DSM_SEED=${seed} npx vitest run\n${history.map(serialiseOperation).join('\n')}`;
}

/** The verdicts of both checkers, alone, without and with the reductions. */
function alone(register: Register): Record<string, boolean> {
  const reduced = reduce(register);
  const verdicts: Record<string, boolean> = {
    search: searchLinearization(register, unlimited()) === 'legal',
    'search after reduction': searchLinearization(reduced, unlimited()) === 'legal',
  };
  if (hasZones(reduced)) verdicts.zones = findConflict(reduced) === undefined;
  return verdicts;
}

describe.each(Object.entries(shapes))('%s', (_name, shape) => {
  test(`the checkers agree with brute force on ${histories} histories`, () => {
    const counts = { legal: 0, illegal: 0, zones: 0, 'zones illegal': 0 };
    for (let seed = seedFirst; seed < seedFirst + histories; seed += 1) {
      const random = new Random(seed);
      const honest = legalHistory(random, shape);
      const history = seed % 4 === 0 ? honest : corrupted(random, honest);
      const legal = bruteForce(history);
      const registers = [...registersOf(History.of(history))].map(({ register }) => alone(register));
      for (const checker of ['search', 'search after reduction', 'zones']) {
        if (!registers.every((verdicts) => checker in verdicts)) continue;
        const found = registers.every((verdicts) => verdicts[checker]);
        if (found !== legal)
          expect.fail(`${checker} finds ${found}, brute force ${legal}\n${describeFailure(seed, history)}`);
        if (checker !== 'zones') continue;
        counts.zones += 1;
        if (!legal) counts['zones illegal'] += 1;
      }
      if (history === honest && !legal)
        expect.fail(`the generator broke its promise\n${describeFailure(seed, history)}`);
      counts[legal ? 'legal' : 'illegal'] += 1;
    }
    expect(counts.legal / histories).toBeGreaterThan(0.3);
    expect(counts.illegal / histories).toBeGreaterThan(0.2);
    if (shape.values === 0 && shape.cas === 0) {
      expect(counts.zones / histories).toBeGreaterThan(0.3);
      expect(counts['zones illegal'] / histories).toBeGreaterThan(0.05);
    }
  });

  test('the report agrees with brute force, also through text, and its counter-example is illegal', () => {
    const reports = histories / 12;
    let illegal = 0;
    for (let seed = seedFirst; seed < seedFirst + reports; seed += 1) {
      const random = new Random(2 ** 31 + seed);
      const history = corrupted(random, legalHistory(random, shape));
      const report = checkLinearizable(parseHistory(history.map(serialiseOperation).join('\n')));
      const expected = bruteForce(history) ? 'legal' : 'illegal';
      const nothing = history.every(({ end }) => end === null);
      expect(report.verdict, describeFailure(seed, history)).toBe(nothing ? 'unknown' : expected);
      expect(report.counterexample !== undefined).toBe(report.verdict === 'illegal');
      if (report.counterexample === undefined) continue;
      illegal += 1;
      checkCounterexample(report.counterexample, history, seed);
    }
    expect(illegal / reports).toBeGreaterThan(0.2);
  });
});

function checkCounterexample(
  {
    key,
    operations,
    legalPrefix,
    reason,
  }: NonNullable<ReturnType<typeof checkLinearizable>['counterexample']>,
  history: readonly Operation[],
  seed: number,
): void {
  const where = describeFailure(seed, history);
  const whole = new Set(history.map(serialiseOperation));
  expect(operations.length, where).toBeGreaterThan(0);
  for (const operation of operations) {
    expect(whole.has(serialiseOperation(operation)), where).toBe(true);
    expect(operation.key).toBe(key);
  }
  expect(reason).not.toBe('');
  expect(bruteForce(operations), where).toBe(false);
  expect(legalPrefix, where).toBe(longestLegalPrefix(history.filter((operation) => operation.key === key)));
}

/** By the definition: pending operations lose their results. */
function longestLegalPrefix(history: readonly Operation[]): number {
  const ends = history
    .flatMap(({ end }) => (end === null ? [] : [Number(end)]))
    .sort((one, other) => one - other);
  let longest = 0;
  for (const moment of ends) {
    const prefix = history
      .filter(({ start }) => Number(start) <= moment)
      .map((operation) => {
        if (operation.end !== null && Number(operation.end) <= moment) return operation;
        const { ok: _, ...pending } = operation;
        return { ...pending, end: null };
      });
    if (!bruteForce(prefix)) break;
    longest = ends.lastIndexOf(moment) + 1;
  }
  return longest;
}
