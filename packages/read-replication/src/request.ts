import type { Key, OperationId, Value } from '@dsm/core';
import type { GrantNumber } from './messages.js';

/** Asks for write access. The extras and the replica tell each other through it how it went. */
export interface AcquireRequest {
  readonly kind: 'acquire';
  readonly key: Key;
  /** Set when it is asked for, and no more once its home was closed: there is nothing to withdraw. */
  operation: OperationId | undefined;
  /** Nobody waits for it any more. */
  forgone: boolean;
  /** Set when it is granted. */
  grant: GrantNumber | undefined;
}

export function acquireRequest(key: Key): AcquireRequest {
  return { kind: 'acquire', key, operation: undefined, forgone: false, grant: undefined };
}

/** The operations of this protocol besides the usual ones. */
export type OwnRequest =
  | AcquireRequest
  | { readonly kind: 'forgo'; readonly key: Key; readonly acquire: AcquireRequest }
  | { readonly kind: 'check'; readonly key: Key }
  | { readonly kind: 'look'; readonly key: Key; readonly grant: GrantNumber }
  | { readonly kind: 'put'; readonly key: Key; readonly grant: GrantNumber; readonly value: Value }
  | { readonly kind: 'release'; readonly key: Key; readonly grant: GrantNumber }
  | { readonly kind: 'share'; readonly key: Key; readonly value: Value }
  | { readonly kind: 'revoke'; readonly key: Key };
