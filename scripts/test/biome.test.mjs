import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { root } from '../files.mjs';

function functionOf(lines) {
  return `export function f(): void {\n${'  g();\n'.repeat(lines)}}\n`;
}

/** One breach per row: the rule that must fire, the path, and the text. */
const breaches = [
  ['noExcessiveLinesPerFunction', 'packages/causal/src/function.ts', functionOf(41)],
  ['noExcessiveLinesPerFunction', 'apps/node/src/main.ts', functionOf(41)],
  ['noExcessiveLinesPerFile', 'packages/causal/src/file.ts', 'f();\n'.repeat(401)],
  ['noExplicitAny', 'packages/causal/src/any.ts', 'export const x: any = 1;\n'],
  ['noTsIgnore', 'packages/causal/src/ignore.ts', '// @ts-ignore\nexport const x = 1;\n'],
  ['noDefaultExport', 'packages/causal/src/default.ts', 'export default class {}\n'],
  ['noReExportAll', 'packages/causal/src/index.ts', "export * from './any.js';\n"],
  ['noConsole', 'packages/causal/src/console.ts', 'console.log(1);\n'],
  ['useFilenamingConvention', 'packages/causal/src/theReplica.ts', 'export const x = 1;\n'],
  ['noImportCycles', 'packages/causal/src/one.ts', "import './other.js';\n"],
  ['noImportCycles', 'packages/causal/src/other.ts', "import './one.js';\n"],
];
const allowed = [
  ['a function of 40 lines', 'packages/causal/src/forty.ts', functionOf(40)],
  ['a longer function in a test', 'packages/causal/test/a.test.ts', functionOf(99)],
  ['the console in an app', 'apps/node/src/print.ts', 'console.log(1);\n'],
];

describe("the linter's share of the style", () => {
  let folder;
  let found;

  // A copy, not the repository: there the snippets would be found by a check that runs at the same time.
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'style-'));
    for (const name of ['biome.json', '.gitignore']) copyFileSync(join(root, name), join(folder, name));
    for (const [, path, text] of [...breaches, ...allowed]) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    const biome = join(root, 'node_modules', '.bin', 'biome');
    const options = ['lint', '--colors=off', '--max-diagnostics=none', '.'];
    const { stdout, stderr } = spawnSync(biome, options, { cwd: folder, encoding: 'utf8' });
    found = [...(stdout + stderr).matchAll(/^(\S+?\.ts)(?::\S+)? lint\/\w+\/(\w+)/gm)];
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const broken = (wanted) => found.filter(([, path]) => path === wanted).map(([, , rule]) => rule);
  it.each(breaches)('%s at %s', (rule, path) => expect(broken(path)).toEqual([rule]));
  it.each(allowed)('is silent about %s', (_, path) => expect(broken(path)).toEqual([]));
});
