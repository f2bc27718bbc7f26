import { named, type Origins } from './origins.js';
import type { Past } from './past.js';
import { covers, include, type Vector } from './vector.js';

const formedPattern = '(?<formed>[0-9a-z]+(?:\\.[0-9a-z]+)*)?';
const laterPattern = '(?::(?<later>[0-9a-z]+=[0-9a-z]+(?:\\.[0-9a-z]+=[0-9a-z]+)*))?';
const pattern = new RegExp(`^causal1:(?<birth>[0-9a-z]+):${formedPattern}${laterPattern}$`);
/** The context of a session that has done nothing yet: it goes on anywhere. */
const nothing = 'causal1';

/** What a session has seen, as every member understands it. */
export interface Seen {
  /** By the slots of the first view. */
  readonly formed: Readonly<Vector>;
  /** Of those who came later, by incarnation. */
  readonly later: readonly (readonly [incarnation: number, sequence: number])[];
}

/** A session's past as a short text, to be carried to another member by whatever way. */
export function contextOf({ whole, birth, numbering }: Readonly<Past>): string {
  if (whole.length === 0 || numbering === undefined) return nothing;
  return `${nothing}:${birth.toString(36)}:${named(whole, numbering, 36)}`;
}

/** What a context says was seen; undefined where it is none, or of another group. */
export function parseContext(context: string, birth: number, size: number): Seen | undefined {
  if (context === nothing) return { formed: [], later: [] };
  const { birth: group = '', formed = '', later = '' } = pattern.exec(context)?.groups ?? {};
  if (formed + later === '' || Number.parseInt(group, 36) !== birth) return undefined;
  const vector = numbersIn(formed, '.');
  const pairs = later === '' ? [] : later.split('.').map((pair) => numbersIn(pair, '='));
  const whole = [vector, ...pairs].every((numbers) => numbers.every(Number.isSafeInteger));
  if (!whole || vector.length > size) return undefined;
  return { formed: vector, later: pairs as [number, number][] };
}

/** What a session has seen, in the numbers of this member; undefined while this member lacks some of it. */
export function seenHere(
  { formed, later }: Seen,
  applied: Readonly<Vector>,
  origins: Origins,
): Vector | undefined {
  const vector = [...formed];
  for (const [incarnation, sequence] of later) {
    const origin = origins.find(incarnation);
    // Of somebody who was never heard of here: so is what it has written.
    if (origin === undefined) return undefined;
    include(vector, origin, sequence);
  }
  return covers(applied, vector) ? vector : undefined;
}

function numbersIn(text: string, separator: string): number[] {
  return text === '' ? [] : text.split(separator).map((number) => Number.parseInt(number, 36));
}
