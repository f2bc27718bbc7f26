// The tests are in no project of `tsc -b`, so that nothing of them is built. This one only checks their types.
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../files.mjs';

/** Writes the TypeScript project of all test folders; returns its path. */
export function writeTestProject() {
  const folder = join(root, 'node_modules', '.cache', 'dsm');
  const members = ['packages', 'apps'].flatMap((kind) =>
    readdirSync(join(root, kind)).map((name) => join(root, kind, name)),
  );
  const project = {
    extends: join(root, 'tsconfig.base.json'),
    compilerOptions: {
      ...{ composite: false, declaration: false, declarationMap: false, noEmit: true },
      ...{ allowImportingTsExtensions: true, types: ['node'] },
    },
    include: members.flatMap((member) => [join(member, 'test'), join(member, '*.config.ts')]),
    // A test that imports `../src/…` gets the built declarations: src is checked with its own settings only.
    references: members.filter((m) => existsSync(join(m, 'tsconfig.json'))).map((path) => ({ path })),
  };
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(project, null, 2));
  return join(folder, 'tsconfig.json');
}
