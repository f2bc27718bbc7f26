import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { freeAddresses } from '@dsm/conformance/free-ports';
import { afterEach, expect, test } from 'vitest';

const folder = fileURLToPath(new URL('..', import.meta.url));

/** A program run as a user would whose package depends on this one. */
class Program {
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
  output = '';

  constructor(text: string, id: string) {
    const options = ['--input-type=module', '-e', text, 'app.mjs', id];
    this.child = spawn(process.execPath, options, { cwd: folder });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.setEncoding('utf8').on('data', (chunk) => {
        this.output += chunk;
      });
    }
    this.ended = new Promise((resolve) => this.child.on('close', (code) => resolve(code)));
  }
}

let programs: Program[] = [];
afterEach(() => {
  for (const { child } of programs) child.kill('SIGKILL');
});

test('the example in the README runs, as three processes, and ends when it is told to', async () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const [, example = ''] = /```js\n([\s\S]*?)```/.exec(readme) ?? [];
  const addresses = Object.values(await freeAddresses('a', 'b', 'c'));
  const text = example.replaceAll(/tcp:\/\/127\.0\.0\.1:\d+/g, () => addresses.shift() ?? '');
  programs = ['a', 'b', 'c'].map((id) => new Program(text, id));
  const outputs = () => programs.map(({ output }) => output);
  await expect.poll(outputs, { timeout: 20_000 }).toEqual(['42\n', '42\n', '42\n']);
  for (const { child } of programs) child.kill('SIGINT');
  expect(await Promise.all(programs.map(({ ended }) => ended))).toEqual([0, 0, 0]);
}, 60_000);
