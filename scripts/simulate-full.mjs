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

const full = { DSM_DEEP: '1', DSM_FULL: '1' };

/** The tests that are a part of this: worlds of a protocol's own, and the scripts that take minutes. */
const tests = [
  {
    of: 'causal',
    file: 'packages/causal/test/wandering.test.ts',
    name: 'see one causal order',
    env: { DSM_RUNS: seeds },
  },
  {
    of: 'total-order',
    file: 'packages/total-order/test/seeds.test.ts',
    name: 'keep every property',
    env: { DSM_RUNS: seeds },
  },
  {
    of: 'token-coherence',
    file: 'packages/token-coherence/test/exhaustive.test.ts',
    name: "'w w . w . r r'",
    env: full,
  },
  {
    of: 'causal',
    file: 'packages/causal/test/exhaustive.test.ts',
    name: 'all scripts of 3 members with 3',
    env: full,
  },
  {
    of: 'total-order',
    file: 'packages/total-order/test/exhaustive.test.ts',
    name: 'all scripts of 3 members with 3',
    env: full,
  },
  { of: 'core', file: 'packages/core/test/group.test.ts', name: '3 members, 2 deaths', env: full },
];

const runs = Object.entries(subjects)
  .filter(([name]) => name.includes(only))
  .flatMap(([name, [{ protocol }]]) => [
    ['simulate', name, '--seeds', seeds],
    ...[...scripts, ...(protocol.guarantees.compareAndSwap ? ['c | c'] : [])].map((script) => {
      return ['explore', name, '--script', script];
    }),
  ]);

for (const { of, file, name, env } of tests.filter(({ of }) => of.includes(only))) {
  process.stdout.write(`\n${of}: "${name}" in ${file} with ${JSON.stringify(env)}\n`);
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const run = [vitest, 'run', '-c', 'vitest.root.config.ts', file, '-t', name];
  const options = { cwd: root, env: { ...process.env, ...env }, stdio: 'inherit' };
  const { status } = spawnSync(process.execPath, run, options);
  if (status !== 0) process.exitCode = 1;
}

for (const run of runs) {
  process.stdout.write(
    `\n$ npm run dsm -- ${run.map((part) => (part.includes(' ') ? `"${part}"` : part)).join(' ')}\n`,
  );
  const { status } = spawnSync(process.execPath, [dsm, ...run], { stdio: 'inherit' });
  if (status !== 0) process.exitCode = 1;
}
