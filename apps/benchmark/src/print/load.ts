import type { Load } from '../run.js';

/** The load in words, each part under the name by which two loads are compared. */
export function loadFactsOf(load: Load): ReadonlyMap<string, string> {
  const { valueBytes, keys, rate, arrivals, seconds, warmUpSeconds, seed, verified } = load;
  return new Map([
    ['values', `${exact(valueBytes)} bytes${seconds === null ? ' on average' : ''}`],
    ['keys', keys === 0 ? 'none beforehand' : exact(keys)],
    ['loop', rate === null ? 'closed' : `open at ${exact(rate)} arrivals per second (${arrivals})`],
    ['measured phase', seconds === null ? 'to the end of the trace' : `${exact(seconds)} s`],
    ['warm-up', warmUpSeconds === 0 ? 'none' : `${exact(warmUpSeconds)} s`],
    ['seed', String(seed)],
    ['history', verified ? 'checked' : 'not recorded'],
  ]);
}

/** The load in one line: `values: 1,000 bytes; keys: 10,000; …`. */
export function loadLineOf(load: Load): string {
  return [...loadFactsOf(load)].map(([name, fact]) => `${name}: ${fact}`).join('; ');
}

/** With every digit: two loads are the same only where all of them are. */
function exact(value: number): string {
  return value.toLocaleString('en', { maximumFractionDigits: 9 });
}
