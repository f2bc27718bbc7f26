/**
 * Words that say which protocol to choose, by rules and from figures:
 *
 * 1. Only what was checked and found legal is recommended; the others are named with the reason.
 * 2. The choice is what completes most operations among the strongest consistency that was measured without a server.
 *    Where operations arrive at a given rate it is what keeps up with that and has the lowest p99.
 * 3. What it lacks (compare-and-swap, crashes that lose nothing) narrows the choice: the fastest that has it is named.
 * 4. A weaker consistency is named with what it gains, if anything, and what it gives up.
 * 5. A server is named with what it does better and what worse, a sentence for each kind of durability.
 */
import type { Outcome, Run } from '../../run.js';
import { duration, figure, listed, times } from '../numbers.js';
import { loadOf } from '../table.js';
import { alike } from './alike.js';
import { capabilities } from './capabilities.js';
import { atRate, behind, bestFirst, equallySoon, keptUp, noneKeptUp, soonest, tailUs } from './pace.js';
import { completed, latencies, reads, tails, writes } from './phrases.js';
import { hasServer, servers, serversAhead } from './servers.js';
import { strongestFirst, weaker } from './weaker.js';

/** Advice in words. */
export interface Advice {
  /** What to choose, and why. */
  readonly choice: string;
  /** When to choose something else, and what is not to be chosen. */
  readonly otherwise: readonly string[];
}

type Considered = Pick<Outcome, 'runs' | 'rounds' | 'unmeasured'>;

/** What the figures and the promises of what was measured say about the choice of a protocol. */
export function adviceOn({ runs, rounds, unmeasured }: Considered): Advice {
  if (runs.length === 0) return { choice: 'Nothing was measured.', otherwise: rejected(runs, unmeasured) };
  const legal = runs
    .filter(({ verdict, throughput }) => verdict === 'legal' && Number.isFinite(throughput))
    .sort(bestFirst);
  const own = legal.filter((run) => !hasServer(run));
  const level = strongestFirst.find((name) => own.some(({ guarantees }) => guarantees.consistency === name));
  const best = own.find(({ guarantees }) => guarantees.consistency === level);
  if (best === undefined)
    return { choice: noChoice(runs, legal), otherwise: [...behind(runs), ...rejected(runs, unmeasured)] };
  return {
    choice: [choiceOf(best, own, rounds), ...serversAhead(best, legal.filter(hasServer), rounds)].join(' '),
    otherwise: [
      ...capabilities(best, own),
      ...weaker(best, own, rounds),
      ...servers(best, legal.filter(hasServer), rounds),
      ...behind(runs),
      ...failures(best),
      ...rejected(runs, unmeasured),
    ],
  };
}

function noChoice(runs: readonly Run[], legal: readonly Run[]): string {
  const [server] = legal.filter(hasServer);
  if (server !== undefined) {
    const most =
      keptUp(server) && Number.isFinite(tailUs(server))
        ? `Of the servers, ${server.system} has the lowest p99${atRate(server)}: ${duration(tailUs(server))}.`
        : `Of the servers, ${server.system} completed most: ${completed(server)}.`;
    return `No protocol without a server was measured and found legal. ${most}`;
  }
  const unchecked = runs.every(({ verdict }) => verdict === 'unchecked');
  const why = unchecked ? 'No history was checked' : 'No history was found legal';
  return `${why}, so nothing is recommended: how fast a memory is says little while it may be wrong.`;
}

function choiceOf(best: Run, own: readonly Run[], rounds: number): string {
  const rest = own.filter(
    (run) => run !== best && run.guarantees.consistency === best.guarantees.consistency,
  );
  const equals = rest.filter((run) => alike(best, run, rounds));
  const names = [best, ...equals].map(({ system }) => system);
  const { consistency, ...guarantees } = best.guarantees;
  const how = `${reads[guarantees.reads]}, ${writes[guarantees.writes]}`;
  return [
    own.length === 1 ? alone(best) : `Choose ${listed(names, 'or')} for ${loadOf(best)}${atRate(best)}.`,
    ...noneKeptUp(best),
    equals.length > 0 ? amongEquals(best, rest, equals, rounds) : ahead(best, rest[0], rest.length + 1),
    ...(equals.length > 0 ? tails([best, ...equals]) : []),
    `${best.system} is ${consistency}: ${how}.`,
    ...latencies(best),
  ].join(' ');
}

/** Where nothing else can be recommended, there is no choice to explain. */
function alone(run: Run): string {
  const why = `${run.system} is all that was measured without a server${atRate(run)} and found legal`;
  return `${why}, so this run cannot say whether another protocol would do better.`;
}

function ahead(best: Run, next: Run | undefined, count: number): string {
  if (keptUp(best)) return soonest(best, next, count);
  const { consistency } = best.guarantees;
  if (next === undefined)
    return `It completed ${completed(best)}; nothing else here is ${consistency} without a server.`;
  const lead = `${times(best.throughput / next.throughput)} as many as ${next.system}, the next`;
  return `It completed most of the ${count} ${consistency} ones that need no server: ${completed(best)}, ${lead}.`;
}

function amongEquals(best: Run, rest: readonly Run[], equals: readonly Run[], rounds: number): string {
  if (keptUp(best)) return equallySoon([best, ...equals], best, rest.length + 1);
  const figures = listed([best, ...equals].map(({ throughput }) => figure(throughput)));
  const why =
    rounds > 1 ? 'their rounds overlap' : 'a difference of a tenth says little after a single round';
  const ones = `the ${rest.length + 1} ${best.guarantees.consistency} ones that need no server`;
  const faster = `which of them is faster cannot be told: ${why}`;
  return `They completed most of ${ones}, ${figures} operations a second, and ${faster}.`;
}

function failures({ system, failedOperations }: Run): string[] {
  if (failedOperations === 0) return [];
  return [
    `${failedOperations.toLocaleString('en')} operations of ${system} failed: find out why before choosing it.`,
  ];
}

const reasons = { illegal: 'illegal', unknown: 'undecided', unchecked: 'not checked' } as const;

function rejected(runs: readonly Run[], unmeasured: Considered['unmeasured']): string[] {
  const wrong = runs.flatMap(({ system, verdict }) =>
    verdict === 'legal' ? [] : [`${system} (${reasons[verdict]})`],
  );
  const names = [...wrong, ...unmeasured.map(({ system }) => `${system} (could not be measured)`)];
  return names.length === 0 ? [] : [`Not recommended, whatever the figures: ${listed(names)}.`];
}
