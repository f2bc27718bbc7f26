import type { Operation } from '@dsm/checker';
import {
  ABSENT,
  encodeValue,
  type Key,
  membersMax,
  type OperationName,
  type ReplicaId,
  type Value,
} from '@dsm/core';
import type { Subject } from '../subject.js';
import { builtIn, type Scenario } from './scenario.js';
import { type Script, ScriptError, type ScriptOperation } from './script.js';

/** An operation of a scenario, with the values that it writes and compares with. */
export interface Planned {
  /** Its place in the plan. */
  readonly number: number;
  readonly at: ReplicaId;
  readonly client: number;
  /** The operation that its client waits for before it begins this one. */
  readonly after: number | undefined;
  readonly name: OperationName;
  /** What a checker calls it. */
  readonly op: Operation['op'];
  readonly key: Key;
  readonly value: Value;
  readonly expected: Value;
}

/** The numbers of ended operations are the bits of one whole number. */
const operationsMax = 30;
const valueBytesMax = 64;

/**
 * The operations of a scenario. Written values are unique: the letters of the alphabet, in the order of the script. A
 * swap expects what its own client wrote last to that key, and absence where it wrote nothing; so of two swaps that
 * begin their clients one must fail, and one behind a write fails only if another client came between.
 *
 * Throws `ScriptError` for a scenario that this protocol, or any, cannot be tried in.
 */
export function planOf({ protocol, inspection }: Subject, scenario: Scenario): readonly Planned[] {
  const { script, members = 3, names, duplicates = 0, drops = 0, properties = [] } = scenario;
  const demand = (holds: boolean, complaint: string) => {
    if (!holds) throw new ScriptError(complaint);
  };
  demand(members >= 1 && members <= membersMax, `a group has 1 to ${membersMax} members, not ${members}`);
  demand(script.length <= members, `the script is for ${script.length} members, and there are ${members}`);
  const named = new Set(names).size;
  demand(names === undefined || named === members, `there are ${members} members, and ${named} names`);
  const fifo = protocol.channels === 'fifo' && duplicates + drops > 0;
  demand(!fifo, `${protocol.name} has fifo channels, on which nothing is lost or repeated`);
  const plan = numbered(script);
  demand(plan.length <= operationsMax, `the script has more than ${operationsMax} operations`);
  const swaps = plan.some(({ name }) => name === 'swap');
  demand(!swaps || protocol.guarantees.compareAndSwap, `${protocol.name} has no compare-and-swap`);
  const { consistency } = protocol.guarantees;
  const known = new Set<string>([...Object.values(builtIn), consistency, ...(inspection?.properties ?? [])]);
  for (const property of properties) demand(known.has(property), `nothing looks for '${property}'`);
  return plan;
}

function numbered(script: Script): Planned[] {
  const plan: Planned[] = [];
  let client = 0;
  script.forEach((clients, at) => {
    for (const operations of clients) {
      const written = new Map<Key, Value>();
      operations.forEach((operation, index) => {
        const after = index === 0 ? undefined : plan.length - 1;
        const planned = {
          number: plan.length,
          at,
          client,
          after,
          ...deedOf(operation, plan.length, written),
        };
        if (planned.name !== 'read') written.set(operation.key, planned.value);
        plan.push(planned);
      });
      client += 1;
    }
  });
  return plan;
}

function deedOf(
  { does, key }: ScriptOperation,
  number: number,
  written: ReadonlyMap<Key, Value>,
): Pick<Planned, 'name' | 'op' | 'key' | 'value' | 'expected'> {
  const value = encodeValue(letterOf(number), valueBytesMax);
  switch (does) {
    case 'read':
      return { name: 'read', op: 'read', key, value: ABSENT, expected: ABSENT };
    case 'write':
      return { name: 'write', op: 'write', key, value, expected: ABSENT };
    case 'delete':
      return { name: 'write', op: 'delete', key, value: ABSENT, expected: ABSENT };
    case 'swap':
      return { name: 'swap', op: 'cas', key, value, expected: written.get(key) ?? ABSENT };
  }
}

/** a, b, … z, a1, b1, … */
function letterOf(number: number): string {
  const round = Math.floor(number / 26);
  return String.fromCharCode(97 + (number % 26)) + (round === 0 ? '' : String(round));
}
