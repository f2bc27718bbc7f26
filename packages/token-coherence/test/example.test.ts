import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const run = promisify(execFile);
const ids = ['a', 'b', 'c', 'd'];

test('four processes count up and fill a dictionary, and all come to read the same', async () => {
  const { stdout } = await run(process.execPath, ['examples/counter-and-dictionary/main.mjs'], {
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
  const told = (id: string, text: string) =>
    lines.find((line) => line.startsWith(`${id}: ${text} `))?.slice(`${id}: ${text} `.length) ?? '';
  expect(lines).toHaveLength(4 * ids.length);
  const counts = ids.map((id) => Number(told(id, 'counted up to')));
  expect(counts.toSorted()).toEqual([1, 2, 3, 4]);
  const entries = Object.fromEntries(ids.map((id, slot) => [id, counts[slot]]));
  for (const [slot, id] of ids.entries()) {
    const found = Number(told(id, 'found counter at'));
    expect(found).toBeGreaterThanOrEqual(0);
    expect(found).toBeLessThan(counts[slot] as number);
    expect(told(id, 'counter is')).toBe('4');
    expect(JSON.parse(told(id, 'dictionary has'))).toEqual({ ...entries, first: 'there from the beginning' });
  }
}
