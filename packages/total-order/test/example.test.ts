import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const run = promisify(execFile);

test('the example of three processes and three variables prints what each is called back', async () => {
  const { stdout } = await run(process.execPath, ['examples/subscriptions/main.mjs'], {
    cwd: root,
    timeout: 50_000,
  });
  judge(stdout);
}, 60_000);

test('the README shows an output that the example can have', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  judge(/main\.mjs` runs[^`]*```\n([^`]*)```/.exec(readme)?.[1] ?? '');
});

function judge(output: string): void {
  const lines = output.trim().split('\n');
  const changesOf = (id: string, keys: string) =>
    lines.flatMap((line) => {
      const [, key, value] = new RegExp(`^${id}: (\\w) changed to (.*)$`).exec(line) ?? [];
      return key !== undefined && keys.includes(key) ? [`${key} ${value}`] : [];
    });
  expect(lines).toHaveLength(11);
  const [, winner] = /^(\w): was first at z$/m.exec(output) ?? [];
  expect(lines).toContain(`${winner === 'a' ? 'c' : 'a'}: was too late at z`);
  expect(changesOf('b', 'xyz').toSorted()).toEqual(['x 10', 'x 15', 'y 20', `z first set by ${winner}`]);
  expect(changesOf('b', 'x')).toEqual(['x 10', 'x 15']);
  // What two share they see in one order, over all variables.
  expect(changesOf('a', 'xyz')).toEqual(changesOf('b', 'xz'));
  expect(changesOf('c', 'xyz')).toEqual(changesOf('b', 'yz'));
}
