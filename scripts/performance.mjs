// Measures what the README's table of performance shows and writes it into docs/performance.json and the README.
// Arguments are given to the benchmark in place of the usual ones.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { outcomeFrom } from '../apps/benchmark/dist/print/stored.js';
import { root } from './files.mjs';

const usual = [
  ...['--protocols', 'all', '--transport', 'both', '--peers', 'redis,etcd,single'],
  ...['--clients', '192', '--value-bytes', '100', '--rounds', '3'],
];
const page = join(root, 'docs', 'performance.json');

const given = process.argv.slice(2);
process.exitCode = publish(given.length > 0 ? given : usual);

/** Measures, and publishes what was found legal; returns the exit status. */
function publish(chosen) {
  const directory = mkdtempSync(join(tmpdir(), 'dsm-performance-'));
  const json = join(directory, 'outcome.json');
  try {
    const status = run(process.execPath, 'apps/benchmark/dist/main.js', ...chosen, '--json', json);
    if (status !== 0) {
      process.stderr.write('Nothing is published: not everything was measured and found legal.\n');
      return status;
    }
    // What the table needs: without distributions, of which every run has hundreds of points.
    const outcome = outcomeFrom(JSON.parse(readFileSync(json, 'utf8')));
    const measurement = { command: ['npm run bench --', ...chosen].join(' '), outcome };
    writeFileSync(page, `${JSON.stringify(measurement, null, 2)}\n`);
  } finally {
    rmSync(directory, { recursive: true });
  }
  return (
    run(join(root, 'node_modules', '.bin', 'biome'), 'format', '--write', page) ||
    run(process.execPath, 'scripts/docs.mjs')
  );
}

/** Runs a program in the root; returns its exit status. */
function run(program, ...options) {
  return spawnSync(program, options, { cwd: root, stdio: 'inherit' }).status ?? 1;
}
