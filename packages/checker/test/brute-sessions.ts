import type { Operation, SessionGuarantee } from '../src/index.js';
import { goesBefore } from './brute-sequential.js';

export const allGuarantees: readonly SessionGuarantee[] = [
  'read your writes',
  'monotonic reads',
  'monotonic writes',
  'writes follow reads',
];

/**
 * Whether some orders of the versions, one for each key, keep the guarantees given, by their definitions: for some
 * choice of what happened and of which write each operation saw. Tries all orders and compares all pairs.
 */
export function bruteSessions(
  operations: readonly Operation[],
  guarantees: readonly SessionGuarantee[] = allGuarantees,
): boolean {
  const telling = operations.filter(({ op, end }) => !(op === 'read' && end === null));
  return subsets(telling.filter(({ end }) => end === null)).some((late) => {
    const world = telling.filter((operation) => operation.end !== null || late.includes(operation));
    const orders = world.flatMap(({ order }) => (order === undefined ? [] : [order.join()]));
    if (new Set(orders).size < orders.length) return false;
    return [...new Set(world.map(({ key }) => key))].every((key) => {
      const onKey = world.filter((operation) => operation.key === key);
      return readings(onKey).some((sources) =>
        permutations(onKey.filter(writes)).some((versions) =>
          keeps(onKey, versions, sources, operations, guarantees),
        ),
      );
    });
  });
}

function writes({ op, ok, end }: Operation): boolean {
  return op === 'write' || op === 'delete' || (op === 'cas' && (end === null || ok === true));
}

function sees({ op, ok, end }: Operation): boolean {
  return op === 'read' || (op === 'cas' && (end === null || ok === true));
}

type Sources = ReadonlyMap<Operation, Operation | undefined>;

function readings(world: readonly Operation[]): Sources[] {
  let choices: Sources[] = [new Map()];
  for (const reader of world.filter(sees)) {
    const seen = reader.op === 'read' ? reader.value : reader.expected;
    const sources: (Operation | undefined)[] = world.filter((each) => writes(each) && each.value === seen);
    if (seen === undefined) sources.push(undefined);
    choices = choices.flatMap((choice) => sources.map((source) => new Map(choice).set(reader, source)));
  }
  return choices;
}

function keeps(
  world: readonly Operation[],
  versions: readonly Operation[],
  sources: Sources,
  recorded: readonly Operation[],
  guarantees: readonly SessionGuarantee[],
): boolean {
  const age = (version: Operation | undefined): number =>
    version === undefined ? -1 : versions.indexOf(version);
  const ordered = versions.flatMap(({ order }) => (order === undefined ? [] : [order]));
  if (ordered.some((order, at) => at > 0 && !less(ordered[at - 1] as readonly number[], order))) return false;
  const follows = guarantees.includes('writes follow reads');
  if (follows && world.some((each) => sees(each) && writes(each) && age(sources.get(each)) >= age(each)))
    return false;
  return world.every((one) =>
    world.every((other) => {
      if (one === other || one.end === null || !goesBefore(one, other, recorded)) return true;
      return guarantees.every((guarantee) => {
        if (guarantee === 'read your writes')
          return !(writes(one) && sees(other)) || age(sources.get(other)) >= age(one);
        if (guarantee === 'monotonic reads')
          return !(sees(one) && sees(other)) || age(sources.get(other)) >= age(sources.get(one));
        if (guarantee === 'monotonic writes') return !(writes(one) && writes(other)) || age(other) > age(one);
        return !(sees(one) && writes(other)) || age(other) > age(sources.get(one));
      });
    }),
  );
}

function less(one: readonly number[], other: readonly number[]): boolean {
  const part = one.findIndex((each, at) => each !== other[at]);
  return part >= 0 && (one[part] as number) < (other[part] as number);
}

function permutations<Item>(items: readonly Item[]): Item[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((first) =>
    permutations(items.filter((item) => item !== first)).map((rest) => [first, ...rest]),
  );
}

function subsets<Item>([first, ...rest]: readonly Item[]): Item[][] {
  if (first === undefined) return [[]];
  const others = subsets(rest);
  return [...others, ...others.map((set) => [first, ...set])];
}
