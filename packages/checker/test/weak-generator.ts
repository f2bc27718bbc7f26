import type { Json, Operation } from '../src/index.js';
import type { Random } from './random.js';

/** What a random history of the models weaker than linearizability looks like. */
export interface WeakShape {
  readonly sessions: number;
  readonly operations: number;
  readonly keys: number;
  /** How many different values are written; 0 makes every written value unique. */
  readonly values: number;
  readonly writes: number;
  readonly cas: number;
  readonly deletes: number;
  readonly unknown: number;
  /** How many of the writes, and of the refused cas, tell their place in the order. */
  readonly ordered: number;
}

export type Draft = { -readonly [member in keyof Operation]: Operation[member] };

/** Draws operations of sessions whose clocks have nothing in common. */
export class Author {
  readonly drafts: Draft[] = [];
  private readonly random: Random;
  private readonly shape: WeakShape;
  private readonly clocks: number[];

  constructor(random: Random, shape: WeakShape) {
    this.random = random;
    this.shape = shape;
    this.clocks = Array.from({ length: shape.sessions }, () => random.below(40));
  }

  /** The next operation of a session, without its result. */
  next(session: number): Draft {
    const { random, shape } = this;
    const start = (this.clocks[session] as number) + random.below(5);
    const end = start + random.below(5);
    this.clocks[session] = end + 1;
    const draft: Draft = { ...this.intention(), client: `c${session}`, start, end };
    if (random.chance(0.2)) draft.session = draft.client;
    if (random.chance(shape.unknown)) this.forget(draft, session);
    this.drafts.push(draft);
    return draft;
  }

  /** The client goes on, sometimes, under the name of the same session. */
  private forget(draft: Draft, session: number): void {
    draft.end = null;
    if (this.random.chance(0.5)) draft.session = `c${session}`;
    else draft.client = `lost ${this.drafts.length}`;
  }

  private intention(): Pick<Draft, 'op' | 'key' | 'value' | 'expected'> {
    const { random, shape } = this;
    const key = `k${random.below(shape.keys)}`;
    const number = this.drafts.length;
    const fresh = (): Json => (shape.values === 0 ? number : random.below(shape.values));
    if (random.chance(shape.cas)) {
      const expected = shape.values === 0 ? random.below(number + 1) : random.below(shape.values);
      return { op: 'cas', key, value: fresh(), ...(!random.chance(0.3) && { expected }) };
    }
    if (random.chance(shape.deletes)) return { op: 'delete', key };
    return random.chance(shape.writes) ? { op: 'write', key, value: fresh() } : { op: 'read', key };
  }
}

/** A sequentially consistent history: one memory, and sessions that know nothing of each other's time. */
export function sequentialHistory(random: Random, shape: WeakShape): Operation[] {
  const author = new Author(random, shape);
  const held = new Map<string, Json | undefined>();
  const late: Draft[] = [];
  let time = 0;
  const happen = (draft: Draft): void => {
    time += 1;
    const changes = apply(draft, held);
    const tells = changes || (draft.op === 'cas' && draft.end !== null);
    if (tells && random.chance(shape.ordered)) draft.order = [time >> 1, time & 1, 0];
  };
  for (let number = 0; number < shape.operations; number += 1) {
    const draft = author.next(random.below(shape.sessions));
    if (draft.end !== null) happen(draft);
    else if (draft.op !== 'read' && random.chance(0.7)) late.push(draft);
    while (late.length > 0 && random.chance(0.4))
      happen(late.splice(random.below(late.length), 1)[0] as Draft);
  }
  return shuffled(random, author.drafts);
}

/** Gives an operation its result. Whether it changed anything. */
function apply(draft: Draft, held: Map<string, Json | undefined>): boolean {
  const { key, op, value, end } = draft;
  const found = held.get(key);
  if (op === 'read' && found !== undefined && end !== null) draft.value = found;
  if (op === 'read') return false;
  const equal = op !== 'cas' || found === draft.expected;
  if (op === 'cas' && end !== null) draft.ok = equal;
  if (equal) held.set(key, op === 'delete' ? undefined : value);
  return equal;
}

/** The same history with one or two things changed, which makes it illegal often, but not always. */
export function spoilt(random: Random, history: readonly Operation[]): Operation[] {
  const changed: Draft[] = history.map((operation) => ({ ...operation }));
  const changes = [
    changeRead,
    changeRead,
    changeRead,
    dropWrite,
    swapStarts,
    forgetOutcome,
    flipCas,
    swapOrders,
  ];
  for (let times = 1 + random.below(2); times > 0; times -= 1) random.pick(changes)(random, changed);
  return changed;
}

function changeRead(random: Random, history: Draft[]): void {
  const reads = history.filter(({ op, end }) => op === 'read' && end !== null);
  if (reads.length === 0) return;
  const read = random.pick(reads);
  const values = history.filter(({ key, op }) => key === read.key && op !== 'read').map(({ value }) => value);
  const value = random.pick([
    ...values,
    ...values,
    undefined,
    ...(random.chance(0.1) ? ['never written'] : []),
  ]);
  if (value === undefined) delete read.value;
  else read.value = value;
}

function dropWrite(random: Random, history: Draft[]): void {
  const writes = history.filter(({ op }) => op !== 'read');
  if (writes.length > 0) history.splice(history.indexOf(random.pick(writes)), 1);
}

function swapStarts(random: Random, history: Draft[]): void {
  if (history.length === 0) return;
  const one = random.pick(history);
  const other = random.pick(history.filter(({ client }) => client === one.client));
  if (one.end === null || other.end === null) return;
  [one.start, other.start] = [other.start, one.start];
  [one.end, other.end] = [other.end, one.end];
}

function forgetOutcome(random: Random, history: Draft[]): void {
  if (history.length === 0) return;
  const draft = random.pick(history);
  draft.end = null;
  delete draft.ok;
  if (draft.op === 'read') delete draft.value;
}

function flipCas(random: Random, history: Draft[]): void {
  const finished = history.filter(({ op, end }) => op === 'cas' && end !== null);
  if (finished.length === 0) return changeRead(random, history);
  const cas = random.pick(finished);
  cas.ok = cas.ok === false;
}

function swapOrders(random: Random, history: Draft[]): void {
  const ordered = history.filter(({ order }) => order !== undefined);
  if (ordered.length === 0) return changeRead(random, history);
  const one = random.pick(ordered);
  const other = random.pick(ordered);
  if (random.chance(0.2)) {
    delete one.order;
    return;
  }
  [one.order, other.order] = [other.order, random.chance(0.1) ? other.order : one.order];
}

/** Lines of a history may stand in any order. */
function shuffled<Item>(random: Random, items: readonly Item[]): Item[] {
  const left = [...items];
  const mixed: Item[] = [];
  while (left.length > 0) mixed.push(left.splice(random.below(left.length), 1)[0] as Item);
  return mixed;
}
