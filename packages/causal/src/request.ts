import type { Key, Value } from '@dsm/core';
import type { Past } from './past.js';

/** An operation of a session. The replica brings its past up to date at the moment of the operation. */
export type Request =
  | { readonly kind: 'look'; readonly key: Key; readonly past: Past }
  | { readonly kind: 'put'; readonly key: Key; readonly value: Value; readonly past: Past }
  | { readonly kind: 'snapshot'; readonly keys: readonly Key[] }
  | { readonly kind: 'attach'; readonly context: string; readonly past: Past };
