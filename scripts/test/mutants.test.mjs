import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { root } from '../files.mjs';
import { mutants, notYet } from '../mutants/catalogue.mjs';
import { Checkout } from '../mutants/checkout.mjs';
import { Hunt, Trouble, textOf } from '../mutants/hunt.mjs';
import { layerNames, tested } from '../mutants/layers.mjs';
import { chosen, optionsOf, UsageError } from '../mutants/options.mjs';
import { pageOf } from '../mutants/page.mjs';
import { packageOf, patched } from '../mutants/patch.mjs';
import { run } from '../mutants/program.mjs';
import { columnsOf, isKilled } from '../mutants/report.mjs';
import { baselineFault, verdictOn, workDone } from '../mutants/verdict.mjs';

const page = 'docs/mutants.md';

/** The titles in a test file, as patterns of how the whole name of a test may end. */
function titlesIn(text) {
  const literals = [...text.matchAll(/(['"`])((?:(?!\1).)+)\1/g)].map(([, , literal]) => literal);
  const exact = (part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return literals.map((literal) =>
    literal
      .split(/%[sdi]|\$\{\w+\}/)
      .map(exact)
      .join('.+'),
  );
}

/** Matches the pattern of a title of three words or more that a name ends with. */
function endOf(name) {
  return expect.toSatisfy(
    (title) => title.split(' ').length > 2 && new RegExp(`(?:^| )${title}$`).test(name),
  );
}

describe('the catalogue', () => {
  it.each(mutants.map((mutant) => [mutant.name, mutant]))('%s: fits its file once', (_, mutant) => {
    expect(() => patched(mutant, root)).not.toThrow();
    expect(packageOf(mutant.file)).toMatch(/^(?:packages|apps)\/[\w-]+$/);
  });

  it('has a name and a layer for each, and each name once', () => {
    const names = [...mutants, ...notYet].map(({ name }) => name);
    expect(names).toEqual([...new Set(names)]);
    expect(mutants.filter(({ layers }) => layers.length === 0)).toEqual([]);
    const layers = mutants.flatMap((mutant) => mutant.layers);
    expect(layers.filter(({ layer }) => !layerNames.includes(layer))).toEqual([]);
    expect(layers.filter(({ names: property }) => property === '')).toEqual([]);
  });

  it('has 20 quick ones, some of each kind', () => {
    const quick = mutants.filter((mutant) => mutant.quick);
    expect(quick).toHaveLength(20);
    expect(new Set(quick.map(({ of }) => of))).toEqual(new Set(mutants.map(({ of }) => of)));
  });

  it.each(mutants.flatMap(({ layers }) => layers).filter(({ layer }) => layer === 'test'))(
    'finds its test in $folder: $names',
    ({ folder, command, names }) => {
      expect(titlesIn(readFileSync(join(root, folder, command.at(-1)), 'utf8'))).toContainEqual(endOf(names));
    },
  );

  it('is what the page shows', () => {
    expect(readFileSync(join(root, page), 'utf8')).toBe(pageOf(mutants, notYet));
  });
});

describe('a patch', () => {
  let folder;
  const mutant = { name: 'm', file: 'a.ts', from: 'one', to: 'two' };
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'patch-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const write = (text) => writeFileSync(join(folder, 'a.ts'), text);

  it('replaces its text, in which nothing is a pattern', () => {
    write('a.one();');
    expect(patched({ ...mutant, from: '.one()', to: '$&$1' }, folder)).toBe('a$&$1;');
  });

  it('may have several places', () => {
    write('one three');
    expect(patched({ ...mutant, also: [{ from: 'three', to: 'four' }] }, folder)).toBe('two four');
    expect(() => patched({ ...mutant, also: [{ from: 'five', to: 'six' }] }, folder)).toThrow('0 times');
  });

  it.each([
    ['nowhere', 'three', '0 times'],
    ['twice', 'one one', '2 times'],
  ])('does not fit where its text is %s', (_, text, complaint) => {
    write(text);
    expect(() => patched(mutant, folder)).toThrow(complaint);
  });

  it('has to change something', () => {
    write('one');
    expect(() => patched({ ...mutant, to: 'one' }, folder)).toThrow('changes nothing');
  });
});

/** What vitest prints of tests, by name: 'passed', or the message of the failure. */
function report(tests, code = 1) {
  const assertionResults = Object.entries(tests).map(([title, message]) => ({
    ancestorTitles: ['it'],
    title,
    status: message === 'passed' ? 'passed' : 'failed',
    failureMessages: message === 'passed' ? [] : [message],
  }));
  const json = JSON.stringify({ numTotalTestSuites: 1, testResults: [{ assertionResults }] });
  return { code, output: `a word before\n${json}\n`, timedOut: false };
}

describe('the verdict on a run of tests', () => {
  const layer = tested('core', 'link', 'it works');
  const assertion = 'AssertionError: expected 1 to be 2';
  const cases = [
    ['survived', 'nothing fails', report({ works: 'passed', other: 'passed' }, 0)],
    ['killed', 'the named test fails', report({ works: assertion, other: 'passed' })],
    ['fooled', 'another test fails', report({ works: 'passed', other: assertion })],
    ['fooled', 'the named test is gone', report({ other: assertion, third: 'passed' })],
    ['fooled', 'everything fails', report({ works: assertion, other: assertion })],
    ['fooled', 'nothing could run', { code: 1, output: 'SyntaxError', timedOut: false }],
    [
      'fooled',
      'the named test is part of a longer name',
      report({ 'works well': assertion, other: 'passed' }),
    ],
    [
      'timed out',
      'the named test only hangs',
      report({ works: 'Error: STACK_TRACE_ERROR', other: 'passed' }),
    ],
    ['timed out', 'the run hangs', { code: undefined, output: '', timedOut: true }],
  ];
  it.each(cases)('is %s where %s', (verdict, _, outcome) => {
    expect(verdictOn(layer, {}, outcome).verdict).toBe(verdict);
  });

  it('is killed by hanging where that is what the mutant does', () => {
    for (const [, , outcome] of cases.slice(-2)) {
      expect(verdictOn(layer, { hangs: true }, outcome).verdict).toBe('killed');
    }
  });

  it('needs a baseline in which the named test passed', () => {
    const fault = (outcome, names = ['it works']) => baselineFault(layer.command, names, outcome);
    expect(fault(report({ works: 'passed' }, 0))).toBeUndefined();
    expect(fault(report({ works: 'passed' }, 1))).toBe('exit code 1');
    expect(fault(report({ other: 'passed' }, 0))).toBe('no such test passed: it works');
    expect(fault(report({}, 0))).toBe('no test ran');
    expect(fault({ code: 0, output: 'No test files found', timedOut: false })).toBe('no test ran');
    expect(fault({ code: 0, output: '', timedOut: true })).toBe('no end within its time');
    expect(workDone(report({ works: 'passed', other: 'passed' }, 0).output)).toBe('2 tests');
  });
});

describe('the verdict on a run that names properties', () => {
  const layer = { layer: 'explore', command: ['node', 'main.js'], names: 'a tag never falls' };
  const said = (output, code = 1) => ({ code, output, timedOut: false });
  it.each([
    ['killed', said('violation: a tag never falls\nx')],
    ['survived', said('9 states', 0)],
    ['fooled', said('violation: a tag never falls twice')],
    ['fooled', said('violation: linearizable')],
    ['fooled', said('not a violation: a tag never falls')],
    ['fooled', said('violation: a tag never falls', 64)],
    ['fooled', said('TypeError: x')],
    ['fooled', said('violation: a tag never falls', null)],
  ])('is %s after %j', (verdict, outcome) => {
    expect(verdictOn(layer, {}, outcome).verdict).toBe(verdict);
  });

  it('tells the seed', () => {
    const output = 'violation: a tag never falls\nTo see it again: simulate p --seed 38';
    expect(verdictOn(layer, {}, said(output)).proof).toBe('a tag never falls (seed 38)');
  });

  it('needs a baseline that says how much it tried, and finds nothing', () => {
    const fault = (output, code = 0) => baselineFault(layer.command, [layer.names], said(output, code));
    expect(fault('1,037 states in 0.2 s')).toBeUndefined();
    expect(fault('0 states')).toBe('it does not say how much it tried');
    expect(fault('')).toBe('it does not say how much it tried');
    expect(fault('9 states\nviolation: linearizable')).toBe('it reports a violation and exits with 0');
    expect(fault('9 states', 3)).toBe('exit code 3');
  });
});

describe('options', () => {
  const some = [
    { name: 'a', of: 'x', quick: true, layers: [{ layer: 'test' }, { layer: 'explore' }] },
    { name: 'b', of: 'y', layers: [{ layer: 'test' }] },
  ];
  const names = (...args) =>
    chosen(some, optionsOf(args)).map(({ name, layers }) => `${name}: ${layers.map(({ layer }) => layer)}`);

  it('choose mutants and layers', () => {
    expect(names()).toEqual(['a: test,explore', 'b: test']);
    expect(names('--only', 'y')).toEqual(['b: test']);
    expect(names('--layer', 'explore')).toEqual(['a: explore']);
    expect(names('--quick')).toEqual(['a: test,explore']);
  });

  it.each([['--what'], ['--layer', 'nothing'], ['--only', 'zzz'], ['name'], ['--only', 'b', '--quick']])(
    'refuse %s %s',
    (...args) => {
      expect(() => names(...args.filter((arg) => arg !== undefined))).toThrow(UsageError);
    },
  );
});

describe('the report', () => {
  it('counts a mutant as killed when every layer killed it', () => {
    const [killed, fooled] = [{ verdict: 'killed' }, { verdict: 'fooled' }];
    expect([[killed], [killed, killed], [killed, fooled], []].map(isKilled)).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });

  it('has columns', () => {
    expect(
      columnsOf([
        ['a', 'bb'],
        ['ccc', 'd'],
      ]),
    ).toBe('a    bb\nccc  d');
  });

  it('shows commands as one types them', () => {
    expect(textOf({ command: ['node', 'a.js', '--script', 'w | r'] })).toBe('node a.js --script "w | r"');
  });
});

describe('a command', () => {
  it('that does not end is killed with what it started', async () => {
    const script =
      'require("child_process").spawn(process.execPath, ["-e", "setTimeout(() => {}, 60_000)"],' +
      '{ stdio: "inherit" }); setTimeout(() => {}, 60_000)';
    // The pipe closes when the last of them has ended, so that this would not resolve otherwise.
    const outcome = await run(['node', '-e', script], { folder: root, limitMs: 500 });
    expect(outcome).toMatchObject({ code: undefined, timedOut: true });
  });

  it('is not told where to count, nor of a seed', async () => {
    const before = { ...process.env };
    Object.assign(process.env, { DSM_COUNTS: 'x', DSM_SEED: '1', DSM_SEED_OFFSET: '1', DSM_DEEP: '1' });
    try {
      const print =
        'console.log(JSON.stringify(Object.keys(process.env).filter((k) => k.startsWith("DSM_"))))';
      const outcome = await run(['node', '-e', print], { folder: root, limitMs: 30_000 });
      expect(outcome).toMatchObject({ code: 0, output: '[]\n', timedOut: false });
    } finally {
      for (const name of ['DSM_COUNTS', 'DSM_SEED', 'DSM_SEED_OFFSET', 'DSM_DEEP']) delete process.env[name];
      Object.assign(process.env, before);
    }
  });
});

describe('the script', () => {
  const mutantsOf = (...args) =>
    spawnSync(process.execPath, [join(root, 'scripts', 'mutants.mjs'), ...args], { encoding: 'utf8' });

  it('lists the catalogue', () => {
    const { status, stdout } = mutantsOf('--list', '--layer', 'test', '--only', 'checker');
    expect(status).toBe(0);
    const listed = stdout.trim().split('\n');
    expect(listed).toHaveLength(mutants.filter(({ of }) => of === 'checker').length);
  });

  it('exits with 64 where it does not understand', () => {
    const { status, stderr } = mutantsOf('--layer', 'nothing');
    expect([status, stderr.split('\n')[0]]).toEqual([64, expect.stringContaining("no layer 'nothing'")]);
  });
});

describe('a hunt in a copy of the repository', { timeout: 120_000 }, () => {
  const wanted = mutants.find(({ name }) => name === 'an empty history passes');
  let checkout;
  beforeAll(() => {
    checkout = new Checkout();
    checkout.fill();
    // All that the tests of this package need.
    checkout.stale = new Set(['packages/checker']);
  });
  afterAll(() => checkout.remove());

  it('finds packages of the project in the copy, and all others where they were installed', () => {
    const real = (folder, path) => realpathSync(join(folder, path));
    const inner = 'packages/attiya-register/node_modules/@dsm/core';
    expect(real(checkout.folder, inner)).toBe(join(checkout.folder, 'packages', 'core'));
    expect(real(checkout.folder, 'node_modules/@dsm/core')).toBe(join(checkout.folder, 'packages', 'core'));
    expect(real(checkout.folder, 'node_modules/vitest')).toBe(real(root, 'node_modules/vitest'));
  });

  it.runIf(process.env.DSM_DEEP)(
    'kills a mutant, acquits what changes nothing, and leaves the code as it was',
    async () => {
      const hunt = new Hunt(checkout);
      await hunt.build();
      const told = [];
      await hunt.baseline([wanted], (command, work) => told.push([command, work]));
      expect(told).toEqual([[textOf(wanted.layers[0]), expect.stringMatching(/^\d+ tests$/)]]);

      const harmless = { ...wanted, name: 'harmless', to: `${wanted.from} // As before.` };
      const of = async (mutant) => (await hunt.try(mutant)).map(({ verdict }) => verdict);
      expect([await of(wanted), await of(harmless), await of(wanted)]).toEqual([
        ['killed'],
        ['survived'],
        ['killed'],
      ]);
      checkout.restore();
      const text = (folder) => readFileSync(join(folder, wanted.file), 'utf8');
      expect(text(checkout.folder)).toBe(text(root));
    },
  );

  it('is in trouble where a mutant does not compile, or the unmutated code fails', async () => {
    const hunt = new Hunt(checkout);
    await expect(hunt.try({ ...wanted, to: 'return nothing;' })).rejects.toThrow(Trouble);
    checkout.restore();
    await hunt.build();
    const absent = tested('checker', 'linearizable', 'no such test');
    await expect(hunt.baseline([{ ...wanted, layers: [absent] }], () => undefined)).rejects.toThrow(
      'no such test',
    );
  });

  it('leaves nothing behind when it is interrupted', async () => {
    const scratch = mkdtempSync(join(tmpdir(), 'scratch-'));
    try {
      const child = spawn(process.execPath, [join(root, 'scripts', 'mutants.mjs'), '--only', wanted.name], {
        env: { ...process.env, TMPDIR: scratch },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      await once(child.stdout, 'data');
      expect(readdirSync(scratch)).toEqual([expect.stringMatching(/^dsm-mutants-/)]);
      child.kill('SIGINT');
      expect(await once(child, 'close')).toEqual([130, null]);
      expect(readdirSync(scratch)).toEqual([]);
    } finally {
      rmSync(scratch, { recursive: true });
    }
  });
});
