import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { checkLinearizable, parseHistory, renderHistory } from '../src/index.js';

test('the example in the README prints what stands below it', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const [, lines, printed] = /parseHistory\(`([^`]*)`\)[\s\S]*?```\n\n```\n([^`]*)```/.exec(readme) ?? [];
  const { verdict, counterexample } = checkLinearizable(parseHistory(lines ?? ''));
  const drawing = renderHistory(counterexample?.operations ?? []);
  expect(`${verdict} ${counterexample?.reason}\n${drawing}\n`).toBe(printed);
});
