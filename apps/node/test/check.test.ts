import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dsm-check-'));
});
afterAll(() => rm(folder, { recursive: true }));

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs the command in `folder`, as `npm run` does: from elsewhere, with the user's folder in INIT_CWD. */
function dsm(args: string[], input = ''): Promise<Ended> {
  return new Promise((resolve) => {
    const env = { ...process.env, INIT_CWD: folder };
    const child = execFile(process.execPath, [main, ...args], { env }, (error, out, err) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, err });
    });
    child.stdin?.end(input);
  });
}

const write = { client: 'a', op: 'write', key: 'x', value: 1, start_ns: 0, end_ns: 10 };
const read = { client: 'b', op: 'read', key: 'x', value: 1, start_ns: 20, end_ns: 30 };
const lines = (...operations: object[]) =>
  operations.map((operation) => `${JSON.stringify(operation)}\n`).join('');

describe('dsm check', () => {
  it('says legal and exits 0', async () => {
    await writeFile(join(folder, 'legal.jsonl'), lines(write, read));
    const { code, out } = await dsm(['check', 'legal.jsonl']);
    expect(out).toBe('legal: linearizable, 2 operations on 1 keys were checked\n');
    expect(code).toBe(0);
  });

  it('says illegal, draws the counter-example and exits 1', async () => {
    const stale = { ...read, value: undefined };
    const { code, out } = await dsm(['check', '-'], lines(write, stale));
    expect(out).toMatch(/^illegal: /);
    expect(out).toContain('[write 1]');
    expect(code).toBe(1);
  });

  it('calls an empty history undecided and exits 2', async () => {
    const { code, out } = await dsm(['check', '-'], '');
    expect(out).toMatch(/^unknown: /);
    expect(code).toBe(2);
  });

  it.each([
    ['no command', []],
    ['an unknown command', ['explode']],
    ['no file', ['check']],
    ['two files', ['check', 'a', 'b']],
    ['an unknown option', ['check', '-', '--fast']],
    ['a model without a checker', ['check', '-', '--model', 'causal']],
    ['a file that is not there', ['check', 'nowhere.jsonl']],
  ])('refuses %s with exit code 64 and the usage', async (_, args) => {
    const { code, err } = await dsm(args);
    expect(err).toMatch(/^dsm: .*\n\nUsage: dsm/s);
    expect(code).toBe(64);
  });

  it('names the line of what is not a history', async () => {
    const { code, err } = await dsm(['check', '-'], `${lines(write)}not json\n`);
    expect(err).toContain('line 2');
    expect(code).toBe(64);
  });

  it('prints the usage when asked', async () => {
    const { code, out } = await dsm(['--help']);
    expect(out).toMatch(/^Usage: dsm/);
    expect(code).toBe(0);
  });
});
