/**
 * The verdict on a mutant after the command of one of its layers was run on it: `killed`, `survived`, `fooled` or
 * `timed out`. It is killed only where the failure names what the mutant breaks.
 *
 * `fooled`: the command failed, but for another reason than the one that the layer is meant to find; that counts as
 * survived, since a mutant that breaks everything proves nothing about the suite.
 */
export function verdictOn({ command, names }, { hangs = false }, { code, output, timedOut }) {
  if (timedOut) return { verdict: hangs ? 'killed' : 'timed out', proof: 'no end within its time' };
  if (code === 0) return { verdict: 'survived', proof: '' };
  return isTestRun(command) ? byTests(names, hangs, output) : byViolation(names, code, output);
}

/** Whether the unmutated code passed the same run: why not, or undefined. */
export function baselineFault(command, names, { code, output, timedOut }) {
  if (timedOut) return 'no end within its time';
  if (code !== 0) return `exit code ${code}`;
  if (!isTestRun(command)) {
    if (violations(output).length > 0) return 'it reports a violation and exits with 0';
    return workDone(output) === undefined ? 'it does not say how much it tried' : undefined;
  }
  const passed = new Set(testsIn(output).filter(hasPassed).map(nameOf));
  if (passed.size === 0) return 'no test ran';
  const missing = names.filter((name) => !passed.has(name));
  return missing.length > 0 ? `no such test passed: ${missing.join('; ')}` : undefined;
}

/** What shows that a run really tried something, in words. */
export function workDone(output) {
  const tests = testsIn(output).filter(hasPassed).length;
  if (tests > 0) return `${tests} tests`;
  return /\b[1-9][\d,_]* (?:different )?(?:states|runs|seeds|worlds)\b/.exec(output)?.[0];
}

export function isTestRun([program]) {
  return program === 'vitest';
}

function byTests(names, hangs, output) {
  const tests = testsIn(output);
  const failed = tests.find((test) => nameOf(test) === names && test.status === 'failed');
  const others = tests.filter((test) => test.status === 'failed').map(nameOf);
  if (failed === undefined) return { verdict: 'fooled', proof: others[0] ?? 'the tests could not run' };
  // Where nothing passes any more, the code is in ruins, and the name of the failing test means nothing.
  if (!tests.some(hasPassed)) return { verdict: 'fooled', proof: 'no test of the file passes any more' };
  const hung = failed.failureMessages.every((message) =>
    /timed out in \d+ ?ms|STACK_TRACE_ERROR/.test(message),
  );
  if (hung && !hangs) return { verdict: 'timed out', proof: names };
  return { verdict: 'killed', proof: names };
}

function byViolation(names, code, output) {
  const found = violations(output);
  if (code !== 1) return { verdict: 'fooled', proof: `exit code ${code ?? 'of a crash'}` };
  if (!found.includes(names)) return { verdict: 'fooled', proof: found[0] ?? 'no violation is named' };
  const seed = /\bseed:? (\d+)/.exec(output)?.[1];
  return { verdict: 'killed', proof: seed === undefined ? names : `${names} (seed ${seed})` };
}

function violations(output) {
  return [...output.matchAll(/^violation: (.+)$/gm)].map(([, property]) => property.trim());
}

/** The tests in the report that vitest prints as one line of JSON. */
function testsIn(output) {
  const line = output.split('\n').find((each) => each.startsWith('{"numTotalTestSuites"'));
  if (line === undefined) return [];
  return JSON.parse(line).testResults.flatMap(({ assertionResults }) => assertionResults);
}

function nameOf({ ancestorTitles, title }) {
  return [...ancestorTitles, title].join(' ');
}

function hasPassed({ status }) {
  return status === 'passed';
}
