import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { root } from '../files.mjs';

/** More than any report has; a mutant that prints for ever must not fill the memory. */
const outputBytesMax = 64 * 1024 * 1024;

const running = new Set();

/**
 * Runs a command to its end, or kills it and all that it started when the limit is over. Resolves to its exit code
 * (undefined when it was killed), all that it printed, whether time ran out, and the seconds that it took.
 */
export function run([program, ...options], { folder, limitMs }) {
  const began = performance.now();
  return new Promise((resolve) => {
    const child = spawn(...started(program, options), {
      cwd: folder,
      detached: process.platform !== 'win32',
      stdio: ['ignore', 'pipe', 'pipe'],
      env: environment(),
    });
    const output = collected(child);
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      kill(child);
    }, limitMs);
    const end = (code, text) => {
      clearTimeout(timer);
      running.delete(child);
      resolve({ code, output: text, timedOut, seconds: (performance.now() - began) / 1000 });
    };
    running.add(child);
    child.on('error', (error) => end(undefined, String(error)));
    child.on('close', (code) => end(code ?? undefined, output()));
  });
}

/** Ends everything that is under way. */
export function killAll() {
  for (const child of running) kill(child);
}

/** Without what would make the run count elsewhere, or look for another seed than the unmutated code was given. */
function environment() {
  const { DSM_COUNTS: _, DSM_SEED: __, DSM_SEED_OFFSET: ___, DSM_DEEP: ____, ...rest } = process.env;
  return { ...rest, NO_COLOR: '1', FORCE_COLOR: undefined, NO_UPDATE_NOTIFIER: '1', CI: 'true' };
}

/** `node` is this very Node; `tsc` and `vitest` are those of the repository, started without a shell. */
function started(program, options) {
  if (program === 'node') return [process.execPath, options];
  const packages = { tsc: 'typescript', vitest: 'vitest' };
  const name = packages[program];
  if (name === undefined) throw new Error(`no program of a mutant's layer is called ${program}`);
  const manifest = createRequire(join(root, 'package.json')).resolve(`${name}/package.json`);
  const { bin } = JSON.parse(readFileSync(manifest, 'utf8'));
  return [process.execPath, [join(dirname(manifest), bin[program]), ...options]];
}

function collected(child) {
  const chunks = [];
  let bytes = 0;
  const take = (chunk) => {
    bytes += chunk.length;
    if (bytes <= outputBytesMax) chunks.push(chunk);
  };
  child.stdout.on('data', take);
  child.stderr.on('data', take);
  return () => Buffer.concat(chunks).toString();
}

function kill(child) {
  if (child.pid === undefined) return;
  try {
    // Its whole process group: vitest has workers, which would outlive it.
    if (process.platform === 'win32') child.kill('SIGKILL');
    else process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It has ended already.
  }
}
