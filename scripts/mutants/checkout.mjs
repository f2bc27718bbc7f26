import {
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, isAbsolute, join, relative, sep } from 'node:path';
import { projectFiles, root } from '../files.mjs';
import { packageOf, patched } from './patch.mjs';

/** A scratch copy of the repository, in which sources can be broken while others work on the real ones. */
export class Checkout {
  /** Its absolute path. */
  folder;
  /** The file that is mutated, and its right text. */
  mutated;
  /** Packages whose output is not that of their sources. */
  stale = new Set();

  constructor() {
    this.folder = realpathSync(mkdtempSync(join(tmpdir(), 'dsm-mutants-')));
  }

  /** Copies the files of the project, as they are now, and links what was installed. */
  fill() {
    for (const file of projectFiles()) {
      const source = join(root, file);
      if (!existsSync(source)) continue; // Deleted, and git does not know yet.
      mkdirSync(dirname(join(this.folder, file)), { recursive: true });
      copyFileSync(source, join(this.folder, file));
    }
    for (const home of ['.', ...this.members()]) {
      const modules = join(home, 'node_modules');
      if (existsSync(join(root, modules))) link(modules, this.folder);
    }
    for (const member of this.projects()) this.stale.add(member);
  }

  /** The folders of packages and apps, relative to the root. */
  members() {
    return ['packages', 'apps'].flatMap((group) =>
      readdirSync(join(this.folder, group)).map((name) => `${group}/${name}`),
    );
  }

  /** Those that are compiled. */
  projects() {
    return this.members().filter((member) => existsSync(join(this.folder, member, 'tsconfig.json')));
  }

  /** Applies a mutant, in place of the one before. Throws where its patch does not fit. */
  mutate(mutant) {
    this.restore();
    const path = join(this.folder, mutant.file);
    const text = patched(mutant, this.folder);
    this.mutated = { path, file: mutant.file, text: readFileSync(path, 'utf8') };
    writeFileSync(path, text);
    this.stale.add(packageOf(mutant.file));
  }

  /** Takes back what `mutate` did; the package has to be built once more. */
  restore() {
    if (this.mutated === undefined) return;
    writeFileSync(this.mutated.path, this.mutated.text);
    this.stale.add(packageOf(this.mutated.file));
    this.mutated = undefined;
  }

  remove() {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Links what a `node_modules` holds: packages of the project to their copies, all others to where they are. */
function link(modules, copy) {
  mkdirSync(join(copy, modules), { recursive: true });
  for (const name of readdirSync(join(root, modules))) {
    if (name.startsWith('.')) continue; // The store, which is reached by the links, and caches, which are not shared.
    const source = join(root, modules, name);
    if (!existsSync(source)) continue; // To a package that has gone since it was installed.
    const scope = name.startsWith('@') && !lstatSync(source).isSymbolicLink();
    if (scope) link(join(modules, name), copy);
    else symlinkSync(placeOf(source, copy), join(copy, modules, name), 'junction');
  }
}

function placeOf(source, copy) {
  const real = realpathSync(source);
  const within = relative(realpathSync(root), real);
  const outside = within.startsWith('..') || isAbsolute(within);
  return outside || within.split(sep).includes('node_modules') ? real : join(copy, within);
}
