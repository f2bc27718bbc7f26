// The files of the project: what git tracks or would track.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The absolute path of the repository. */
export const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** Paths of all files that are not ignored, relative to the root and with forward slashes. */
export function projectFiles() {
  // The owner of a checkout in a container is often somebody else, which git refuses unless told.
  const list = ['-c', 'safe.directory=*', 'ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  try {
    const output = execFileSync('git', list, { cwd: root, stdio: ['ignore', 'pipe', 'ignore'] });
    return [...new Set(output.toString().split('\0'))].filter((path) => path !== '').sort();
  } catch {
    return walk(root, ignoredNames()).sort(); // No git on this machine, or no repository: an archive.
  }
}

/** The text of a project file; undefined when it is binary, or gone since it was listed. */
export function textOf(path) {
  try {
    const bytes = readFileSync(join(root, path));
    return bytes.includes(0) ? undefined : bytes.toString('utf8');
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'EISDIR') return undefined;
    throw error;
  }
}

function ignoredNames() {
  const lines = readFileSync(join(root, '.gitignore'), 'utf8').split('\n');
  return ['.git', ...lines.map((line) => line.trim().replace(/\/$/, '')).filter((line) => line !== '')];
}

function walk(folder, ignored) {
  const isIgnored = (name) =>
    ignored.some((pattern) => (pattern.startsWith('*') ? name.endsWith(pattern.slice(1)) : name === pattern));

  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (isIgnored(entry.name)) return [];
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return walk(path, ignored);
    return entry.isFile() ? [relative(root, path).split(sep).join('/')] : [];
  });
}
