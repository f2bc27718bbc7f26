import { canonicalText, type Json } from './value.js';
import type { Verdict } from './verdict.js';

/** What a key holds at a replica, compared by structure, or byte by byte. Undefined is absent, as is a missing key. */
export type Content = Json | Uint8Array | undefined;

/** What one replica holds when everything has come to rest. */
export interface ReplicaState {
  readonly replica: string | number;
  /** Its keys and what they hold: values, or values together with their versions. A `Map` will do. */
  readonly content: Iterable<readonly [key: string, content: Content]>;
  /** The keys that it has to hold, where that is not all of them: others are not looked at. */
  readonly holds?: Iterable<string> | undefined;
}

export interface ConvergenceOptions {
  /** Operations that have not ended, and messages that have not arrived. With any, nothing is judged. */
  readonly pending?: number;
}

/** A key of which replicas hold different things. */
export interface Divergence {
  readonly key: string;
  readonly reason: string;
  /** What two of them hold that differ. */
  readonly held: readonly { readonly replica: string | number; readonly content: Content }[];
}

/** What `checkConvergence` found. */
export interface ConvergenceReport {
  readonly model: 'convergence';
  /** `unknown` is not a pass: it was too early, or there was nothing to compare. */
  readonly verdict: Verdict;
  /** Present when the verdict is `unknown`. */
  readonly refusal?: 'pending' | 'nothing to compare';
  /** Keys that at least two replicas have to hold. */
  readonly checkedKeys: number;
  /** Why the verdict is not `legal`. */
  readonly reason?: string;
  /** Present when the verdict is `illegal`. */
  readonly counterexample?: Divergence;
}

/**
 * Whether all replicas that have to hold a key hold the same in it, once no operation is pending and no message under
 * way: before, replicas may differ, and nothing is judged. A key that one replica lacks and another holds differs.
 * Throws `HistoryError` for content that is neither JSON nor bytes, and `RangeError` for a replica that is given twice.
 */
export function checkConvergence(
  states: Iterable<ReplicaState>,
  { pending = 0 }: ConvergenceOptions = {},
): ConvergenceReport {
  const model = 'convergence';
  if (pending !== 0) {
    const reason = `${pending} operations or messages are pending: replicas may differ`;
    return { model, verdict: 'unknown', refusal: 'pending', checkedKeys: 0, reason };
  }
  const shelves = [...states].map(shelfOf);
  const names = new Set(shelves.map(({ replica }) => replica));
  if (names.size < shelves.length) throw new RangeError('a replica is given twice');
  let checkedKeys = 0;
  for (const key of new Set(shelves.flatMap(({ content, holds }) => [...content.keys(), ...(holds ?? [])]))) {
    const holders = shelves.filter(({ holds }) => holds?.has(key) ?? true);
    if (holders.length < 2) continue;
    checkedKeys += 1;
    const counterexample = divergenceOf(key, holders);
    if (counterexample === undefined) continue;
    const reason = `key ${JSON.stringify(key)}: ${counterexample.reason}`;
    return { model, verdict: 'illegal', checkedKeys, reason, counterexample };
  }
  if (checkedKeys > 0) return { model, verdict: 'legal', checkedKeys };
  const reason = 'no key has to be held by two replicas';
  return { model, verdict: 'unknown', refusal: 'nothing to compare', checkedKeys, reason };
}

interface Shelf {
  readonly replica: string | number;
  readonly content: ReadonlyMap<string, Content>;
  readonly holds: ReadonlySet<string> | undefined;
}

function shelfOf({ replica, content, holds }: ReplicaState): Shelf {
  return { replica, content: new Map(content), holds: holds === undefined ? undefined : new Set(holds) };
}

function divergenceOf(key: string, [first, ...others]: readonly Shelf[]): Divergence | undefined {
  if (first === undefined) return undefined;
  const text = textOf(first.content.get(key));
  const other = others.find(({ content }) => textOf(content.get(key)) !== text);
  if (other === undefined) return undefined;
  const held = [first, other].map(({ replica, content }) => ({ replica, content: content.get(key) }));
  const reason = `replica ${first.replica} and replica ${other.replica} hold different content`;
  return { key, reason, held };
}

/** Equal for equal contents alone. */
function textOf(content: Content): string {
  if (content === undefined) return 'absent';
  if (!(content instanceof Uint8Array)) return `json ${canonicalText(content)}`;
  return `bytes ${Array.from(content, (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}
