import { readFileSync } from 'node:fs';
import type { Operation } from '@dsm/checker';
import type { Inspection } from '@dsm/core';

/** A line of a log: an operation begins. A read has no value. */
export interface Begun {
  readonly id: string;
  readonly client: string;
  readonly key: string;
  readonly value?: string | undefined;
  /** Nanoseconds of a clock that all processes of a machine share. */
  readonly start: string;
}

/** A line of a log: an operation has ended, with what it read, the version it wrote, or the outcome it failed with. */
export interface Ended {
  readonly id: string;
  readonly read?: string | undefined;
  readonly version?: string | undefined;
  readonly failed?: string | undefined;
  readonly end: string;
}

type PlaceOf = NonNullable<Inspection['placeOf']>;

/** The operations of a log. What had begun when its process was killed, or timed out, has an unknown outcome. */
export function operationsIn(file: string, placeOf: PlaceOf = () => undefined): Operation[] {
  const { begun, ended } = eventsIn(file);
  return begun.flatMap((first) => operation(first, ended.get(first.id), placeOf) ?? []);
}

/** What failed, and what never ended. */
export function failuresIn(file: string): Begun[] {
  const { begun, ended } = eventsIn(file);
  return begun.filter(({ id }) => ended.get(id)?.failed !== undefined || !ended.has(id));
}

function operation(
  { client, key, value, start }: Begun,
  ended: Ended | undefined,
  placeOf: PlaceOf,
): Operation | undefined {
  if (ended?.failed === 'not-applied') return undefined;
  const end = ended === undefined || ended.failed !== undefined ? null : BigInt(ended.end);
  const common = { client, key, start: BigInt(start), end };
  if (value === undefined) return { ...common, op: 'read', value: ended?.read };
  const order = ended?.version === undefined ? undefined : placeOf(ended.version);
  return { ...common, op: 'write', value, ...(order !== undefined && { order }) };
}

function eventsIn(file: string): { begun: readonly Begun[]; ended: ReadonlyMap<string, Ended> } {
  const begun: Begun[] = [];
  const ended = new Map<string, Ended>();
  for (const line of linesOf(file)) {
    const event = JSON.parse(line) as Begun | Ended;
    if ('start' in event) begun.push(event);
    else ended.set(event.id, event);
  }
  return { begun, ended };
}

/** Whole lines only: a killed process may have died within one. */
function linesOf(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n').slice(0, -1);
  } catch {
    return []; // It was never under load.
  }
}
