// Parses and checks a history with unique values: `node bench/million.mjs [operations] [keys] [clients]`.
import { performance } from 'node:perf_hooks';
import { checkLinearizable, parseHistory } from '../dist/index.js';

const [operations = 1_000_000, keys = 100, clients = 32] = process.argv.slice(2).map(Number);

/** An atomic register for each key; time is a count of nanoseconds beyond 2^53, as an epoch would give. */
function recorded() {
  let state = 1;
  const below = (bound) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
  const held = new Map();
  const lines = [];
  const origin = 1_700_000_000_000_000_000n;
  const at = (time) => `"${origin + BigInt(time)}"`;
  for (let number = 0; number < operations; number += 1) {
    // Takes effect at 100 * number; overlaps with about as many others as there are clients.
    const start = number * 100 - below(50 * clients);
    const end = number * 100 + below(50 * clients);
    const key = `k${below(keys)}`;
    const writes = below(2) === 0;
    if (writes) held.set(key, `v${number}`);
    const value = held.has(key) ? `,"value":"${held.get(key)}"` : '';
    const op = writes ? 'write' : 'read';
    lines.push(
      `{"client":${number % clients},"op":"${op}","key":"${key}"${value},"start_ns":${at(start)},"end_ns":${at(end)}}`,
    );
  }
  return `${lines.join('\n')}\n`;
}

const text = recorded();
const start = performance.now();
const history = parseHistory(text);
const parsed = performance.now();
const report = checkLinearizable(history);
const checked = performance.now();
const seconds = (from, to) => `${((to - from) / 1000).toFixed(2)} s`;
console.log(
  `${operations} operations, ${keys} keys, ${clients} clients: ${report.verdict}; ` +
    `parse ${seconds(start, parsed)}, check ${seconds(parsed, checked)}, ${Math.round(process.memoryUsage().rss / 2 ** 20)} MB`,
);
if (report.verdict !== 'legal') process.exitCode = 1;
