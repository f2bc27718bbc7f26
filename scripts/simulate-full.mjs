// The full column of the simulator: 100,000 seeds of every protocol, as many of the worlds that a protocol has of its own
// (groups of five that overlap, clients that move), then every order of the large scripts. Takes most of an hour on two
// cores. `npm run simulate:full -- --seeds 1000` tries it in small.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { subjects } from '../apps/node/dist/subjects.js';
import { root } from './files.mjs';

const options = { seeds: { type: 'string', default: '100000' }, only: { type: 'string', default: '' } };
const { seeds, only } = parseArgs({ options }).values;
const dsm = join(root, 'apps', 'node', 'dist', 'main.js');
const scripts = ['w | r r', 'w | w', 'w | r | r', 'w r | w r'];

/** By protocol, the tests that are worlds of its own: file and name. DSM_RUNS says how many seeds. */
const worlds = {
  causal: ['packages/causal/test/wandering.test.ts', 'see one causal order'],
  'total-order': ['packages/total-order/test/seeds.test.ts', 'keep every property'],
};

const runs = Object.entries(subjects)
  .filter(([name]) => name.includes(only))
  .flatMap(([name, [{ protocol }]]) => [
    ['simulate', name, '--seeds', seeds],
    ...[...scripts, ...(protocol.guarantees.compareAndSwap ? ['c | c'] : [])].map((script) => {
      return ['explore', name, '--script', script];
    }),
  ]);

for (const [name, [file, test]] of Object.entries(worlds).filter(([name]) => name.includes(only))) {
  process.stdout.write(`\n${name}: ${seeds} seeds of "${test}" in ${file}\n`);
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const run = [vitest, 'run', '-c', 'vitest.root.config.ts', file, '-t', test];
  const env = { ...process.env, DSM_RUNS: seeds };
  const { status } = spawnSync(process.execPath, run, { cwd: root, env, stdio: 'inherit' });
  if (status !== 0) process.exitCode = 1;
}

for (const run of runs) {
  process.stdout.write(
    `\n$ npm run dsm -- ${run.map((part) => (part.includes(' ') ? `"${part}"` : part)).join(' ')}\n`,
  );
  const { status } = spawnSync(process.execPath, [dsm, ...run], { stdio: 'inherit' });
  if (status !== 0) process.exitCode = 1;
}
