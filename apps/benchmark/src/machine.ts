import { spawnSync } from 'node:child_process';
import { cpus, totalmem } from 'node:os';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What the figures depend on and a reader cannot see. */
export interface Machine {
  readonly machine: string;
  readonly node: string;
  /** `unknown` outside of a clone. */
  readonly commit: string;
}

export function thisMachine(): Machine {
  const processors = cpus();
  const gigabytes = Math.round(totalmem() / 2 ** 30);
  const model = processors[0]?.model.trim() || 'processor of unknown model';
  return {
    machine: `${processors.length} × ${model}, ${gigabytes} GB, ${process.platform} ${process.arch}`,
    node: process.version,
    commit: commitOf(dirname(fileURLToPath(import.meta.url))),
  };
}

function commitOf(directory: string): string {
  const git = (...what: string[]): string =>
    spawnSync('git', what, { cwd: directory, encoding: 'utf8' }).stdout?.trim() ?? '';
  const commit = git('rev-parse', '--short', 'HEAD');
  if (commit === '') return 'unknown';
  return git('status', '--porcelain', '--untracked-files=no') === '' ? commit : `${commit} with changes`;
}
