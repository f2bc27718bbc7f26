import { initial, type Precedence } from './precedence.js';
import { none } from './program.js';

/** More than this is no explanation. */
const eventsMax = 400;

/**
 * Gathers the events that explain why some come before others: the ends of each edge that leaves a thread, and for an
 * edge that was concluded, what it was concluded from. What it gathers is a guess, to be tried by the checker.
 */
export class Blame {
  readonly events = new Set<number>();
  private readonly precedence: Precedence;

  constructor(precedence: Precedence) {
    this.precedence = precedence;
  }

  /** Why each event of a cycle comes before the next, by the closure that was made before the cycle was met. */
  cycle(events: readonly number[]): this {
    events.forEach((event, at) => {
      this.edge(event, events[(at + 1) % events.length] as number);
    });
    return this;
  }

  /** Why one event comes before another. */
  path(from: number, to: number): this {
    const { thread } = this.precedence.program;
    this.events.add(from).add(to);
    // Edges that were added after the closure may lead around in circles.
    const passed = new Set<number>();
    for (let at = to; thread[at] !== thread[from] && this.events.size < eventsMax; ) {
      const entry = this.entry(from, at);
      const earlier = this.crossing(from, entry);
      if (earlier === none || passed.has(earlier)) return this;
      passed.add(earlier);
      this.edge(earlier, entry);
      at = earlier;
    }
    return this;
  }

  private edge(earlier: number, later: number): void {
    const { precedence } = this;
    const { thread, parent, place } = precedence.program;
    if (thread[earlier] === thread[later]) return;
    const known = this.events.has(earlier) && this.events.has(later);
    this.events.add(earlier).add(later);
    if (precedence.sources[later] === earlier || this.events.size >= eventsMax) return;
    if (place[later] === 0 && parent[thread[later] as number] === earlier) return;
    if (!known) this.conclusion(earlier, later);
  }

  /** A write before another, as somebody knew of it and saw the other; or a read before what replaced its value. */
  private conclusion(earlier: number, later: number): void {
    const { precedence } = this;
    const { size, key } = precedence.program;
    if (!precedence.closed || key[earlier] !== key[later]) return;
    const source = precedence.sources[earlier] as number;
    if (source > initial && precedence.precedes(source, later)) {
      this.path(source, later);
      return;
    }
    for (let event = 0; event < size; event += 1) {
      if (precedence.sources[event] !== later || !precedence.precedes(earlier, event)) continue;
      this.path(earlier, event);
      return;
    }
  }

  /** The first event of a thread, up to one, that comes after an event of another. */
  private entry(from: number, to: number): number {
    const { thread, firsts } = this.precedence.program;
    let low = firsts[thread[to] as number] as number;
    let high = to;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.precedence.precedes(from, middle)) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** The event of another thread by which an event comes after one. */
  private crossing(from: number, entry: number): number {
    const { precedence } = this;
    const { thread } = precedence.program;
    for (let edge = 0; edge < precedence.edges(entry); edge += 1) {
      const earlier = precedence.edge(entry, edge);
      if (earlier === none || thread[earlier] === thread[entry]) continue;
      if (earlier === from || precedence.precedes(from, earlier)) return earlier;
    }
    return none;
  }
}
