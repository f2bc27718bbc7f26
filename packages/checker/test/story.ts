import type { Json, Operation } from '../src/index.js';

type Interval = readonly [start: number | bigint, end: number | bigint | null];

/** Short words for the operations of a hand-written history on one key. Times are given as `[start, end]`. */
export function read(client: string, value: Json | undefined, [start, end]: Interval): Operation {
  return { client, op: 'read', key: 'x', value, start, end };
}

export function write(client: string, value: Json, [start, end]: Interval): Operation {
  return { client, op: 'write', key: 'x', value, start, end };
}

export function remove(client: string, [start, end]: Interval): Operation {
  return { client, op: 'delete', key: 'x', start, end };
}

/** A cas that succeeded, or did not, or of which nobody knows. */
export function cas(
  client: string,
  expected: Json | undefined,
  value: Json | undefined,
  ok: boolean | undefined,
  [start, end]: Interval,
): Operation {
  return { client, op: 'cas', key: 'x', expected, value, ok, start, end };
}
