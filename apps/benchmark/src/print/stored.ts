import { readFileSync } from 'node:fs';
import type { Guarantees } from '@dsm/core';
import { type Spread, spreads } from '../load/arrivals.js';
import type { Percentiles } from '../load/histogram.js';
import { messageOf } from '../message-of.js';
import type { Load, Range, Run, RunVerdict } from '../run.js';

/** What comparisons and tables need of a run that was written to a file. Figures that were absent are NaN. */
export type StoredRun = Pick<
  Run,
  | 'system'
  | 'guarantees'
  | 'workload'
  | 'members'
  | 'clients'
  | 'throughput'
  | 'operationsPerCpuSecond'
  | 'latencyUs'
  | 'messagesPerOperation'
  | 'server'
  | 'verdict'
> & {
  /** Older files have it only in the name of the system, and where it is not there it is ZeroMQ. */
  readonly transport?: string | undefined;
  readonly spread?: { readonly throughput: Range } | undefined;
};

/** An outcome that was written to a file, by this version of the benchmark or by an older one. */
export interface StoredOutcome {
  readonly machine: string;
  readonly node: string;
  readonly commit: string;
  /** Older files have neither date nor rounds. */
  readonly date?: string | undefined;
  readonly rounds?: number | undefined;
  /** Older files have none. */
  readonly load?: Load | undefined;
  readonly runs: readonly StoredRun[];
}

/** Something is no JSON output of the benchmark; the message says where it differs. */
class NotAnOutcome extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'NotAnOutcome';
  }
}

/** The outcome in a file that `--json` wrote. Throws `NotAnOutcome`, which names the file. */
export function storedIn(file: string): StoredOutcome {
  try {
    return outcomeIn(readFileSync(file, 'utf8'));
  } catch (error) {
    const reason = messageOf(error);
    throw new NotAnOutcome(`${file} is no JSON output of the benchmark: ${reason}`);
  }
}

/** The outcome that a text of JSON holds. Throws `NotAnOutcome`. */
export function outcomeIn(text: string): StoredOutcome {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw new NotAnOutcome(`it is no JSON: ${messageOf(error)}`);
  }
  return outcomeFrom(parsed);
}

/** The outcome that parsed JSON is. Throws `NotAnOutcome`. */
export function outcomeFrom(parsed: unknown): StoredOutcome {
  const outcome = new Part(parsed, 'the file');
  const runs = outcome.list('runs').map(runFrom);
  if (runs.length === 0) throw new NotAnOutcome('it has no runs');
  return {
    machine: outcome.text('machine'),
    node: outcome.text('node'),
    commit: outcome.text('commit'),
    ...(outcome.has('date') && { date: outcome.text('date') }),
    ...(outcome.has('rounds') && { rounds: outcome.number('rounds') }),
    ...(outcome.has('load') && { load: loadFrom(outcome.part('load')) }),
    runs,
  };
}

function loadFrom(load: Part): Load {
  return {
    valueBytes: load.number('valueBytes'),
    keys: load.number('keys'),
    rate: load.isNull('rate') ? null : load.number('rate'),
    arrivals: load.isNull('arrivals') ? null : load.oneOf<Spread>('arrivals', spreads),
    seconds: load.isNull('seconds') ? null : load.number('seconds'),
    warmUpSeconds: load.number('warmUpSeconds'),
    seed: load.number('seed'),
    verified: load.flag('verified'),
  };
}

function runFrom(run: Part): StoredRun {
  const latency = run.part('latencyUs');
  const messages = run.part('messagesPerOperation');
  return {
    system: run.text('system'),
    ...(run.has('transport') && { transport: run.text('transport') }),
    guarantees: guaranteesFrom(run.part('guarantees')),
    workload: run.text('workload'),
    members: run.number('members'),
    clients: run.number('clients'),
    throughput: run.number('throughput'),
    operationsPerCpuSecond: run.number('operationsPerCpuSecond'),
    latencyUs: { read: percentilesFrom(latency.part('read')), write: percentilesFrom(latency.part('write')) },
    messagesPerOperation: { read: messages.number('read'), write: messages.number('write') },
    verdict: run.oneOf('verdict', verdicts),
    ...(run.has('server') && { server: serverFrom(run.part('server')) }),
    ...(run.has('spread') && { spread: { throughput: run.part('spread').range('throughput') } }),
  };
}

const verdicts: readonly RunVerdict[] = ['legal', 'illegal', 'unknown', 'unchecked'];
const consistencies: readonly Guarantees['consistency'][] = ['linearizable', 'sequential', 'causal', 'none'];

/** What decides about words and columns is checked; the rest is what the benchmark wrote. */
function guaranteesFrom(guarantees: Part): Guarantees {
  guarantees.oneOf('consistency', consistencies);
  for (const name of ['reads', 'writes', 'onPartition']) guarantees.text(name);
  return guarantees.value as unknown as Guarantees;
}

function serverFrom(server: Part): NonNullable<Run['server']> {
  return { software: server.text('software'), durability: server.text('durability') };
}

function percentilesFrom(percentiles: Part): Percentiles {
  return {
    p50: percentiles.number('p50'),
    p99: percentiles.number('p99'),
    p999: percentiles.number('p999'),
  };
}

/** A part of parsed JSON that says where it is, should it not be what is expected. */
class Part {
  readonly value: Readonly<Record<string, unknown>>;
  private readonly place: string;

  constructor(value: unknown, place: string) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new NotAnOutcome(`${place} is no object`);
    }
    this.value = value as Record<string, unknown>;
    this.place = place;
  }

  has(name: string): boolean {
    return Object.hasOwn(this.value, name);
  }

  isNull(name: string): boolean {
    return this.value[name] === null;
  }

  flag(name: string): boolean {
    const value = this.value[name];
    if (typeof value !== 'boolean') throw new NotAnOutcome(`${this.at(name)} is neither true nor false`);
    return value;
  }

  part(name: string): Part {
    return new Part(this.value[name], this.at(name));
  }

  list(name: string): Part[] {
    const value = this.value[name];
    if (!Array.isArray(value)) throw new NotAnOutcome(`${this.at(name)} is no list`);
    return value.map((each: unknown, index) => new Part(each, `${this.at(name)}[${index}]`));
  }

  text(name: string): string {
    const value = this.value[name];
    if (typeof value !== 'string') throw new NotAnOutcome(`${this.at(name)} is no text`);
    return value;
  }

  oneOf<Word extends string>(name: string, words: readonly Word[]): Word {
    const value = words.find((word) => word === this.value[name]);
    if (value === undefined) throw new NotAnOutcome(`${this.at(name)} is none of ${words.join(', ')}`);
    return value;
  }

  number(name: string): number {
    return numberFrom(this.value[name], this.at(name));
  }

  range(name: string): Range {
    const value = this.value[name];
    if (!Array.isArray(value) || value.length !== 2) {
      throw new NotAnOutcome(`${this.at(name)} is no pair of numbers`);
    }
    return [numberFrom(value[0], this.at(name)), numberFrom(value[1], this.at(name))];
  }

  private at(name: string): string {
    return this.place === 'the file' ? name : `${this.place}.${name}`;
  }
}

/** JSON has no NaN: an absent figure is null there. */
function numberFrom(value: unknown, place: string): number {
  if (value === null) return Number.NaN;
  if (typeof value !== 'number') throw new NotAnOutcome(`${place} is no number`);
  return value;
}
