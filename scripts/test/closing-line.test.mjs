import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import ClosingLine from '../closing-line.mjs';

/** A test file as vitest reports it: the errors of itself and of its suites, and the states of its tests. */
function testFile(states, { errors = 0, suiteErrors = [] } = {}) {
  const thrown = (count) => Array(count).fill({ message: 'thrown\nat a place' });
  return {
    relativeModuleId: 'packages/a/test/a.test.ts',
    errors: () => thrown(errors),
    children: {
      allSuites: () => suiteErrors.map((count) => ({ errors: () => thrown(count) })),
      allTests: () =>
        states.map((state) => ({
          fullName: 'a test',
          result: () => ({ state, errors: thrown(state === 'failed' ? 2 : 0) }),
        })),
    },
  };
}

describe('the closing line', () => {
  let folder;
  let written;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'closing-line-'));
    vi.stubEnv('DSM_COUNTS', join(folder, 'counts'));
    written = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
    rmSync(folder, { recursive: true });
  });

  const inTest = 'packages/a/test/a.test.ts > a test: thrown';
  const inFile = 'packages/a/test/a.test.ts, outside of its tests: thrown';
  const outside = 'outside of any test: out of nowhere';

  it.each([
    [
      'tests by their state',
      [testFile(['passed', 'failed', 'skipped'])],
      0,
      '1 passed, 1 failed, 1 skipped',
      [inTest],
    ],
    ['a file that does not load', [testFile([], { errors: 1 })], 0, '0 passed, 1 failed', [inFile]],
    [
      'a hook that throws',
      [testFile(['skipped'], { suiteErrors: [0, 1] })],
      0,
      '0 passed, 1 failed, 1 skipped',
      [inFile],
    ],
    [
      'a test that never ended',
      [testFile(['passed', 'pending'])],
      0,
      '1 passed, 1 failed',
      ['packages/a/test/a.test.ts > a test: never ended'],
    ],
    ['errors outside of tests', [testFile(['passed'])], 2, '1 passed, 2 failed', [outside, outside]],
    ['no failure', [testFile(['passed'])], 0, '1 passed, 0 failed', []],
  ])('counts and names %s', (_, modules, errors, line, failures) => {
    new ClosingLine().onTestRunEnd(modules, Array(errors).fill({ message: 'out of nowhere' }));
    expect(written).toHaveBeenCalledWith(`${failures.map((text) => `FAILED  ${text}\n`).join('')}${line}\n`);
  });

  it('appends the counts of each run, and what failed, to the file of sums', () => {
    new ClosingLine().onTestRunEnd([testFile(['passed', 'passed', 'skipped'])], []);
    new ClosingLine().onTestRunEnd([testFile(['failed'])], []);
    expect(readFileSync(join(folder, 'counts'), 'utf8')).toBe(`2 0\n0 0\n0 1 ${inTest}\n`);
  });
});
