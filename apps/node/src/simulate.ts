import { availableParallelism } from 'node:os';
import {
  drawText,
  type FaultKind,
  faultKinds,
  type SeedsReport,
  type Subject,
  simulate as simulateOne,
  transcriptOf,
} from '@dsm/simulator';
import { argumentsOf, type Values as ValuesOf, whole } from './arguments.js';
import { runOnThreads, slicesOf, variantOf } from './seed-slices.js';
import { Summary } from './seed-summary.js';
import { subjectsOf } from './subjects.js';
import type { Output, Surroundings } from './surroundings.js';
import { exits, UsageError } from './usage.js';

const options = {
  seed: { type: 'string' },
  seeds: { type: 'string' },
  first: { type: 'string' },
  members: { type: 'string' },
  faults: { type: 'string' },
  threads: { type: 'string' },
  trace: { type: 'boolean' },
} as const;

type Values = ValuesOf<typeof options>;

const seedMax = Number.MAX_SAFE_INTEGER;
const rowsMax = 100;

/** Runs a protocol under seeds: one, which is drawn, or many, which are counted. */
export async function simulate(args: readonly string[], around: Surroundings): Promise<number> {
  const { values, subject: name = '' } = argumentsOf(args, options);
  const subjects = await subjectsOf(name || undefined, around.folder);
  if (values.seeds === undefined) {
    for (const option of ['first', 'threads'] as const)
      if (values[option] !== undefined) throw new UsageError(`--${option} goes with --seeds`);
    return one(subjects, values, around.output);
  }
  for (const option of ['seed', 'trace'] as const)
    if (values[option] !== undefined) throw new UsageError(`either --${option} or --seeds`);
  return many(name, values, around);
}

function one(subjects: readonly [Subject, ...Subject[]], values: Values, output: Output): number {
  const seed = whole('seed', values.seed, [1, seedMax], 1);
  const settings = settingsOf(values);
  const subject = variantOf(subjects, seed);
  const { operations, events, faults, hash, violation, undecided, story } = simulateOne(
    subject,
    seed,
    settings,
  );
  const counts = faultKinds.map((kind) => `${faults[kind]} ${kind}`).join(', ');
  if (story !== undefined && values.trace) output.write(`${transcriptOf(story)}\n`);
  else if (story !== undefined) output.write(`${headOf(drawText(story))}\n`);
  const { protocol } = subject;
  output.write(
    `${protocol.name} ${JSON.stringify(protocol.options)}, seed ${seed}: ${operations} operations, `,
  );
  output.write(`${events} events; faults: ${counts}; trace hash ${hash}\n`);
  if (violation !== undefined) {
    output.write(`violation: ${violation.property}\n${violation.detail}\n`);
    return exits.illegal;
  }
  output.write(undecided ? 'undecided: the checker found no answer in time\n' : 'no violation\n');
  return undecided ? exits.undecided : exits.legal;
}

function headOf(diagram: string): string {
  const lines = diagram.split('\n');
  if (lines.length <= rowsMax) return diagram;
  return [...lines.slice(0, rowsMax), `… ${lines.length - rowsMax} more rows; --trace tells everything`].join(
    '\n',
  );
}

async function many(name: string, values: Values, { folder, output }: Surroundings): Promise<number> {
  const first = whole('first', values.first, [1, seedMax], 1);
  const seeds = whole('seeds', values.seeds, [1, 1_000_000_000], 1);
  const threads = whole('threads', values.threads, [1, 256], availableParallelism());
  const settings = settingsOf(values);
  const slices = slicesOf({ name, folder, first, seeds, ...settings });
  const summary = new Summary(slices.length);
  const began = performance.now();
  await runOnThreads(slices, threads, (at, report: SeedsReport) => {
    summary.add(at, report);
    return report.failure === undefined;
  });
  const { failure } = summary;
  output.write(summary.text(name, (performance.now() - began) / 1000));
  if (failure !== undefined) {
    const replay = `npm run dsm -- simulate ${name} --seed ${failure.seed}${flagsOf(values)}`;
    output.write(`\n${failure.text}\nTo see it again: ${replay}\n`);
    return exits.illegal;
  }
  return summary.undecided > 0 ? exits.undecided : exits.legal;
}

function settingsOf({ members, faults }: Values): {
  members: number | undefined;
  faults: readonly FaultKind[];
} {
  return { members: whole('members', members, [1, 31], undefined), faults: faultsOf(faults) };
}

/** What replays a seed needs the same of. */
function flagsOf({ members, faults }: Values): string {
  return (
    (members === undefined ? '' : ` --members ${members}`) +
    (faults === undefined ? '' : ` --faults ${faults}`)
  );
}

function faultsOf(text = 'all'): readonly FaultKind[] {
  if (text === 'all') return faultKinds;
  if (text === 'none') return [];
  return text.split(',').map((kind) => {
    const known = faultKinds.find((name) => name === kind);
    if (known === undefined)
      throw new UsageError(`--faults are all, none, or some of ${faultKinds.join(',')}, not '${kind}'`);
    return known;
  });
}
