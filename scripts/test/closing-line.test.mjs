import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import ClosingLine from '../closing-line.mjs';

/** A test file as vitest reports it: the errors of itself and of its suites, and the states of its tests. */
function testFile(states, { errors = 0, suiteErrors = [] } = {}) {
  const failing = (count) => ({ errors: () => Array(count).fill({}) });
  return {
    ...failing(errors),
    children: {
      allSuites: () => suiteErrors.map(failing),
      allTests: () => states.map((state) => ({ result: () => ({ state }) })),
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

  it.each([
    ['tests by their state', [testFile(['passed', 'failed', 'skipped'])], 0, '1 passed, 1 failed, 1 skipped'],
    ['a file that does not load', [testFile([], { errors: 1 })], 0, '0 passed, 1 failed'],
    [
      'a hook that throws',
      [testFile(['skipped'], { suiteErrors: [0, 1] })],
      0,
      '0 passed, 1 failed, 1 skipped',
    ],
    ['a test that never ended', [testFile(['passed', 'pending'])], 0, '1 passed, 1 failed'],
    ['errors outside of tests', [testFile(['passed'])], 2, '1 passed, 2 failed'],
  ])('counts %s', (_, modules, errors, line) => {
    new ClosingLine().onTestRunEnd(modules, Array(errors).fill({}));
    expect(written).toHaveBeenCalledWith(`${line}\n`);
  });

  it('appends the counts of each run to the file of sums', () => {
    new ClosingLine().onTestRunEnd([testFile(['passed', 'passed', 'skipped'])], []);
    new ClosingLine().onTestRunEnd([testFile(['failed'])], []);
    expect(readFileSync(join(folder, 'counts'), 'utf8')).toBe('2 0\n0 1\n');
  });
});
