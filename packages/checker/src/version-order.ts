import { initial } from './precedence.js';
import { none, observedCell, type Program } from './program.js';
import { writes } from './register.js';

/** What a session may count on, whatever replicas it meets (Terry and others, PDIS 1994). */
export type SessionGuarantee =
  | 'read your writes'
  | 'monotonic reads'
  | 'monotonic writes'
  | 'writes follow reads';

/** One version of a key must be older than another, as a session did or saw the one and then the other. */
export interface Step {
  readonly from: number;
  /** A write, or `none` for what the key held at first: nothing is older. */
  readonly to: number;
  /** Undefined for a step that the recorded order makes. */
  readonly guarantee: SessionGuarantee | undefined;
  /** The two operations of the session. */
  readonly by: readonly [earlier: number, later: number];
}

/** The last that a session did and saw of a key. */
interface Memory {
  write: number;
  read: number;
}

/**
 * The steps between versions that the guarantees ask for. The last read and write of a key are enough, since the
 * steps from those before lead there. Writes of unknown outcome that happened come after what their session did
 * before them, and nothing comes after them.
 */
export function stepsOf(program: Program, sources: Int32Array): Step[] {
  const { size, thread, place, parent, key } = program;
  const steps: Step[] = [];
  const children = new Map<number, number[]>();
  for (let event = 0; event < size; event += 1) {
    const before = parent[thread[event] as number] as number;
    if (before !== none) children.set(before, [...(children.get(before) ?? []), event]);
  }
  let memories = new Map<number, Memory>();
  const meet = (event: number, remembers: boolean): void => {
    const on = key[event] as number;
    const known = memories.get(on);
    const memory = remembers && known !== undefined ? known : { write: none, read: none, ...known };
    if (remembers) memories.set(on, memory);
    follow(program, sources, event, memory, steps);
  };
  for (let event = 0; event < size; event += 1) {
    if (place[event] === 0) memories = new Map();
    if (program.optional[event] === 1 || parent[thread[event] as number] !== none) continue;
    meet(event, true);
    for (const child of children.get(event) ?? []) {
      if (program.optional[child] === 0) meet(child, false);
    }
  }
  return steps;
}

/** The recorded order of the writes of each key, as steps. */
export function recordedSteps({ size, rank, key, kind, optional }: Program): Step[] {
  const ordered = Array.from({ length: size }, (_, at) => at).filter(
    (at) => (rank[at] as number) > 0 && optional[at] === 0 && writes(kind[at] as number),
  );
  ordered.sort((one, other) => (rank[one] as number) - (rank[other] as number));
  const last = new Map<number, number>();
  const steps: Step[] = [];
  for (const at of ordered) {
    const from = last.get(key[at] as number);
    if (from !== undefined) steps.push({ from, to: at, guarantee: undefined, by: [from, at] });
    last.set(key[at] as number, at);
  }
  return steps;
}

/** Steps that lead from a version back to it, or undefined when all versions can be put in order. */
export function findLoop(size: number, steps: readonly Step[]): readonly Step[] | undefined {
  const impossible = steps.find(({ from, to }) => to === none || from === to);
  if (impossible !== undefined) return [impossible];
  const leaving: Step[][] = Array.from({ length: size }, () => []);
  for (const step of steps) (leaving[step.from] as Step[]).push(step);
  const state = new Uint8Array(size);
  const nextStep = new Int32Array(size);
  for (let root = 0; root < size; root += 1) {
    if (state[root] !== 0) continue;
    const path: Step[] = [];
    state[root] = opened;
    for (let at = root; at !== none; ) {
      const step = leaving[at]?.[nextStep[at] as number];
      nextStep[at] = (nextStep[at] as number) + 1;
      if (step === undefined) {
        state[at] = done;
        at = path.pop()?.from ?? none;
      } else if (state[step.to] === opened) {
        const start = path.findIndex(({ from }) => from === step.to);
        return [...(start < 0 ? [] : path.slice(start)), step];
      } else if (state[step.to] === 0) {
        state[step.to] = opened;
        path.push(step);
        at = step.to;
      }
    }
  }
  return undefined;
}

const opened = 1;
const done = 2;

/** What an event asks for, after what its session did and saw before; the memory is brought up to it. */
function follow(program: Program, sources: Int32Array, event: number, memory: Memory, steps: Step[]): void {
  const source = sources[event] as number;
  const step = (from: number, to: number, guarantee: SessionGuarantee, earlier: number): void => {
    const trivial = from < 0 || (from === to && guarantee !== 'writes follow reads');
    if (!trivial) steps.push({ from, to, guarantee, by: [earlier, event] });
  };
  if (observedCell(program, event) !== none && source >= initial) {
    step(memory.write, source, 'read your writes', memory.write);
    if (memory.read !== none) step(sources[memory.read] as number, source, 'monotonic reads', memory.read);
    memory.read = event;
  }
  if (!writes(program.kind[event] as number)) return;
  step(memory.write, event, 'monotonic writes', memory.write);
  if (memory.read !== none) step(sources[memory.read] as number, event, 'writes follow reads', memory.read);
  memory.write = event;
}
