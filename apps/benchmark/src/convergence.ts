import { setTimeout as wait } from 'node:timers/promises';
import type { Columns } from './load/columns.js';
import { unreadable } from './load/contents.js';
import { absent } from './load/values.js';
import type { Judgement } from './verdict.js';

/** What one member held of some keys, in their order: the names of values. */
export interface Held {
  readonly member: string;
  readonly values: Float64Array;
}

/** How long members may take to hold the same once the load is over. */
const limitMs = 10_000;
const betweenMs = 50;
/** More keys are not compared. */
const keysMax = 20_000;

/** The keys in these histories; of very many, some from everywhere. */
export function keysIn(samples: readonly Columns[]): Float64Array {
  const all = new Set<number>();
  for (const { keys } of samples) for (const key of keys) all.add(key);
  const stride = Math.ceil(all.size / keysMax);
  return Float64Array.from([...all].sort((one, other) => one - other).filter((_, at) => at % stride === 0));
}

/** The first key of which members hold different values, in words. */
export function differenceIn(
  keys: Float64Array,
  held: readonly Held[],
  nameOf: (key: number) => string,
): string | undefined {
  for (const [place, key] of keys.entries()) {
    const ids = held.map(({ values }) => values[place]);
    const agree = ids.every((id) => id === ids[0] && id !== unreadable);
    if (agree) continue;
    const each = held.map(({ member }, at) => `${member} holds ${wordsFor(ids[at])}`);
    return `key ${JSON.stringify(nameOf(key))}: ${each.join(', ')}`;
  }
  return undefined;
}

/**
 * The judgement on a run, whose members have to hold the same once nobody writes any more: `look` says what they hold,
 * and is asked until they do or time is up. What is illegal, or promises nothing, stays as it is.
 */
export async function judgeConvergence(
  judgement: Judgement,
  keys: Float64Array,
  look: () => Promise<readonly Held[]>,
  nameOf: (key: number) => string,
  withinMs = limitMs,
): Promise<Judgement> {
  if (judgement.verdict === 'illegal' || judgement.verdict === 'unchecked') return judgement;
  const end = performance.now() + withinMs;
  for (;;) {
    const held = await look();
    if (held.length < 2) return judgement;
    const difference = differenceIn(keys, held, nameOf);
    if (difference === undefined) return { ...judgement, convergedKeys: keys.length };
    if (performance.now() > end) {
      const reason = `after ${withinMs / 1_000} s of rest members hold different values\n${difference}`;
      return { ...judgement, verdict: 'illegal', reason };
    }
    await wait(betweenMs);
  }
}

function wordsFor(id: number | undefined): string {
  if (id === undefined || id === unreadable) return 'nothing that could be read';
  return id === absent ? 'nothing' : `value ${id}`;
}
