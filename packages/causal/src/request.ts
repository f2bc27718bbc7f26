import type { Key, Value } from '@dsm/core';
import type { Numbering } from './origins.js';
import type { Vector } from './vector.js';

/** What a session has seen: the last update that it read or wrote, by origin. */
export interface Past {
  seen: Vector;
  /** The numbers that `seen` is in. */
  numbering?: Numbering | undefined;
  /** The group's, once it has seen anything: a session goes on in no other one. */
  birth: number;
}

/** An operation of a session. The replica brings its past up to date at the moment of the operation. */
export type Request =
  | { readonly kind: 'look'; readonly key: Key; readonly past: Past }
  | { readonly kind: 'put'; readonly key: Key; readonly value: Value; readonly past: Past }
  | { readonly kind: 'snapshot'; readonly keys: readonly Key[] }
  | { readonly kind: 'attach'; readonly context: string; readonly past: Past };
