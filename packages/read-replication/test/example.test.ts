import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const run = promisify(execFile);

test('the example of three processes and a shared object prints what each does', async () => {
  const { stdout } = await run(process.execPath, ['examples/shared-objects/main.mjs'], {
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
  expect(lines).toHaveLength(14);
  expect(lines.slice(0, 3).toSorted()).toEqual(['a: reads first', 'b: reads first', 'c: reads first']);
  const [first, second] = lines[3]?.startsWith('b') ? ['b', 'c'] : ['c', 'b'];
  // What two processes print need not come in the order in which they did it.
  for (const [member, notes] of [
    [first, 2],
    [second, 3],
  ]) {
    const said = lines.slice(3, 7).filter((line) => line.startsWith(`${member}`));
    expect(said).toEqual([`${member}: has write access`, `${member}: gives it back, with ${notes} notes`]);
  }
  expect(lines.slice(7, 10).toSorted()).toEqual(['a: reads 3 notes', 'b: reads 3 notes', 'c: reads 3 notes']);
  expect(lines[10]).toBe("b: 'board' was shared by another member: only that one may share or revoke it");
  const gone = (member: string) => `${member}: it is gone, and reads undefined`;
  expect(lines.slice(11).toSorted()).toEqual(['a', 'b', 'c'].map(gone));
}
