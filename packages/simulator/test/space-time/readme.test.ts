import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { drawText } from '../../src/space-time/text.js';

test('the example in the README prints the diagram below it', () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  const pattern = /```js\nimport \{ drawText \} from '@dsm\/simulator';\n([^`]*)```\n\n```\n([^`]*)```/;
  const [, program = '', diagram] = pattern.exec(readme) ?? [];
  const printed: string[] = [];
  const run = new Function('drawText', 'console', program);
  run(drawText, { log: (text: string) => printed.push(text.trimEnd()) });
  expect(`${printed.join('\n')}\n`).toBe(diagram);
});

test('the signs that the README explains are those of its diagram, and of the renderer', () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  const story = {
    members: ['a', 'b'],
    moments: [
      { kind: 'event', at: 0, label: 'timer' },
      { kind: 'event', at: 0, label: 'y'.repeat(200) },
    ],
  } as const;
  const drawn = `${/```\n\n```\n([^`]*)```/.exec(readme)?.[1]}\n${drawText(story)}`;
  const [part = ''] = readme.split('## Simulate');
  const rows = [...part.matchAll(/^\| (`.*`) \|/gm)].map(([, signs = '']) => signs);
  expect(rows).toHaveLength(8);
  for (const row of rows) {
    for (const [, sign = ''] of row.matchAll(/`([^`]*)`/g)) {
      for (const part of sign.split(/ ╌►| ─►/)) expect(drawn).toContain(part);
    }
  }
});
