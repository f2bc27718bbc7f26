import { appendFileSync } from 'node:fs';

/**
 * A vitest reporter that closes with one plain line: `N passed, N failed`. What fails outside of a test (a file that
 * does not load, a beforeAll that throws, an unhandled rejection) is one failure each; so is a test that never ended.
 * With DSM_COUNTS the counts are also appended to the file of that name, for whoever sums several runs.
 */
export default class ClosingLine {
  onTestRunEnd(modules, errors) {
    const counts = { passed: 0, failed: errors.length, skipped: 0, pending: 0 };
    for (const module of modules) {
      for (const suite of [module, ...module.children.allSuites()]) {
        if (suite.errors().length > 0) counts.failed += 1;
      }
      for (const test of module.children.allTests()) counts[test.result().state] += 1;
    }
    close(counts.passed, counts.failed + counts.pending, counts.skipped);
  }
}

function close(passed, failed, skipped) {
  if (process.env.DSM_COUNTS) appendFileSync(process.env.DSM_COUNTS, `${passed} ${failed}\n`);
  // After vitest's own summary, which is printed by a reporter before this one.
  process.stdout.write(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`);
}
