import type { Budget } from './budget.js';
import { type Decision, decide } from './decision.js';
import type { History } from './history.js';
import { minimise } from './minimise.js';
import type { Operation } from './operation.js';
import { attempt, type Register, read, refusal, select, swap } from './register.js';
import { Removal } from './removal.js';
import type { Verdict } from './verdict.js';

/** A small part of a history that is illegal by itself. */
export interface Counterexample {
  /** What is wrong, in words. */
  readonly reason: string;
  /** By start. Nothing here depends on a write that was left out. */
  readonly operations: readonly Operation[];
}

/** A small part of what happened to one key that is illegal by itself. */
export interface KeyCounterexample extends Counterexample {
  readonly key: string;
  /**
   * The longest legal prefix: so many operations on the key, the first to return, are legal together with everything
   * that was pending at that moment. (At least so many, if the budget ended before the longest was found.)
   */
  readonly legalPrefix: number;
}

/** An attempt to shrink may cost this part of what the whole shrinking may. */
const attemptShare = 16;

/** The counter-example in a register that was found illegal. */
export function explain(
  history: History,
  register: Register,
  found: Decision,
  newBudget: () => Budget,
): KeyCounterexample {
  const budget = newBudget();
  const blamed = blamedBy(found, register, budget);
  const prefix = longestLegalPrefix(register, blamed ?? register, newBudget());
  const shrunk = shrink(blamed ?? startedUntil(prefix.until, register, budget), budget);
  const decision = judge(shrunk, budget);
  const rows = [...shrunk.row].map((row, at) => ({ row, start: shrunk.start[at] as number }));
  rows.sort((one, other) => one.start - other.start || one.row - other.row);
  const operations = rows.map(({ row }) => history.operation(row));
  return {
    key: operations[0]?.key ?? '',
    reason: decision.reason ?? found.reason ?? '',
    operations,
    legalPrefix: prefix.operations,
  };
}

/** The history of a register up to a moment: what returns later is pending, and of unknown outcome. */
function prefixOf(register: Register, moment: number): Register {
  const { size, kind, start, end } = register;
  const places: number[] = [];
  for (let at = 0; at < size; at += 1) {
    const pending = (end[at] as number) > moment;
    if ((start[at] as number) <= moment && !(pending && kind[at] === read)) places.push(at);
  }
  const prefix = select(register, places);
  for (let at = 0; at < prefix.size; at += 1) {
    if ((prefix.end[at] as number) <= moment) continue;
    prefix.end[at] = Number.POSITIVE_INFINITY;
    if (prefix.kind[at] === swap || prefix.kind[at] === refusal) prefix.kind[at] = attempt;
  }
  return prefix;
}

/**
 * Found by doubling and bisection, since every prefix of a legal history is legal. What is blamed tells where to begin:
 * the history is illegal as soon as that has ended, and often not before. `until` is the moment that made it illegal.
 */
function longestLegalPrefix(
  register: Register,
  blamed: Register,
  budget: Budget,
): { operations: number; until: number } {
  const ends = register.end.filter((end) => end !== Number.POSITIVE_INFINITY).sort();
  const moments = ends.filter((end, at) => at + 1 === ends.length || ends[at + 1] !== end);
  const verdictAt = (at: number): Verdict => judge(prefixOf(register, moments[at] as number), budget).verdict;
  let legal = -1;
  let illegal = moments.length - 1;
  const blamedEnd = blamed.end.reduce(
    (last, end) => (end === Number.POSITIVE_INFINITY ? last : Math.max(last, end)),
    Number.NEGATIVE_INFINITY,
  );
  const guess = moments.indexOf(blamedEnd);
  if (guess >= 0 && guess < illegal && verdictAt(guess) === 'illegal') illegal = guess;
  for (let stride = 1, narrowing = false; illegal - legal > 1; stride *= 2) {
    const at = narrowing ? (legal + illegal) >> 1 : Math.max(legal + 1, illegal - stride);
    const verdict = verdictAt(at);
    if (verdict === 'unknown') break;
    if (verdict === 'illegal') illegal = at;
    else {
      legal = at;
      narrowing = true;
    }
  }
  const operations = legal < 0 ? 0 : ends.lastIndexOf(moments[legal] as number) + 1;
  return { operations, until: moments[illegal] ?? Number.POSITIVE_INFINITY };
}

/** What the checker blames, if it is illegal alone. */
function blamedBy(found: Decision, register: Register, budget: Budget): Register | undefined {
  const rows = new Set(found.rows);
  const blamed = pick(register, (at) => rows.has(register.row[at] as number));
  // Not so when an outcome that the checker inferred depends on an operation that it does not blame.
  return judge(blamed, budget).verdict === 'illegal' ? blamed : undefined;
}

/** The operations that had started when the history became illegal, if they are illegal alone; else all. */
function startedUntil(moment: number, register: Register, budget: Budget): Register {
  const kept = new Uint8Array(register.size).fill(1);
  const later = [...register.start.keys()].filter((at) => (register.start[at] as number) > moment);
  new Removal(register).remove(kept, later);
  const started = pick(register, (at) => kept[at] === 1);
  return judge(started, budget).verdict === 'illegal' ? started : register;
}

function shrink(register: Register, budget: Budget): Register {
  const removal = new Removal(register);
  const places = minimise({
    size: register.size,
    remove: (kept, leaving) => removal.remove(kept, leaving),
    illegal: (left) => judge(select(register, left), budget).verdict === 'illegal',
    spent: () => budget.spent !== undefined,
  });
  return select(register, places);
}

function judge(register: Register, budget: Budget): Decision {
  const attemptBudget = budget.slice(Math.ceil(budget.total / attemptShare));
  const decision = decide(register, attemptBudget);
  budget.allows(attemptBudget.used + 1 + (register.size >> 3));
  return decision;
}

function pick(register: Register, wanted: (at: number) => boolean): Register {
  return select(register, [...register.row.keys()].filter(wanted));
}
