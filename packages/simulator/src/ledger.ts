import type { Operation } from '@dsm/checker';
import type { OperationId, ReplicaId, Result, Value } from '@dsm/core';
import type { Task } from './plan.js';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** A value as replicas see it: the digits of the number. Absent is absent. */
export function encoded(value: number | undefined): Value {
  return value === undefined ? null : encoder.encode(String(value));
}

export function decoded(value: Value): number | undefined {
  return value === null ? undefined : Number(decoder.decode(value));
}

/** An operation of the run. */
export class Deed {
  readonly client: number;
  readonly at: ReplicaId;
  readonly task: Task;
  readonly expected: number | undefined;
  readonly id: OperationId;
  readonly start: number;
  end: number | null = null;
  result: Result | undefined;

  constructor(
    id: OperationId,
    client: number,
    at: ReplicaId,
    task: Task,
    expected: number | undefined,
    start: number,
  ) {
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

  /** As the checker wants it. */
  get operation(): Operation {
    const { client, task, expected, start, end, result } = this;
    const { key, value, name } = task;
    const common = { client, key, start, end };
    if (name === 'read') return { ...common, op: 'read', value: end === null ? undefined : this.found };
    if (name === 'write') return { ...common, op: value === undefined ? 'delete' : 'write', value };
    const ok = result?.kind === 'swapped' ? result.ok : undefined;
    return ok === undefined
      ? { ...common, op: 'cas', value, expected }
      : { ...common, op: 'cas', value, expected, ok };
  }

  get label(): string {
    const { name, key, value } = this.task;
    if (name === 'read') return `read ${key}`;
    if (name === 'swap') return `swap ${key} ${this.expected ?? 'absent'} → ${value}`;
    return value === undefined ? `delete ${key}` : `write ${key} = ${value}`;
  }

  get answer(): string {
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
  readonly deeds: Deed[] = [];
  private moment = 0;

  begin(client: number, at: ReplicaId, task: Task, expected: number | undefined): Deed {
    this.moment += 1;
    const deed = new Deed(this.deeds.length + 1, client, at, task, expected, this.moment);
    this.deeds.push(deed);
    return deed;
  }

  end(id: OperationId, result: Result): Deed {
    this.moment += 1;
    const deed = this.deeds[id - 1] as Deed;
    deed.end = this.moment;
    deed.result = result;
    return deed;
  }

  /** Those that have not ended, at some members. */
  pending(alive: (slot: ReplicaId) => boolean): Deed[] {
    return this.deeds.filter(({ end, at }) => end === null && alive(at));
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
  private readonly seen = new Map<string, number | undefined>();

  constructor(number: number, at: ReplicaId, tasks: readonly Task[]) {
    this.number = number;
    this.at = at;
    this.tasks = tasks;
  }

  get done(): boolean {
    return this.next === this.tasks.length;
  }

  /** Begins the next task; a swap expects what this client saw last. */
  begin(ledger: Ledger): Deed {
    const task = this.tasks[this.next] as Task;
    this.next += 1;
    this.running = true;
    const expected = task.name === 'swap' ? this.seen.get(task.key) : undefined;
    return ledger.begin(this.number, this.at, task, expected);
  }

  ended({ task, found, result }: Deed): void {
    this.running = false;
    const won = result?.kind === 'swapped' && result.ok;
    this.seen.set(task.key, won ? task.value : found);
  }
}
