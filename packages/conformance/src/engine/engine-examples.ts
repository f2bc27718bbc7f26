import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { ExampleProgram } from './example-program.js';
import type { LocalServer } from './local-server.js';

/** What the examples of the documentation are run with. */
export interface ExampleSubject {
  /** Of the package: its README has an example, the first page two folders above has the other. */
  readonly folder: string;
  start(): Promise<LocalServer>;
  /** The address in the package's example, in whose place the server's is put. */
  readonly address: string;
  /** What stands in the first page's example for its import and for its protocol. */
  readonly imports: string;
  protocol(url: string): string;
}

const ids = ['a', 'b', 'c'];
const outputMs = 20_000;

/** The first example of a page. */
function exampleOf(page: string): string {
  const [, example = ''] = /```js\n([\s\S]*?)```/.exec(readFileSync(page, 'utf8')) ?? [];
  return example;
}

/** Defines tests: the first page's example does with another engine what it does, and so does the package's own. */
export function engineExamples({ folder, start, address, imports, protocol }: ExampleSubject): void {
  const closing: (() => unknown)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });

  const served = async () => {
    const server = await start();
    closing.push(() => server.stop());
    return server;
  };
  const started = (text: string) => {
    const programs = ids.map((id) => new ExampleProgram(text, id, folder));
    for (const program of programs) closing.push(() => program.kill());
    return programs;
  };

  test('that of the first page runs unchanged, but for the import and one word', async () => {
    const { url } = await served();
    const swapped = exampleOf(join(folder, '../../README.md'))
      .replace("{ attiyaRegister, join } from '@dsm/attiya-register'", imports)
      .replace('join(attiyaRegister(),', `join(${protocol(url)},`);
    expect(swapped).not.toContain('attiya');
    const wanted = new Set(ids.map((id) => `greeting from ${id} hello`));
    for (const program of started(swapped)) {
      const lines = () => program.output.trim().split('\n');
      const seen = () => new Set(lines().map((line) => line.replace(/^\w+ sees /, '')));
      await expect.poll(seen, { timeout: outputMs }).toEqual(wanted);
    }
  });

  test('that of this package runs', async () => {
    const { url } = await served();
    const text = exampleOf(join(folder, 'README.md')).replace(address, url);
    expect(text).toContain(url);
    for (const program of started(text)) {
      await expect.poll(() => program.output, { timeout: outputMs }).toMatch(/the counter is at 3\n$/);
    }
  });
}
