import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { freeAddresses } from '@dsm/conformance/free-ports';
import { expect, onTestFinished, test } from 'vitest';
import { decide } from '../src/options.js';

const folder = fileURLToPath(new URL('..', import.meta.url));
const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

/** Runs a program as a user would whose package depends on this one. */
function run(
  text: string,
  id: string,
): { child: ChildProcess; output: () => string; ended: Promise<number | null> } {
  const child = spawn(process.execPath, ['--input-type=module', '-e', text, 'app.mjs', id], { cwd: folder });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk) => {
      output += chunk;
    });
  }
  return { child, output: () => output, ended: new Promise((resolve) => child.on('close', resolve)) };
}

test('the example in the README runs, as three processes, and ends when it is told to', async () => {
  const [, example = ''] = /```js\n([\s\S]*?)```/.exec(readme) ?? [];
  const addresses = Object.values(await freeAddresses('a', 'b', 'c'));
  const text = example.replaceAll(/tcp:\/\/127\.0\.0\.1:\d+/g, () => addresses.shift() ?? '');
  const programs = ['a', 'b', 'c'].map((id) => run(text, id));
  const outputs = () => programs.map(({ output }) => output());
  await expect.poll(outputs, { timeout: 20_000 }).toEqual(['42\n', '42\n', '42\n']);
  for (const { child } of programs) child.kill('SIGINT');
  expect(await Promise.all(programs.map(({ ended }) => ended))).toEqual([0, 0, 0]);
}, 60_000);

test('the table of the README has every option, with its default', () => {
  const rows = [...readme.matchAll(/^\| ((?:`\w+`(?:, )?)+) \| .* \| (.*) \|$/gm)];
  const told = rows.flatMap(([, names = '', values = '']) => {
    const defaults = values.split(', ').map((value) => {
      const [digits = '', unit] = value.split(' ');
      return Number(digits.replace(',', '')) * (unit === 'MiB' ? 1024 * 1024 : 1);
    });
    return [...names.matchAll(/`(\w+)`/g)].map(([, name], index) => [name, defaults[index]]);
  });
  expect(Object.fromEntries(told)).toEqual(decide({}));
});
