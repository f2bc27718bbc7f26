import type { Operation } from '../src/index.js';
import { goesBefore } from './brute-sequential.js';

/**
 * Whether a history is causally consistent, or convergent, by the definition: for some choice of what happened and of
 * which write each read saw, causality is a partial order, and each read shows the last write of its key in some order
 * of the writes before it that keeps causality; for convergence in one order of all writes.
 */
export function bruteCausal(operations: readonly Operation[], level: 'cc' | 'ccv'): boolean {
  const telling = operations.filter(({ op, end }) => !(op === 'read' && end === null));
  return subsets(telling.filter(({ end }) => end === null)).some((happened) => {
    const world = telling.filter((operation) => operation.end !== null || happened.includes(operation));
    return readings(world).some((sources) => explains(world, sources, operations, level));
  });
}

type Sources = ReadonlyMap<Operation, Operation | undefined>;

/** Every way in which each read may have seen a write of its value, or what the key held at first. */
function readings(world: readonly Operation[]): Sources[] {
  let choices: Sources[] = [new Map()];
  for (const read of world) {
    if (read.op !== 'read') continue;
    const sources: (Operation | undefined)[] = world.filter(
      ({ op, key, value }) => op !== 'read' && key === read.key && value === read.value,
    );
    if (read.value === undefined) sources.push(undefined);
    choices = choices.flatMap((choice) => sources.map((source) => new Map(choice).set(read, source)));
  }
  return choices;
}

function explains(
  world: readonly Operation[],
  sources: Sources,
  recorded: readonly Operation[],
  level: 'cc' | 'ccv',
): boolean {
  const before = world.map((one) =>
    world.map(
      (other) => (one.end !== null && goesBefore(one, other, recorded)) || sources.get(other) === one,
    ),
  );
  close(before);
  if (before.some((row, at) => row[at])) return false;
  const writes = [...world.keys()].filter((at) => world[at]?.op !== 'read');
  const reads = [...world.keys()].filter((at) => world[at]?.op === 'read');
  const shows = (read: number, order: readonly number[]): boolean => {
    const last = order.findLast((write) => before[write]?.[read] && world[write]?.key === world[read]?.key);
    const source = sources.get(world[read] as Operation);
    return source === (last === undefined ? undefined : world[last]);
  };
  if (level === 'ccv')
    return extensions(writes, before).some((order) => reads.every((read) => shows(read, order)));
  return reads.every((read) => {
    const past = writes.filter((write) => before[write]?.[read]);
    return extensions(past, before).some((order) => shows(read, order));
  });
}

function close(before: boolean[][]): void {
  for (const [middle, after] of before.entries()) {
    for (const row of before) {
      if (!row[middle]) continue;
      for (let at = 0; at < row.length; at += 1) row[at] ||= after[at] as boolean;
    }
  }
}

/** All orders of some events that keep what comes before what. */
function extensions(events: readonly number[], before: readonly boolean[][]): number[][] {
  if (events.length === 0) return [[]];
  return events
    .filter((event) => !events.some((other) => before[other]?.[event]))
    .flatMap((first) =>
      extensions(
        events.filter((event) => event !== first),
        before,
      ).map((rest) => [first, ...rest]),
    );
}

function subsets<Item>([first, ...rest]: readonly Item[]): Item[][] {
  if (first === undefined) return [[]];
  const others = subsets(rest);
  return [...others, ...others.map((set) => [first, ...set])];
}
