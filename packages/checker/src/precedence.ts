import { none, observedCell, type Program } from './program.js';
import { writes } from './register.js';

/** What `sources` says of an event that saw what its key held at first, or that saw nothing. */
export const initial = -1;
/** What `sources` says of an event whose value has several writers, so that nobody knows which it saw. */
export const ambiguous = -2;
/** What `sources` says of an event that saw what nobody wrote. */
export const unwritten = -3;

/** For each event the write that it saw. */
export function sourcesOf(program: Program): Int32Array {
  const writers = new Int32Array(program.cells).fill(unwritten).fill(initial, 0, program.keys);
  for (let at = 0; at < program.size; at += 1) {
    if (!writes(program.kind[at] as number)) continue;
    const cell = program.value[at] as number;
    writers[cell] = writers[cell] === unwritten ? at : ambiguous;
  }
  const sources = new Int32Array(program.size).fill(initial);
  for (let at = 0; at < program.size; at += 1) {
    const cell = program.optional[at] === 1 ? none : observedCell(program, at);
    if (cell !== none) sources[at] = writers[cell] as number;
  }
  return sources;
}

/**
 * What must come before what: the order of each thread, writes before what saw them, and edges that were added. Its
 * closure is kept as one vector for each event: how many events of each thread come before it. Events that learn
 * nothing new share the vector of the one before.
 */
export class Precedence {
  readonly program: Program;
  readonly sources: Int32Array;
  /** By event, where anything was added: so many events of each thread come before it. */
  private readonly added: (Int32Array | undefined)[];
  private pasts: Int32Array[] = [];
  private readonly fresh: Uint8Array;
  /** How many vectors were made. */
  vectors = 0;

  constructor(program: Program, sources: Int32Array) {
    this.program = program;
    this.sources = sources;
    this.added = new Array<Int32Array | undefined>(program.size).fill(undefined);
    this.fresh = new Uint8Array(program.size).fill(1);
  }

  get threads(): number {
    return this.program.parent.length;
  }

  /** Whether vectors were made: before, nobody knows what precedes what. */
  get closed(): boolean {
    return this.pasts.length > 0;
  }

  /** Adds that one event, and so its thread up to it, comes before another. False when that was known. */
  add(earlier: number, later: number): boolean {
    const { thread, place } = this.program;
    const by = thread[earlier] as number;
    const count = (place[earlier] as number) + 1;
    const needs = this.added[later] ?? new Int32Array(this.threads);
    this.added[later] = needs;
    if ((needs[by] as number) >= count) return false;
    needs[by] = count;
    return true;
  }

  /** How many events of a thread come before an event. After `close`. */
  before(event: number, thread: number): number {
    const { program } = this;
    if (program.thread[event] === thread) return program.place[event] as number;
    return (this.pasts[event] as Int32Array)[thread] as number;
  }

  /** Whether the last `close` found more before an event than the one before it had. */
  learned(event: number): boolean {
    return this.fresh[event] === 1;
  }

  /** Whether one event comes before another. After `close`. */
  precedes(one: number, other: number): boolean {
    const { thread, place } = this.program;
    return this.before(other, thread[one] as number) > (place[one] as number);
  }

  /** Makes the vectors. Where events come before themselves: a cycle of those, each before the next, and no vectors. */
  close(): readonly number[] | undefined {
    const { size, thread, place } = this.program;
    const old = this.pasts;
    const order = new Int32Array(size);
    const cycle = this.sort(order);
    if (cycle !== undefined) return cycle;
    const nobody = new Int32Array(this.threads);
    this.vectors = 0;
    this.pasts = new Array<Int32Array>(size);
    for (const event of order) {
      const base = place[event] === 0 ? nobody : (this.pasts[event - 1] as Int32Array);
      let past = base;
      for (let edge = 0; edge < this.edges(event); edge += 1) {
        const earlier = this.edge(event, edge);
        if (earlier !== none && thread[earlier] !== thread[event]) past = this.joined(past, base, earlier);
      }
      this.pasts[event] = past;
      if (old.length > 0) this.fresh[event] = equal(past, old[event] as Int32Array) ? 0 : 1;
    }
    return undefined;
  }

  /** The vector with all that comes before an event, and the event; a new one if that makes it differ from the base. */
  private joined(past: Int32Array, base: Int32Array, earlier: number): Int32Array {
    const { thread, place } = this.program;
    const by = thread[earlier] as number;
    const found = this.pasts[earlier] as Int32Array;
    if ((past[by] as number) > (place[earlier] as number)) return past;
    let own = past;
    if (past === base) {
      own = base.slice();
      this.vectors += 1;
    }
    for (let at = 0; at < own.length; at += 1) {
      if ((found[at] as number) > (own[at] as number)) own[at] = found[at] as number;
    }
    own[by] = (place[earlier] as number) + 1;
    return own;
  }

  /** The edges of an event: its thread, what it saw, and one for each thread where anything was added. */
  edges(event: number): number {
    return this.added[event] === undefined ? 2 : 2 + this.threads;
  }

  /** The event before an event along one of its edges, or `none`. */
  edge(event: number, edge: number): number {
    const { place, parent, thread, firsts } = this.program;
    if (edge === 0) return place[event] === 0 ? (parent[thread[event] as number] as number) : event - 1;
    if (edge === 1) return Math.max(none, this.sources[event] as number);
    const needed = (this.added[event] as Int32Array)[edge - 2] as number;
    return needed === 0 ? none : (firsts[edge - 2] as number) + needed - 1;
  }

  /** Depth first against the edges; an event that is met again while it is open closes a cycle. */
  private sort(order: Int32Array): readonly number[] | undefined {
    const { size } = this.program;
    const nextEdge = new Int32Array(size);
    const state = new Uint8Array(size);
    let sorted = 0;
    const open: number[] = [];
    for (let root = 0; root < size; root += 1) {
      if (state[root] === done) continue;
      state[root] = opened;
      open.push(root);
      for (let event = open.at(-1); event !== undefined; event = open.at(-1)) {
        const edge = nextEdge[event] as number;
        if (edge === this.edges(event)) {
          state[event] = done;
          order[sorted] = event;
          sorted += 1;
          open.pop();
          continue;
        }
        nextEdge[event] = edge + 1;
        const earlier = this.edge(event, edge);
        if (earlier === none || state[earlier] === done) continue;
        if (state[earlier] === opened) return open.slice(open.indexOf(earlier)).reverse();
        state[earlier] = opened;
        open.push(earlier);
      }
    }
    return undefined;
  }
}

function equal(one: Int32Array, other: Int32Array): boolean {
  for (let at = 0; at < one.length; at += 1) if (one[at] !== other[at]) return false;
  return true;
}

const opened = 1;
const done = 2;
