import type { Operation } from '@dsm/checker';
import {
  ABSENT,
  type Answer,
  encodeValue,
  type Host,
  type OperationId,
  type RawVersion,
  type Replica,
  type ReplicaId,
  type Result,
  type Value,
} from '@dsm/core';
import { valueText } from './label.js';
import type { Task } from './plan.js';

/** Stands for bytes that nobody wrote. */
const alien = -1;
const valueBytesMax = 64;

/** A value as replicas see it: the digits of the number, encoded as any value is. Absent is absent. */
export function encoded(value: number | undefined): Value {
  return value === undefined ? ABSENT : encodeValue(String(value), valueBytesMax);
}

function decoded(value: Value): number | undefined {
  if (value === ABSENT) return undefined;
  const text = valueText(value);
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : alien;
}

/** What a client saw last under a key: a number, and the version of the entry, '' for an absent one. */
export interface Seen {
  readonly value: number | undefined;
  readonly version: string;
}

export const unseen: Seen = { value: undefined, version: '' };

/** An operation of the run. */
export class Deed {
  readonly client: number;
  readonly at: ReplicaId;
  readonly task: Task;
  /** What a swap expects. */
  readonly expected: Seen;
  readonly id: OperationId;
  readonly start: number;
  end: number | null = null;
  result: Result | undefined;
  /** It was not done: the member does not take part in the key. */
  refused = false;

  constructor(id: OperationId, client: number, at: ReplicaId, task: Task, expected: Seen, start: number) {
    this.id = id;
    this.client = client;
    this.at = at;
    this.task = task;
    this.expected = expected;
    this.start = start;
  }

  /** What was found under the key, or written. */
  get found(): number | undefined {
    const { result, task } = this;
    return result === undefined || result.kind === 'written' ? task.value : decoded(result.entry.value);
  }

  /** What its client has now seen under the key. */
  get seen(): Seen {
    const { result, task, found } = this;
    if (result === undefined) return unseen;
    const won = result.kind === 'swapped' && result.ok;
    const value = won ? task.value : found;
    const version: RawVersion = result.kind === 'written' ? result.version : result.entry.version;
    return { value, version: value === undefined ? '' : String(version) };
  }

  /** As the checker wants it. */
  get operation(): Operation {
    const { client, task, start, end, result } = this;
    const expected = this.expected.value;
    const { key, value, name } = task;
    if (name === 'read')
      return { client, key, start, end, op: 'read', value: end === null ? undefined : this.found };
    if (name === 'write')
      return { client, key, start, end, op: value === undefined ? 'delete' : 'write', value };
    const ok = result?.kind === 'swapped' ? result.ok : undefined;
    return ok === undefined
      ? { client, key, start, end, op: 'cas', value, expected }
      : { client, key, start, end, op: 'cas', value, expected, ok };
  }

  get label(): string {
    const { name, key, value } = this.task;
    if (name === 'read') return `read ${key}`;
    if (name === 'swap') return `swap ${key} ${this.expected.value ?? 'absent'} → ${value}`;
    return value === undefined ? `delete ${key}` : `write ${key} = ${value}`;
  }

  get answer(): string {
    if (this.refused) return 'refused';
    if (this.result?.kind === 'written') return 'done';
    if (this.result?.kind === 'swapped' && this.result.ok) return 'swapped';
    return `${this.found ?? 'absent'}`;
  }
}

/**
 * The operations of a run. Their times are places in the order of events, not virtual time: ties would make operations
 * look concurrent, and weaken the check.
 */
export class Ledger {
  private readonly begun: Deed[] = [];
  private moment = 0;

  begin(client: number, at: ReplicaId, task: Task, expected: Seen): Deed {
    this.moment += 1;
    const deed = new Deed(this.begun.length + 1, client, at, task, expected, this.moment);
    this.begun.push(deed);
    return deed;
  }

  end(id: OperationId, result: Result | Answer): Deed {
    this.moment += 1;
    const deed = this.begun[id - 1] as Deed;
    deed.end = this.moment;
    if (result.kind === 'refused' || result.kind === 'answered') deed.refused = true;
    else deed.result = result;
    return deed;
  }

  /** All but those that were refused. */
  get deeds(): readonly Deed[] {
    return this.begun.filter(({ refused }) => !refused);
  }

  /** Those that have not ended, at some members. */
  pending(alive: (slot: ReplicaId) => boolean): Deed[] {
    return this.begun.filter(({ end, at }) => end === null && alive(at));
  }

  get operations(): Operation[] {
    return this.deeds.map(({ operation }) => operation);
  }
}

/** Performs the tasks of a client one after the other, and remembers what it has seen. */
export class ScriptedClient {
  readonly at: ReplicaId;
  readonly number: number;
  running = false;
  private readonly tasks: readonly Task[];
  private next = 0;
  private readonly seen = new Map<string, Seen>();

  constructor(number: number, at: ReplicaId, tasks: readonly Task[]) {
    this.number = number;
    this.at = at;
    this.tasks = tasks;
  }

  /** It has begun its last task. */
  get done(): boolean {
    return this.next === this.tasks.length;
  }

  get ready(): boolean {
    return !this.done && !this.running;
  }

  /** Begins the next task; a swap expects what this client saw last. */
  begin(ledger: Ledger): Deed {
    const task = this.tasks[this.next] as Task;
    this.next += 1;
    this.running = true;
    return ledger.begin(this.number, this.at, task, this.seen.get(task.key) ?? unseen);
  }

  ended(deed: Deed): void {
    this.running = false;
    if (!deed.refused) this.seen.set(deed.task.key, deed.seen);
  }
}

/** Hands an operation to a replica. */
export function begin({ id, task, expected }: Deed, replica: Replica<unknown>, host: Host<unknown>): void {
  const { name, key, value } = task;
  if (name === 'read') return replica.read(id, key, host);
  if (name === 'write') return replica.write(id, key, encoded(value), host);
  if (replica.swap === undefined) throw new Error('it promises compare-and-swap and has none');
  const { version } = expected;
  replica.swap(
    id,
    key,
    task.byVersion ? { version } : { value: encoded(expected.value) },
    encoded(value),
    host,
  );
}
