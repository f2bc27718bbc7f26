import { describe, expect, it } from 'vitest';
import { complaintsAbout, rules } from '../tidy/rules.mjs';

const replica = 'packages/attiya-register/src/replica.ts';
const protocolIndex = 'packages/attiya-register/src/index.ts';
const link = 'packages/core/src/link/link.ts';

/** What the rules say about a snippet at a path: `rule: complaint`, one per breach. */
function complaints(path, text) {
  return complaintsAbout(text, path).map((complaint) => `${complaint.rule.name}: ${complaint.text}`);
}

/** One breach per row: the rule that must fire, the path, and the snippet. */
const breaches = [
  ['line length', 'packages/core/src/tag.ts', `// ${'x'.repeat(118)}`],
  ['no reminders', 'packages/core/src/tag.ts', '// TODO: more'],
  ['no reminders', 'packages/core/test/tag.test.ts', 'const text = "FIXME";'],
  ['reasons for exceptions', 'packages/core/src/tag.ts', '// @ts-ignore'],
  ['reasons for exceptions', 'packages/core/src/tag.ts', '// @ts-expect-error'],
  ['reasons for exceptions', 'packages/core/src/tag.ts', '// biome-ignore lint/suspicious/noExplicitAny'],
  ['no tests left out', 'packages/core/test/tag.test.ts', "it.only('x', () => {});"],
  ['no tests left out', 'packages/core/test/tag.test.ts', "describe.skip.each([1])('x', () => {});"],
  ['no tests left out', 'packages/core/test/tag.test.ts', "it('x', (context) => context.skip());"],
  ['no #private fields', replica, 'class A { #votes = 0; }'],
  ['no #private fields', 'packages/core/src/group/view.ts', 'class A { #merge(): void {} }'],
  ['no #private fields', link, 'class A { has(): boolean { return #tag in this; } }'],
  ['no clock, chance, promise or I/O', replica, 'const now = Date.now();'],
  ['no clock, chance, promise or I/O', replica, 'const now = performance.now();'],
  ['no clock, chance, promise or I/O', replica, 'const luck = Math.random();'],
  ['no clock, chance, promise or I/O', replica, 'const luck = crypto.randomUUID();'],
  ['no clock, chance, promise or I/O', link, 'setTimeout(resend, 10);'],
  ['no clock, chance, promise or I/O', link, 'setInterval(resend, 10);'],
  ['no clock, chance, promise or I/O', link, 'setImmediate(resend);'],
  ['no clock, chance, promise or I/O', link, 'queueMicrotask(resend);'],
  ['no clock, chance, promise or I/O', 'packages/core/src/group/view.ts', 'type Later = Promise<void>;'],
  ['no clock, chance, promise or I/O', 'packages/core/src/group/view.ts', 'const f = async () => 1;'],
  ['no clock, chance, promise or I/O', 'packages/causal/src/messages.ts', 'await merge();'],
  ['no clock, chance, promise or I/O', 'packages/causal/src/messages.ts', 'console.log(1);'],
  ['no clock, chance, promise or I/O', 'packages/causal/src/messages.ts', 'globalThis.process;'],
  ['no clock, chance, promise or I/O', link, 'const text = `at ${Date.now()}`;'],
  ['no clock, chance, promise or I/O', 'packages/core/src/link/a.ts', "import { join } from 'node:path';"],
  ['names say what a file is', 'packages/core/src/utils.ts', ''],
  ['names say what a file is', 'packages/core/src/memory/types.ts', ''],
  ['names say what a file is', 'scripts/link-manager.mjs', ''],
  ['no machine paths', 'README.md', ['see ', 'work', 'main'].join('/')],
  ['no machine paths', 'packages/core/test/a.test.ts', `open('${['', 'tmp', 'x'].join('/')}')`],
  ['no registry hosts', 'pnpm-lock.yaml', ['https://registry', 'npmjs', 'org/a.tgz'].join('.')],
  ['no tool credits', 'README.md', ['Co', 'authored', 'by: somebody'].join('-')],
  ['no tool credits', 'docs/a.md', ['asked a chat', 'bot'].join('')],
];

describe('each rule fires on a breach', () => {
  it.each(breaches)('%s: %s %s', (rule, path, text) => {
    expect(complaintsAbout(text, path).map((complaint) => complaint.rule.name)).toContain(rule);
  });

  it('has a breach for every rule but the arrows, which have their own suite', () => {
    const tried = new Set(breaches.map(([rule]) => rule));
    expect(rules.map((rule) => rule.name).filter((name) => !tried.has(name))).toEqual(['arrows point down']);
  });
});

describe('rules are silent about', () => {
  const allowed = [
    ['a line of 120', 'packages/core/src/tag.ts', `// ${'x'.repeat(117)}`],
    ['a reason', 'packages/core/src/tag.ts', '// @ts-expect-error the types of zeromq lack this event'],
    ['a reason', 'packages/core/src/tag.ts', '// biome-ignore lint/suspicious/noExplicitAny: any class fits'],
    ['words in comments and strings', replica, "// No Date, no Promise.\nconst text = 'await async';"],
    ['words in expressions', replica, 'const pattern = /Date|Promise/;'],
    ['members of other names', replica, 'this.Date; updateDate(); awaiting.set(1, asynchronous);'],
    ['the clock in node', 'packages/core/src/node/node.ts', 'const now = Date.now();'],
    ['a skip that is not a test', 'packages/core/src/codec/reader.ts', 'reader.skip(4);'],
    ['a hash in a string', replica, "const hash = '#votes';"],
    ['folders named like machine paths', 'README.md', 'packages/work/src and ./tmp/x and example.org/root/a'],
  ];
  it.each(allowed)('%s', (_, path, text) => expect(complaints(path, text)).toEqual([]));
});

describe('arrows point down', () => {
  const forbidden = [
    [link, '../node/clock.js'],
    [link, '../group/view.js'],
    [link, '../memory/error.js'],
    [link, '../index.js'],
    ['packages/core/src/group/view.ts', '../node/clock.js'],
    ['packages/core/src/codec/reader.ts', '../link/link.js'],
    ['packages/core/src/transport/memory.ts', '../link/link.js'],
    ['packages/core/src/node/node.ts', '../memory/shared-memory.js'],
    ['packages/core/src/protocol.ts', './memory/shared-memory.js'],
    ['packages/core/src/attic/old.ts', '../protocol.js'],
    ['packages/core/src/link/link.ts', '../attic/old.js'],
    ['packages/core/src/link/link.ts', '@dsm/checker'],
    ['packages/core/src/link/link.ts', 'zeromq'],
    ['packages/core/src/node/node.ts', 'node:crypto'],
    ['packages/checker/src/index.ts', '@dsm/core'],
    [replica, '@dsm/checker'],
    [replica, '@dsm/transport-zeromq'],
    [replica, '@dsm/corelli'],
    [replica, '#transport'],
    [protocolIndex, '#transport'],
    ['packages/unheard-of/src/index.ts', '@dsm/core'],
    ['packages/causal/test/a.test.ts', '../../core/src/protocol.js'],
    ['packages/causal/test/a.test.ts', '@dsm/benchmark-app'],
    ['apps/node/src/main.ts', '@dsm/benchmark-app'],
    ['apps/node/src/main.ts', '../../benchmark/src/main.js'],
    ['apps/node/src/main.ts', '../../vitest.package.config.ts'],
  ];
  it.each(forbidden)('%s may not import %s', (path, specifier) => {
    const forms = [`import { x } from '${specifier}';`, `export type { x } from "${specifier}";`];
    for (const text of forms) expect(complaints(path, text)).toHaveLength(1);
  });

  const admitted = [
    [link, './resend.js'],
    [link, '../protocol.js'],
    [link, '../codec/reader.js'],
    ['packages/core/src/group/view.ts', '../link/link.js'],
    ['packages/core/src/node/node.ts', '../transport/memory.js'],
    ['packages/core/src/memory/shared-memory.ts', '../node/node.js'],
    ['packages/core/src/index.ts', './memory/shared-memory.js'],
    ['packages/core/src/memory/value.ts', 'msgpackr'],
    [replica, '@dsm/core'],
    [replica, './messages.js'],
    ['packages/transport-zeromq/src/index.ts', 'node:net'],
    ['packages/causal/test/a.test.ts', '../src/replica.js'],
    ['packages/causal/test/a.test.ts', '@dsm/checker'],
    ['apps/benchmark/src/main.ts', '@dsm/causal'],
    ['packages/causal/vitest.config.ts', '../../vitest.package.config.ts'],
  ];
  it.each(admitted)('%s may import %s', (path, specifier) => {
    expect(complaints(path, `import { x } from '${specifier}';`)).toEqual([]);
  });

  it('lets the index of a protocol reach the transport by import() only', () => {
    expect(complaints(protocolIndex, "const later = () => import('#transport');")).toEqual([]);
    expect(complaints(replica, "const later = () => import('#transport');")).not.toEqual([]);
  });

  it('sees imports over several lines, and none in comments and strings', () => {
    const several = "import {\n  x,\n} from '../node/clock.js';";
    expect(complaints(link, several)).toHaveLength(1);
    const written = '// import { x } from "../node/clock.js";\nconst text = "import(\'../node/clock.js\')";';
    expect(complaints(link, written)).toEqual([]);
  });
});
