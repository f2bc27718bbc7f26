/** The benchmark: measures what its arguments ask for, checks it, prints it. */

import { type Benchmarked, benchmark } from './benchmark.js';
import { Children } from './children.js';
import { secondsExpected } from './duration.js';
import { endWithMe } from './interrupt.js';
import { messageOf } from './message-of.js';
import { settingsFrom, usage, WrongUsage } from './options.js';
import { assertWritable, writeAll } from './outputs.js';
import { MissingProgram } from './peers/server.js';
import { comparisonOf, comparisonTableOf } from './print/comparison.js';
import { reportOf } from './print/report.js';
import { tableOf } from './print/table.js';
import { Progress } from './progress.js';
import type { RunVerdict } from './run.js';
import type { Settings } from './settings.js';
import { entrantsOf } from './transports.js';
import { TraceError } from './workload/trace.js';

/** The exit status of each verdict; the worst one counts. */
const statuses: Readonly<Record<RunVerdict, number>> = { legal: 0, unchecked: 0, illegal: 1, unknown: 2 };
const wrongUsage = 64;
/** Seconds from which on the expected time is said. */
const worthSaying = 30;

const children = new Children();
endWithMe(children);
process.exitCode = await main(process.argv.slice(2));

async function main(programArguments: readonly string[]): Promise<number> {
  try {
    const settings = await settingsFrom(programArguments);
    if (settings === 'help') {
      process.stdout.write(`${usage}\n`);
      return 0;
    }
    const json = { option: '--json', file: settings.json };
    const report = { option: '--report', file: settings.report };
    assertWritable([json, report]);
    announce(settings);
    const benchmarked = await benchmark(settings, children, new Progress());
    process.stdout.write(`${tableOf(benchmarked)}\n`);
    for (const objection of benchmarked.objections) process.stdout.write(`${objection}\n`);
    const { outcome } = benchmarked;
    const { earlier } = settings;
    if (earlier !== undefined) process.stdout.write(`${comparisonTableOf(comparisonOf(outcome, earlier))}\n`);
    const complaints = writeAll([
      { ...json, content: () => `${JSON.stringify(outcome, null, 2)}\n` },
      { ...report, content: () => reportOf(benchmarked, earlier) },
    ]);
    for (const complaint of complaints) process.stderr.write(`benchmark: ${complaint}\n`);
    return statusOf(benchmarked) || (complaints.length > 0 ? statuses.unknown : 0);
  } catch (error) {
    process.stderr.write(`benchmark: ${messageOf(error)}\n`);
    const callers =
      error instanceof WrongUsage || error instanceof TraceError || error instanceof MissingProgram;
    if (error instanceof WrongUsage) process.stderr.write('See --help.\n');
    // Nothing was measured: nothing is decided.
    return callers ? wrongUsage : statuses.unknown;
  }
}

/** Says how long it will take, where somebody might wonder. */
function announce(settings: Settings): void {
  const systems = entrantsOf(settings.systems, settings.transports).length;
  const seconds = secondsExpected(settings, systems);
  if (seconds < worthSaying || settings.workload.trace !== undefined) return;
  const time = seconds < 100 ? `${Math.round(seconds)} seconds` : `${Math.round(seconds / 60)} minutes`;
  const rounds = `${settings.rounds} round${settings.rounds === 1 ? '' : 's'}`;
  process.stderr.write(`benchmark: ${systems} systems, ${rounds}: about ${time}\n`);
}

/** Illegal outweighs undecided and not measured. */
function statusOf({ outcome }: Benchmarked): number {
  const { runs, curves, scaling, unmeasured } = outcome;
  const points = [...curves.flatMap((curve) => curve.points), ...scaling.flatMap((each) => each.points)];
  const found = new Set([...runs, ...points].map(({ verdict }) => statuses[verdict]));
  if (found.has(1)) return 1;
  return found.has(2) || unmeasured.length > 0 ? 2 : 0;
}
