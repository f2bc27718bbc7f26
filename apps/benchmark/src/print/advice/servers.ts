import type { Run } from '../../run.js';
import { listed, times } from '../numbers.js';
import { alike, near } from './alike.js';
import { beside, bestFirst, keptUp } from './pace.js';

/** Whether somebody has to run a server for it. */
export function hasServer({ server, guarantees }: Run): boolean {
  return server !== undefined || guarantees.reads === 'server';
}

const overlapping = 'in the median, though the rounds overlap';

/** That servers do better than the choice, if any does: what is said at once, for it may decide. */
export function serversAhead(best: Run, legal: readonly Run[], rounds: number): string[] {
  const [surely, perhaps]: [string[], string[]] = [[], []];
  for (const run of legal.filter((each) => bestFirst(each, best) < 0)) {
    const ratio = `${run.system} ${times(run.throughput / best.throughput)}`;
    if (!alike(best, run, rounds)) surely.push(keptUp(run) ? `${run.system} ${beside(run, best)}` : ratio);
    else if (!keptUp(run) && !near(best.throughput, run.throughput)) perhaps.push(`${ratio} ${overlapping}`);
  }
  const more = best.rate === undefined ? 'more' : 'better';
  return [
    ...(surely.length > 0
      ? [`Where a server may be run, ${more} can be had: ${listed(surely)}, see below.`]
      : []),
    ...(perhaps.length > 0
      ? [`Where a server may be run, more may be had: ${listed(perhaps)}; see below.`]
      : []),
  ];
}

/** For each kind of durability the fastest server: where it does better than the choice, and where worse. */
export function servers(best: Run, legal: readonly Run[], rounds: number): string[] {
  const kinds = new Map<string, Run>();
  for (const run of legal) {
    const kind = run.server?.durability ?? 'durability not known';
    if (!kinds.has(kind)) kinds.set(kind, run);
  }
  return [...kinds].map(([durability, run]) => sentence(best, run, durability, rounds));
}

interface Measure {
  readonly name: string;
  readonly of: (run: Run) => number;
}

const latencyMeasures: readonly Measure[] = (['read', 'write'] as const).flatMap((kind) =>
  (['p50', 'p99'] as const).map((name) => ({
    name: `${name} of ${kind}s`,
    of: ({ latencyUs }: Run) => latencyUs[kind][name],
  })),
);

function sentence(best: Run, server: Run, durability: string, rounds: number): string {
  const ratio = server.throughput / best.throughput;
  const [better, worse]: [string[], string[]] = [[], []];
  // What both completed of what arrived is the rate, and no merit.
  const paced = keptUp(best) && keptUp(server);
  const overlaps = alike(best, server, rounds);
  if (!paced && !overlaps) (ratio > 1 ? better : worse).push(`throughput (${times(ratio)})`);
  for (const { name, of } of latencyMeasures) {
    const [ours, theirs] = [of(best), of(server)];
    if (!Number.isFinite(ours) || !Number.isFinite(theirs) || near(ours, theirs)) continue;
    (theirs < ours ? better : worse).push(`${name} (${times(theirs / ours)})`);
  }
  const crash =
    server.guarantees.survives === 'none'
      ? ' Its crash stops everybody and may lose what it acknowledged.'
      : ' It goes on after a crash only as a cluster of three servers or more.';
  const software = server.server === undefined ? '' : `, ${server.server.software}`;
  const what = `${server.system} is a server${software} (durability: ${durability})`;
  // Of a median that is far off it would be wrong to say nothing only because one round was like one of the other's.
  const unsure =
    !paced && overlaps && !near(best.throughput, server.throughput)
      ? [`it has throughput ${times(ratio)} ${overlapping}`]
      : [];
  return `${what}. Against ${best.system} ${verdict(better, worse, unsure)}.${crash}`;
}

function verdict(better: readonly string[], worse: readonly string[], unsure: readonly string[]): string {
  const parts = [
    ...(better.length > 0 ? [`it wins in ${listed(better)}`] : []),
    ...(worse.length > 0 ? [`it loses in ${listed(worse)}`] : []),
    ...unsure,
  ];
  return parts.length === 0 ? 'there is no difference of a tenth in throughput or latency' : parts.join('; ');
}
