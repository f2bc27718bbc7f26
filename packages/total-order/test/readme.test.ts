import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { freeAddresses } from '@dsm/conformance/free-ports';
import { afterEach, expect, test } from 'vitest';

const folder = fileURLToPath(new URL('..', import.meta.url));
let programs: Program[] = [];
afterEach(() => {
  for (const { child } of programs) child.kill('SIGKILL');
});

/** A program run as a user would whose package depends on this one. */
class Program {
  readonly child: ChildProcess;
  readonly ended: Promise<unknown>;
  output = '';

  constructor(text: string, id: string) {
    const options = ['--input-type=module', '-e', text, 'app.mjs', id];
    this.child = spawn(process.execPath, options, { cwd: folder });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.setEncoding('utf8').on('data', (chunk) => {
        this.output += chunk;
      });
    }
    this.ended = once(this.child, 'close').then(([code]) => code);
  }
}

test('the example in the README runs, as three processes, and ends when it is told to', async () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  let [, text = ''] = /```js\n([\s\S]*?)```/.exec(readme) ?? [];
  const free = await freeAddresses('7001', '7002', '7003');
  for (const [port, address] of Object.entries(free)) text = text.replace(`tcp://127.0.0.1:${port}`, address);
  programs = ['a', 'b', 'c'].map((id) => new Program(text, id));
  const outputs = () => programs.map(({ output }) => output).toSorted();
  await expect.poll(outputs, { timeout: 20_000 }).toEqual(['visit 1\n', 'visit 2\n', 'visit 3\n']);
  for (const { child } of programs) child.kill('SIGINT');
  expect(await Promise.all(programs.map(({ ended }) => ended))).toEqual([0, 0, 0]);
}, 60_000);
