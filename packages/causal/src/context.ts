import type { Past } from './request.js';
import type { Vector } from './vector.js';

const pattern = /^causal1:(?<birth>[0-9a-z]+):(?<seen>[0-9a-z]+(?:\.[0-9a-z]+)*)$/;
/** The context of a session that has done nothing yet: it goes on anywhere. */
const nothing = 'causal1';

/** A session's past as a short text, to be carried to another member by whatever way. */
export function contextOf({ seen, birth }: Readonly<Past>): string {
  if (seen.length === 0) return nothing;
  return `${nothing}:${birth.toString(36)}:${seen.map((sequence) => sequence.toString(36)).join('.')}`;
}

/** What a context says was seen; undefined where it is none, or of another group. */
export function parseContext(context: string, birth: number, size: number): Vector | undefined {
  if (context === nothing) return [];
  const { birth: group = '', seen = '' } = pattern.exec(context)?.groups ?? {};
  if (seen === '' || Number.parseInt(group, 36) !== birth) return undefined;
  const vector = seen.split('.').map((sequence) => Number.parseInt(sequence, 36));
  return vector.length <= size && vector.every(Number.isSafeInteger) ? vector : undefined;
}
