import { appendFileSync } from 'node:fs';

/**
 * A vitest reporter that closes with what failed, a line each, and one plain line: `N passed, N failed`. What fails
 * outside of a test (a file that does not load, a beforeAll that throws, an unhandled rejection) is one failure each; so
 * is a test that never ended. With DSM_COUNTS the same is also appended to the file of that name, for whoever sums
 * several runs: lines of two counts, `passed failed`, and what failed behind them.
 */
export default class ClosingLine {
  onTestRunEnd(modules, errors) {
    const counts = { passed: 0, failed: 0, skipped: 0, pending: 0 };
    const neverEnded = [{ message: 'never ended' }];
    const failures = errors.map((error) => failure('outside of any test', [error]));
    for (const module of modules) {
      const { relativeModuleId: file } = module;
      for (const suite of [module, ...module.children.allSuites()]) {
        if (suite.errors().length > 0)
          failures.push(failure(`${file}, outside of its tests`, suite.errors()));
      }
      for (const test of module.children.allTests()) {
        const { state, errors: reasons } = test.result();
        counts[state] += 1;
        if (state !== 'failed' && state !== 'pending') continue;
        failures.push(failure(`${file} > ${test.fullName}`, state === 'pending' ? neverEnded : reasons));
      }
    }
    close(counts.passed, failures, counts.skipped);
  }
}

function failure(where, [reason]) {
  return `${where}: ${String(reason?.message).split('\n', 1)[0]}`;
}

function close(passed, failures, skipped) {
  if (process.env.DSM_COUNTS) {
    const counted = [`${passed} 0`, ...failures.map((text) => `0 1 ${text}`)];
    appendFileSync(process.env.DSM_COUNTS, `${counted.join('\n')}\n`);
  }
  const named = failures.map((text) => `FAILED  ${text}\n`).join('');
  // After vitest's own summary, which is printed by a reporter before this one.
  const line = `${passed} passed, ${failures.length} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`;
  process.stdout.write(named + line);
}
