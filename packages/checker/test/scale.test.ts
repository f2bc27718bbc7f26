import { expect, test } from 'vitest';
import { checkLinearizable, type Operation, parseHistory, serialiseOperation } from '../src/index.js';
import { legalHistory } from './generator.js';
import { Random } from './random.js';

const deep = process.env.DSM_DEEP === '1';
const operations = deep ? 500_000 : 20_000;
const shape = { clients: 32, operations, values: 0, cas: 0, deletes: 0, unknown: 0.0005, gapMax: 100 };

/** Figures are printed by the deep run only, and never asserted. */
function timed<Result>(name: string, run: () => Result): Result {
  const start = performance.now();
  const result = run();
  if (deep)
    console.info(`${operations} operations, ${name}: ${((performance.now() - start) / 1000).toFixed(2)} s`);
  return result;
}

test.each([1, 100])(
  `${operations} operations with unique values on %i keys`,
  { timeout: 300_000 },
  (keys) => {
    const history = legalHistory(new Random(keys), { ...shape, keys });
    const text = history.map(serialiseOperation).join('\n');
    const legal = timed(`${keys} keys, parsed and legal`, () => checkLinearizable(parseHistory(text)));
    expect(legal).toEqual({ model: 'linearizable', verdict: 'legal', checkedOperations: operations, keys });

    // One stale read near the end, the hardest to find.
    const at = history.findLastIndex(
      ({ op, value, key }) => op === 'read' && value !== undefined && key === 'k0',
    );
    const stale = history.find(({ op, key }) => op === 'write' && key === 'k0') as Operation;
    const wrong = history.with(at, { ...(history[at] as Operation), value: stale.value });
    const illegal = timed(`${keys} keys, illegal and explained`, () => checkLinearizable(wrong));
    expect(illegal.verdict).toBe('illegal');
    expect(illegal.counterexample?.operations.length).toBeLessThanOrEqual(4);
    expect(illegal.counterexample?.legalPrefix).toBeGreaterThan((0.9 * operations) / keys);
  },
);
