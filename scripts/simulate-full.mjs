// The full column of the simulator: 100,000 seeds of every protocol, then every order of the large scripts. Takes most
// of an hour on two cores. `npm run simulate:full -- --seeds 1000` tries it in small.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { subjects } from '../apps/node/dist/subjects.js';
import { root } from './files.mjs';

const options = { seeds: { type: 'string', default: '100000' }, only: { type: 'string', default: '' } };
const { seeds, only } = parseArgs({ options }).values;
const dsm = join(root, 'apps', 'node', 'dist', 'main.js');
const scripts = ['w | r r', 'w | w', 'w | r | r', 'w r | w r'];

const runs = Object.entries(subjects)
  .filter(([name]) => name.includes(only))
  .flatMap(([name, [{ protocol }]]) => [
    ['simulate', name, '--seeds', seeds],
    ...[...scripts, ...(protocol.guarantees.compareAndSwap ? ['c | c'] : [])].map((script) => {
      return ['explore', name, '--script', script];
    }),
  ]);

for (const run of runs) {
  process.stdout.write(
    `\n$ npm run dsm -- ${run.map((part) => (part.includes(' ') ? `"${part}"` : part)).join(' ')}\n`,
  );
  const { status } = spawnSync(process.execPath, [dsm, ...run], { stdio: 'inherit' });
  if (status !== 0) process.exitCode = 1;
}
