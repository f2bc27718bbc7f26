import { type FaultCounts, type FaultKind, faultKinds, noFaults } from './fault-kinds.js';
import { checkerOf } from './judge.js';
import { type Plan, planOf } from './plan.js';
import { perform, type Run } from './run.js';
import { shrink } from './shrink.js';
import { drawText } from './space-time/text.js';
import type { Subject } from './subject.js';
import { properties } from './violation.js';

/** So many rows of a diagram are shown from its beginning, and from its end. */
const rowsMax = 150;

/** What runs of many seeds are like. */
export interface SeedsOptions {
  /** The first seed; 1 unless said. */
  readonly first?: number | undefined;
  readonly seeds: number;
  /** How many members there are, instead of what each seed draws. At most 31. */
  readonly members?: number | undefined;
  /** What may go wrong; everything unless said. */
  readonly faults?: readonly FaultKind[] | undefined;
  /** Every how many seeds a run is repeated, to see that it does the same again; 100 unless said, 0 for never. */
  readonly repeatEvery?: number | undefined;
  /** `false` leaves a run that fails as long as it is, which is quicker. */
  readonly shrinks?: boolean | undefined;
}

/** What broke, with everything that is needed to see it again. */
export interface SeedFailure {
  readonly seed: number;
  readonly property: string;
  readonly detail: string;
  /** For people: what broke, and a space-time diagram of the smallest run that was found to break it. */
  readonly text: string;
}

export interface SeedsReport {
  /** How many were run: fewer than asked for after a failure. */
  readonly seeds: number;
  readonly operations: number;
  readonly events: number;
  readonly faults: FaultCounts;
  /** How often each situation was met; 0 for those that should be met and never were. */
  readonly sometimes: Readonly<Record<string, number>>;
  /** Seeds on which the checker came to no answer. */
  readonly undecided: readonly number[];
  /** Of the hashes of all runs. */
  readonly hash: string;
  readonly failure?: SeedFailure | undefined;
}

/** Situations that a network should bring about, whatever the protocol. */
const situations = {
  all: [
    'a retransmission was dropped as a duplicate',
    'the group was long in forming',
    'a message came before the view',
  ],
  unordered: [
    'a link was full',
    'a suspected member was sent nothing',
    'a member was asked again after a loss',
  ],
  fifo: [],
} as const;

/** One run: what `seed` means for this subject. */
export function simulate(subject: Subject, seed: number, options: Omit<SeedsOptions, 'seeds'> = {}): Run {
  return perform(subject, planFor(subject, seed, options), true);
}

function planFor(
  { protocol }: Subject,
  seed: number,
  { members, faults }: Omit<SeedsOptions, 'seeds'>,
): Plan {
  return planOf(protocol, { seed, members, faults: faults ?? faultKinds });
}

/** Adds up what runs do. */
class Tally {
  seeds = 0;
  operations = 0;
  events = 0;
  readonly faults = noFaults();
  readonly sometimes = new Map<string, number>();
  readonly undecided: number[] = [];
  private hash = 0x811c9dc5 | 0;

  add(seed: number, run: Run): void {
    this.seeds += 1;
    this.operations += run.operations;
    this.events += run.events;
    for (const kind of faultKinds) this.faults[kind] += run.faults[kind];
    for (const [situation, times] of run.sometimes) {
      this.sometimes.set(situation, (this.sometimes.get(situation) ?? 0) + times);
    }
    if (run.undecided) this.undecided.push(seed);
    for (let at = 0; at < run.hash.length; at += 1) {
      this.hash = Math.imul(this.hash ^ run.hash.charCodeAt(at), 0x01000193);
    }
  }

  report({ protocol, inspection }: Subject, failure: SeedFailure | undefined): SeedsReport {
    const { seeds, operations, events, faults, undecided } = this;
    const expected = [...situations.all, ...situations[protocol.channels], ...(inspection?.situations ?? [])];
    const sometimes = Object.fromEntries([...expected.map((name) => [name, 0] as const), ...this.sometimes]);
    const hash = (this.hash >>> 0).toString(16).padStart(8, '0');
    return { seeds, operations, events, faults, sometimes, undecided, hash, failure };
  }
}

/**
 * Runs one seed after the other, until one breaks a property. Every run ends. Throws `UnjudgedError` where nothing can
 * judge what the protocol promises.
 */
export function runSeeds(subject: Subject, options: SeedsOptions): SeedsReport {
  const { first = 1, seeds, repeatEvery = 100, shrinks = true } = options;
  checkerOf(subject.protocol.guarantees.consistency);
  const tally = new Tally();
  for (let seed = first; seed < first + seeds; seed += 1) {
    const plan = planFor(subject, seed, options);
    const run = performSeed(subject, seed, plan);
    tally.add(seed, run);
    if (run.violation !== undefined) {
      const smallest = shrinks ? shrink(subject, plan, run.violation.property) : plan;
      return tally.report(subject, failureOf(subject, seed, smallest, run.violation));
    }
    if (repeatEvery > 0 && seed % repeatEvery === 0 && perform(subject, plan).hash !== run.hash) {
      const detail =
        'two runs of this seed did different things: something takes time or chance from elsewhere';
      const { repeats: property } = properties;
      return tally.report(subject, { seed, property, detail, text: `violation: ${property}\n${detail}` });
    }
  }
  return tally.report(subject, undefined);
}

/** What is thrown here is a mistake of an inspection, or of the simulator; it says under which seed. */
function performSeed(subject: Subject, seed: number, plan: Plan): Run {
  try {
    return perform(subject, plan);
  } catch (cause) {
    throw new Error(`seed ${seed} of ${subject.protocol.name}: ${String(cause)}`, { cause });
  }
}

function failureOf(
  subject: Subject,
  seed: number,
  smallest: Plan,
  violation: NonNullable<Run['violation']>,
): SeedFailure {
  const { property, detail } = violation;
  const told = perform(subject, smallest, true);
  const operations = `${told.operations} operations at ${smallest.members} members`;
  const text = [
    `violation: ${property}`,
    detail,
    '',
    `The smallest run that was found to break it, ${operations}: ${told.violation?.detail}`,
    '',
    cropped(drawText(told.story ?? { members: [], moments: [] })),
  ].join('\n');
  return { seed, property, detail, text };
}

/** Where something went on for ever, its beginning and its end say enough. */
function cropped(diagram: string): string {
  const lines = diagram.split('\n');
  if (lines.length <= 2 * rowsMax) return diagram;
  const left = `… ${lines.length - 2 * rowsMax} more rows`;
  return [...lines.slice(0, rowsMax), left, ...lines.slice(-rowsMax)].join('\n');
}
