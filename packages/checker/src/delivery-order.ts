import type { DeliveryLog } from './delivery-log.js';
import { NameTable } from './name-table.js';

/** One member delivered a command directly before another. */
export interface Neighbours {
  readonly member: string;
  readonly earlier: string;
  readonly later: string;
}

/**
 * A cycle in the union of what stands next to each other in all logs, as short as leaving out the commands that one
 * log passes through can make it; undefined when all logs fit in one order. In O(deliveries).
 */
export function findCycle(logs: readonly DeliveryLog[]): readonly Neighbours[] | undefined {
  const cycle = new DeliveryGraph(logs).cycle();
  if (cycle === undefined) return undefined;
  // Neighbours of neighbours in one log are in its order too.
  const short: Neighbours[] = [];
  for (const edge of cycle) {
    const last = short.at(-1);
    if (last?.member === edge.member) short[short.length - 1] = { ...last, later: edge.later };
    else short.push(edge);
  }
  const [first, last] = [short[0] as Neighbours, short.at(-1) as Neighbours];
  if (short.length > 2 && first.member === last.member) {
    short.pop();
    short[0] = { ...first, earlier: last.earlier };
  }
  return short;
}

interface Edge {
  readonly to: number;
  readonly member: string;
}

const opened = 1;
const done = 2;

class DeliveryGraph {
  private readonly table = new NameTable<string>();
  private readonly leaving: Edge[][] = [];

  constructor(logs: readonly DeliveryLog[]) {
    for (const { member, deliveries } of logs) {
      let before = -1;
      for (const { command } of deliveries) {
        const to = this.table.numberOf(command);
        if (to === this.leaving.length) this.leaving.push([]);
        if (before >= 0) this.leaving[before]?.push({ to, member });
        before = to;
      }
    }
  }

  /** Depth first along the edges; a command that is met again while it is open closes a cycle. */
  cycle(): Neighbours[] | undefined {
    const state = new Uint8Array(this.leaving.length);
    const next = new Int32Array(this.leaving.length);
    for (let root = 0; root < state.length; root += 1) {
      if (state[root] === done) continue;
      const path: { from: number; edge: Edge }[] = [];
      state[root] = opened;
      for (let at = root; at >= 0; ) {
        const edge = this.leaving[at]?.[next[at] as number];
        next[at] = (next[at] as number) + 1;
        if (edge === undefined) {
          state[at] = done;
          at = path.pop()?.from ?? -1;
          continue;
        }
        if (state[edge.to] === done) continue;
        path.push({ from: at, edge });
        if (state[edge.to] === opened)
          return this.named(path.slice(path.findIndex(({ from }) => from === edge.to)));
        state[edge.to] = opened;
        at = edge.to;
      }
    }
    return undefined;
  }

  private named(path: readonly { from: number; edge: Edge }[]): Neighbours[] {
    const { names } = this.table;
    return path.map(({ from, edge }) => ({
      member: edge.member,
      earlier: names[from] as string,
      later: names[edge.to] as string,
    }));
  }
}
