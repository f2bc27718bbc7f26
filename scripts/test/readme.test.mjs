// What the README and the page of a memory's methods show, run as a reader would run it.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePorts } from '@dsm/conformance/free-ports';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { root } from '../files.mjs';

const readme = readFileSync(join(root, 'README.md'), 'utf8');
const memoryPage = readFileSync(join(root, 'docs', 'memory.md'), 'utf8');
let folder;
let children;

beforeEach(() => {
  // In the clone, as the README says: there the names of the packages lead to them.
  folder = mkdtempSync(join(root, '.readme-'));
  children = [];
});
afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

/** The first block of code in a language. */
function block(language, page = readme) {
  const code = new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 's').exec(page)?.[1];
  if (code === undefined) throw new Error(`the page has no block of ${language}`);
  return code;
}

/** Compiles a program of the folder, as strictly as its reader may. What the compiler complains of. */
function compile(file) {
  const target = '--target es2022 --module nodenext --lib es2023,esnext.disposable --strict';
  const options = [...target.split(' '), '--ignoreConfig', '--types', 'node', file];
  const compiler = join(root, 'node_modules', '.bin', 'tsc');
  return spawnSync(compiler, options, { cwd: folder, encoding: 'utf8' }).stdout;
}

/** The code with ports that are free, all different. */
async function withFreePorts(code) {
  const free = await freePorts(3);
  return code.replaceAll(/700([123])/g, (_, digit) => String(free[digit - 1]));
}

/** Starts a program of the folder and collects what it prints. */
function start(file, ...args) {
  const child = spawn(process.execPath, [join(folder, file), ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const program = { child, out: '', exit: new Promise((resolve) => child.on('exit', resolve)) };
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (text) => {
      program.out += text;
    });
  }
  children.push(child);
  return program;
}

/** Waits until the program has printed all of these texts. */
async function printed(program, ...texts) {
  const lacks = () => texts.filter((text) => !program.out.includes(text));
  await expect.poll(lacks, { timeout: 30_000, message: program.out }).toEqual([]);
}

describe('the README', () => {
  it('shows ten lines that run in three processes', { timeout: 90_000 }, async () => {
    writeFileSync(join(folder, 'app.mjs'), await withFreePorts(block('js')));
    const members = ['a', 'b', 'c'].map((id) => [id, start('app.mjs', id)]);
    for (const [id, program] of members) {
      await printed(program, ...['a', 'b', 'c'].map((from) => `${id} sees greeting from ${from} hello`));
    }
    expect(children.map(({ exitCode }) => exitCode)).toEqual([null, null, null]);
  });

  it('shows TypeScript that compiles and runs', { timeout: 90_000 }, async () => {
    const code = await withFreePorts(block('ts'));
    writeFileSync(join(folder, 'app.mts'), code);
    expect(compile('app.mts')).toBe('');
    const [members] = /members: {.*}/.exec(code) ?? [''];
    const other = `import { attiyaRegister, join } from '@dsm/attiya-register';
await join(attiyaRegister(), { id: process.argv[2], ${members} });`;
    writeFileSync(join(folder, 'other.mjs'), other);
    start('other.mjs', 'b');
    start('other.mjs', 'c');
    const program = start('app.mjs');
    await printed(program, '10 true');
    expect(await program.exit).toBe(0);
  });
});

describe('the page of the methods', () => {
  it('shows TypeScript that compiles and prints what it says', { timeout: 90_000 }, async () => {
    const code = block('ts', memoryPage);
    writeFileSync(join(folder, 'methods.mts'), code);
    expect(compile('methods.mts')).toBe('');
    const program = start('methods.mjs');
    expect(await program.exit, program.out).toBe(0);
    const promised = code.matchAll(/console\.log\(.*\); \/\/ (.*)/g);
    expect(program.out).toBe(Array.from(promised, ([, line]) => `${line}\n`).join(''));
  });
});
