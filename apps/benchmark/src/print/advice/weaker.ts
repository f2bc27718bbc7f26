import type { Run } from '../../run.js';
import { times } from '../numbers.js';
import { alike } from './alike.js';
import { beside, bestFirst, keptUp } from './pace.js';
import { reads, writes } from './phrases.js';

/** Consistencies by what a program can count on. */
export const strongestFirst = ['linearizable', 'sequential', 'causal'] as const;

/** What a program can no longer count on. */
const givenUp = {
  sequential:
    'that a read sees every write which ended before it began: all see one order of writes, but some see it later',
  causal:
    'one order of writes: what depends on a write is never seen before it, but of writes whose writers had not ' +
    'seen each other, members may see different ones last until they agree',
} as const;

/** For each weaker consistency that was measured: what it gains under this load, and what it gives up. */
export function weaker(best: Run, own: readonly Run[], rounds: number): string[] {
  const rank = (run: Run): number => [...strongestFirst, 'none' as const].indexOf(run.guarantees.consistency);
  return (['sequential', 'causal'] as const).flatMap((name) => {
    const fastest = own.find(({ guarantees }) => guarantees.consistency === name);
    if (fastest === undefined || rank(fastest) <= rank(best)) return [];
    const loss = [givenUp[name], ...lost(fastest, best)].join('; and ');
    return [`${gain(name, fastest, best, rounds)} It gives up ${loss}.${kept(fastest, best)}`];
  });
}

function gain(name: string, fastest: Run, best: Run, rounds: number): string {
  const how = `${reads[fastest.guarantees.reads]}, ${writes[fastest.guarantees.writes]}`;
  const article = `A ${name} memory, ${fastest.system},`;
  if (keptUp(fastest) || keptUp(best)) {
    const gains = bestFirst(fastest, best) < 0 && !alike(fastest, best, rounds);
    return `${article} ${beside(fastest, best)}${gains ? ': ' : ', though '}${how}.`;
  }
  const ratio = times(fastest.throughput / best.throughput);
  if (alike(fastest, best, rounds)) return `${article} gains no throughput here (${ratio}), though ${how}.`;
  if (fastest.throughput < best.throughput)
    return `${article} completed fewer operations here (${ratio}), though ${how}.`;
  return `${article} completed ${ratio} as many operations: ${how}.`;
}

function lost({ guarantees }: Run, best: Run): string[] {
  const forgets = best.guarantees.survives !== 'none' && guarantees.survives === 'none';
  return [
    ...(best.guarantees.compareAndSwap && !guarantees.compareAndSwap ? ['compare-and-swap'] : []),
    ...(forgets ? ['that a crash loses nothing which was acknowledged'] : []),
  ];
}

function kept({ guarantees }: Run, best: Run): string {
  if (guarantees.onPartition !== 'all-continue' || best.guarantees.onPartition === 'all-continue') return '';
  return ' In a network that is cut, all parts of it go on.';
}
