import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';

const folder = fileURLToPath(new URL('..', import.meta.url));
const readme = readFileSync(join(folder, 'README.md'), 'utf8');
/** The files in the README, by the names in their first lines. */
const files = new Map(
  [...readme.matchAll(/```ts\n\/\/ (\S+)\n([\s\S]*?)```/g)].map(([, name = '', text = '']) => [name, text]),
);

test('the README has a protocol and the line that tries it', () => {
  expect([...files.keys()]).toEqual(['single-server.test.ts', 'single-server.ts']);
});

test('its protocol is the one that the other tests break', () => {
  const fixture = readFileSync(join(folder, 'test', 'fixtures', 'single-server.ts'), 'utf8');
  expect(files.get('single-server.ts')).toBe(fixture);
});

// Beside what was built, where packages are found by their names and nothing is kept.
mkdirSync(join(folder, 'dist'), { recursive: true });
const place = mkdtempSync(join(folder, 'dist', 'readme-'));
afterAll(() => rmSync(place, { recursive: true }));
for (const [name, text] of files) writeFileSync(join(place, name), text);

// Registers the whole suite here, as it would in a file of a user.
await import(join(place, 'single-server.test.ts'));
