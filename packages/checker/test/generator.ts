import type { Json, Operation } from '../src/index.js';
import type { Random } from './random.js';

/** What a random history looks like. */
export interface Shape {
  readonly clients: number;
  readonly operations: number;
  readonly keys: number;
  /** How many different values are written; 0 makes every written value unique. */
  readonly values: number;
  readonly cas: number;
  readonly deletes: number;
  readonly unknown: number;
  /** Small times touch often; large ones hardly ever. */
  readonly gapMax: number;
}

type Draft = { -readonly [member in keyof Operation]: Operation[member] };

/**
 * A legal history, from an atomic register: each operation happens at a random moment between its start and its end.
 * Clients take one operation after another; an unknown one ends its client, and may happen late or never.
 */
export function legalHistory(random: Random, shape: Shape): Operation[] {
  const drafts: { draft: Draft; moment: number; tie: number }[] = [];
  const clocks = Array.from({ length: shape.clients }, () => random.below(shape.gapMax));
  const names = clocks.map((_, client) => client);
  for (let number = 0; number < shape.operations; number += 1) {
    const client = random.below(shape.clients);
    const start = (clocks[client] as number) + random.below(shape.gapMax);
    const end = start + random.below(2 * shape.gapMax);
    const draft = { ...intention(random, shape, number), client: names[client] as number, start, end };
    const moment = random.chance(0.3) ? random.pick([start, end]) : start + random.below(end - start + 1);
    drafts.push({ draft, moment, tie: random.below(1000) });
    clocks[client] = end;
    if (!random.chance(shape.unknown)) continue;
    makeUnknown(draft);
    names[client] = shape.clients + number;
    (drafts.at(-1) as { moment: number }).moment = start + random.below(8 * shape.gapMax);
  }
  drafts.sort((one, other) => one.moment - other.moment || one.tie - other.tie);
  happen(
    random,
    drafts.map(({ draft }) => draft),
  );
  return drafts.map(({ draft }) => draft).sort((one, other) => Number(one.start) - Number(other.start));
}

/** The same history with one thing changed, which makes it illegal often, but not always. */
export function corrupted(random: Random, history: readonly Operation[]): Operation[] {
  const changed: Draft[] = history.map((operation) => ({ ...operation }));
  const corruptions = [
    changeRead,
    changeRead,
    swapIntervals,
    dropWrite,
    shiftInterval,
    forgetOutcome,
    flipCas,
  ];
  for (let times = 1 + random.below(2); times > 0; times -= 1) random.pick(corruptions)(random, changed);
  if (random.chance(0.3)) forgetOutcome(random, changed);
  return changed;
}

function intention(random: Random, shape: Shape, number: number): Draft {
  const key = `k${random.below(shape.keys)}`;
  const draft: Draft = { client: 0, op: 'read', key, start: 0, end: 0 };
  const fresh = (): Json => (shape.values === 0 ? number : named(random.below(shape.values)));
  if (random.chance(shape.cas)) {
    const expected = shape.values === 0 ? random.below(number + 1) : named(random.below(shape.values));
    draft.op = 'cas';
    draft.value = fresh();
    if (!random.chance(0.2)) draft.expected = expected;
    return draft;
  }
  if (random.chance(shape.deletes)) return { ...draft, op: 'delete' };
  return random.chance(0.45) ? { ...draft, op: 'write', value: fresh() } : draft;
}

/** Values of several types that look alike. */
function named(value: number): Json {
  return [0, '0', null, false, [0], '', 1, 2][value] ?? value;
}

/** Gives the operations their results, in the order in which they happen. An unknown one may not happen. */
function happen(random: Random, drafts: readonly Draft[]): void {
  const held = new Map<string, Json | undefined>();
  for (const draft of drafts) {
    const { key, op, value, end } = draft;
    if (end === null && random.chance(0.4)) continue;
    const found = held.get(key);
    if (op === 'write') held.set(key, value);
    if (op === 'delete') held.delete(key);
    if (op === 'read' && end !== null && found !== undefined) draft.value = found;
    if (op !== 'cas') continue;
    const equal = JSON.stringify(found) === JSON.stringify(draft.expected);
    if (equal) held.set(key, value);
    if (end !== null) draft.ok = equal;
  }
}

function changeRead(random: Random, history: Draft[]): void {
  const reads = history.filter(({ op, end }) => op === 'read' && end !== null);
  if (reads.length === 0) return;
  const read = random.pick(reads);
  const values = history.filter(({ key, op }) => key === read.key && op !== 'read').map(({ value }) => value);
  const value = random.pick([...values, undefined, ...(random.chance(0.1) ? ['never written'] : [])]);
  if (value === undefined) delete read.value;
  else read.value = value;
}

function swapIntervals(random: Random, history: Draft[]): void {
  const one = random.pick(history);
  const other = random.pick(history);
  [one.start, other.start] = [other.start, one.start];
  [one.end, other.end] = [other.end, one.end];
  for (const draft of [one, other]) if (draft.end === null) makeUnknown(draft);
  for (const draft of [one, other])
    if (draft.op === 'cas' && draft.end !== null) draft.ok ??= random.chance(0.5);
}

function dropWrite(random: Random, history: Draft[]): void {
  const writes = history.filter(({ op }) => op !== 'read');
  if (writes.length > 0) history.splice(history.indexOf(random.pick(writes)), 1);
}

function shiftInterval(random: Random, history: Draft[]): void {
  const draft = random.pick(history);
  const shift = random.below(21) - 10;
  draft.start = Number(draft.start) + shift;
  if (draft.end !== null) draft.end = Number(draft.end) + shift;
}

function forgetOutcome(random: Random, history: Draft[]): void {
  if (history.length > 0) makeUnknown(random.pick(history));
}

function flipCas(random: Random, history: Draft[]): void {
  const finished = history.filter(({ op, end }) => op === 'cas' && end !== null);
  if (finished.length === 0) return changeRead(random, history);
  const cas = random.pick(finished);
  cas.ok = cas.ok === false;
}

function makeUnknown(draft: Draft): void {
  draft.end = null;
  delete draft.ok;
  if (draft.op === 'read') delete draft.value;
}
