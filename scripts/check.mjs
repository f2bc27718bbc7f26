// What a reviewer should not have to say: runs every check, prints one line for each and the output of what failed.
import { appendFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { run } from './check/command.mjs';
import { writeTestProject } from './check/test-project.mjs';
import { root } from './files.mjs';

const packed = mkdtempSync(join(tmpdir(), 'dsm-packed-'));
process.on('exit', () => rmSync(packed, { recursive: true, force: true }));
// publint, attw and turbo start pnpm, which is a dependency of this repository.
process.env.PATH = join(root, 'node_modules', '.bin') + delimiter + process.env.PATH;

/** Checks that need the built packages wait for this one. */
const build = { name: 'build', commands: [['npm', 'run', '--silent', 'build']] };

const checks = [
  build,
  { name: 'biome', commands: [['biome', 'ci', '--colors=off', '--error-on-warnings', '.']] },
  { name: 'tidy', commands: [['node', 'scripts/tidy.mjs']] },
  { name: 'links', commands: [['node', 'scripts/links.mjs']] },
  { name: 'knip', commands: [['knip', '--no-progress', '--treat-config-hints-as-errors']] },
  { name: 'docs', after: build, commands: [['node', 'scripts/docs.mjs', '--check']] },
  { name: 'types of tests', after: build, commands: [['tsc', '-p', writeTestProject()]] },
  ...publishedFolders().map((folder) => packageCheck(folder)),
];

/** A package as users get it: what pnpm would publish, seen by two judges. */
function packageCheck(folder) {
  const tarball = join(packed, `${folder}.tgz`);
  const pack = ['pnpm', '--dir', join('packages', folder), 'pack', '--out', tarball];
  const judges = [
    ['publint', 'run', tarball, '--strict'],
    ['attw', tarball, '--profile', 'esm-only', '--no-color', '--no-emoji'],
  ];
  return { name: `package ${folder}`, after: build, commands: [pack, ...judges] };
}

function publishedFolders() {
  return readdirSync(join(root, 'packages')).filter((folder) => {
    const manifest = join(root, 'packages', folder, 'package.json');
    return existsSync(manifest) && JSON.parse(readFileSync(manifest, 'utf8')).private !== true;
  });
}

/** Runs the commands of one check until the first that fails; resolves to whether none did. */
async function perform(check) {
  const began = performance.now();
  const reason =
    (await check.after?.verdict) === false ? 'there is no build to check' : await complaint(check);
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  process.stdout.write(`${reason === undefined ? 'ok    ' : 'FAILED'}  ${check.name} (${seconds} s)\n`);
  if (reason !== undefined) process.stdout.write(`${reason.replace(/^(?=.)/gm, '        ')}\n`);
  const counted = reason === undefined ? '1 0' : `0 1 ${check.name}`;
  if (process.env.DSM_COUNTS) appendFileSync(process.env.DSM_COUNTS, `${counted}\n`);
  return reason === undefined;
}

async function complaint({ commands }) {
  for (const [program, ...options] of commands) {
    const { code, output } = await run(program, options);
    if (code !== 0) return `$ ${[program, ...options].join(' ')}\n${output.trim()}`;
  }
  return undefined;
}

// The build is first in line, so a worker that waits for it never keeps it from starting.
const waiting = [...checks];
const verdicts = [];
async function work() {
  for (let check = waiting.shift(); check !== undefined; check = waiting.shift()) {
    check.verdict = perform(check);
    verdicts.push(await check.verdict);
  }
}
await Promise.all(Array.from({ length: availableParallelism() }, work));

const failed = verdicts.filter((verdict) => !verdict).length;
process.stdout.write(`${verdicts.length - failed} checks passed, ${failed} failed\n`);
if (failed > 0) process.exitCode = 1;
