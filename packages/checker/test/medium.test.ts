import { expect, test } from 'vitest';
import { Budget } from '../src/budget.js';
import { checkLinearizable, History, type Operation } from '../src/index.js';
import { reduce } from '../src/reduction.js';
import { type Register, registersOf, select } from '../src/register.js';
import { Removal } from '../src/removal.js';
import { searchLinearization } from '../src/search.js';
import { findConflict, hasZones } from '../src/zones.js';
import { bruteForce } from './brute-force.js';
import { corrupted, legalHistory, type Shape } from './generator.js';
import { Random } from './random.js';

const deep = process.env.DSM_DEEP === '1';

const medium: Shape = {
  clients: 6,
  operations: 120,
  keys: 1,
  values: 0,
  cas: 0,
  deletes: 0,
  unknown: 0.05,
  gapMax: 30,
};

function registerOf(history: readonly Operation[]): Register {
  const [only] = registersOf(History.of(history));
  if (only === undefined) throw new Error('a history of one key was expected');
  return only.register;
}

function search(register: Register, steps = 3_000_000): string {
  return searchLinearization(register, new Budget(steps, () => false));
}

test('zones and search agree on histories of 120 operations', () => {
  const counts = { legal: 0, illegal: 0 };
  const histories = deep ? 5_000 : 350;
  for (let seed = 0; seed < histories; seed += 1) {
    const random = new Random(seed);
    const honest = legalHistory(random, medium);
    const history = seed % 3 === 0 ? honest : corrupted(random, honest);
    const register = reduce(registerOf(history));
    if (!hasZones(register)) continue;
    const verdict = findConflict(register) === undefined ? 'legal' : 'illegal';
    const searched = search(register);
    if (searched !== verdict) expect.fail(`seed ${seed}: zones ${verdict}, search ${searched}`);
    counts[verdict] += 1;
  }
  expect(counts.legal).toBeGreaterThan(histories / 4);
  expect(counts.illegal).toBeGreaterThan(histories / 4);
});

test('a legal history of 20,000 operations with five values and ten clients is found legal', () => {
  const shape = {
    ...medium,
    clients: 10,
    operations: 20_000,
    values: 5,
    cas: 0.2,
    deletes: 0.05,
    unknown: 0.0002,
  };
  const history = legalHistory(new Random(5), shape);
  expect(checkLinearizable(history).verdict).toBe('legal');
});

test('an illegal history of 3,000 operations with five values shrinks to a few', () => {
  const shape = { ...medium, clients: 5, operations: 3_000, values: 5, cas: 0.1, unknown: 0 };
  let illegal = 0;
  for (let seed = 0; seed < 5; seed += 1) {
    const random = new Random(seed);
    const history = legalHistory(random, shape);
    // The value of a read from long ago, so that it is surely not held any more.
    const read = history.findIndex(({ op, value }, at) => at > 1_500 && op === 'read' && value !== undefined);
    const wrong = { ...(history[read] as Operation), value: 'written once' };
    const first: Operation = {
      client: 'first',
      op: 'write',
      key: wrong.key,
      value: wrong.value,
      start: 0,
      end: 1,
    };
    const { verdict, counterexample } = checkLinearizable([first, ...history.with(read, wrong)]);
    expect(verdict).not.toBe('unknown');
    if (counterexample === undefined) continue;
    illegal += 1;
    expect(counterexample.operations.length).toBeLessThan(60);
    expect(checkLinearizable(counterexample.operations).verdict).toBe('illegal');
    expect(counterexample.legalPrefix).toBeLessThan(3_000);
  }
  expect(illegal).toBeGreaterThanOrEqual(3);
});

test('what is left of a legal history after a removal is legal: shrinking accuses nobody falsely', () => {
  const small = { ...medium, clients: 3, operations: 7, gapMax: 12, unknown: 0.1 };
  const seeds = deep ? 20_000 : 2_000;
  let removals = 0;
  for (let seed = 0; seed < seeds; seed += 1) {
    const random = new Random(seed);
    const shape = {
      ...small,
      values: random.below(3),
      cas: random.pick([0, 0.3]),
      deletes: random.pick([0, 0.2]),
    };
    const history = legalHistory(random, shape);
    const register = registerOf(history);
    const kept = new Uint8Array(register.size).fill(1);
    new Removal(register).remove(
      kept,
      random.chance(0.5) ? [random.below(register.size)] : [0, register.size - 1],
    );
    const places = [...kept.keys()].filter((at) => kept[at] === 1);
    if (places.length > 0) removals += 1;
    const rest = [...select(register, places).row].map((row) => history[row] as Operation);
    if (!bruteForce(rest)) expect.fail(`seed ${seed}`);
  }
  expect(removals).toBeGreaterThan(0.75 * seeds);
});
