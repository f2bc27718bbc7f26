/** Measures what was promised beforehand, with Redis and etcd in the same run, and says what falls short. */

import { parseArgs } from 'node:util';
import { Children } from './children.js';
import { endWithMe } from './interrupt.js';
import { messageOf } from './message-of.js';
import { table } from './print/columns.js';
import { figure } from './print/numbers.js';
import { Progress } from './progress.js';
import { type Finding, holds, type Trial } from './trials/trial.js';
import { trials } from './trials.js';

const usage = `Measures what was promised of each protocol, with Redis and etcd beside the register.

  npm run targets -- [--rounds 3] [--seconds 3] [--only TEXT]

Every load warms up for three seconds first. --only measures those whose name has TEXT in it. Exit status: 0 all met,
1 some short, 2 not measured, 64 wrong usage.`;

const children = new Children();
endWithMe(children);
process.exitCode = await main();

async function main(): Promise<number> {
  const chosen = choice();
  if (chosen === undefined) {
    process.stderr.write(`${usage}\n`);
    return 64;
  }
  const surroundings = { children, progress: new Progress(), rounds: chosen.rounds, seconds: chosen.seconds };
  const findings: Finding[] = [];
  let unmeasured = 0;
  for (const { name, perform } of chosen.trials) {
    try {
      findings.push(...(await perform(surroundings)));
    } catch (error) {
      // Half an hour is not thrown away because the last one could not be measured.
      unmeasured += 1;
      process.stderr.write(`targets: ${name}: ${messageOf(error)}\n`);
    }
  }
  process.stdout.write(`${table(rowsOf(findings), ['left', 'right', 'right', 'left', 'left']).join('\n')}\n`);
  if (unmeasured > 0) return 2;
  return findings.every(holds) ? 0 : 1;
}

function choice(): { trials: readonly Trial[]; rounds: number; seconds: number } | undefined {
  const options = {
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '3' },
    only: { type: 'string', default: '' },
  } as const;
  try {
    const { values } = parseArgs({ options });
    const [rounds, seconds] = [Number(values.rounds), Number(values.seconds)];
    const chosen = trials.filter(({ name }) => name.includes(values.only));
    const right = Number.isInteger(rounds) && rounds > 0 && seconds > 0 && chosen.length > 0;
    return right ? { trials: chosen, rounds, seconds } : undefined;
  } catch {
    return undefined;
  }
}

function rowsOf(findings: readonly Finding[]): string[][] {
  return [
    ['', 'measured', 'target', '', 'from'],
    ...findings.map((finding) => [
      finding.name,
      `${figure(finding.measured)} ${finding.unit ?? '×'}`,
      `${finding.bound === 'least' ? '≥' : '≤'} ${figure(finding.target)} ${finding.unit ?? '×'}`,
      holds(finding) ? 'ok' : 'short',
      finding.from,
    ]),
  ];
}
