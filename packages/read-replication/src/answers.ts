import type { DsmOutcome, Host, Key, OperationId, RawEntry } from '@dsm/core';
import type { Conversation, Waiting } from './conversations.js';
import type { Changed, Message } from './messages.js';

/** Ends a read. */
export function finishRead({ operation, own }: Waiting, entry: RawEntry, host: Host<Message>): void {
  host.complete(operation, own ? { kind: 'answered', value: entry } : { kind: 'read', entry });
}

/** Ends a change as its home says. */
export function finishChange(
  { operation, deed, own }: NonNullable<Conversation['change']>,
  { key, outcome, version }: Changed,
  entry: RawEntry,
  host: Host<Message>,
): void {
  if (outcome === 'owned') {
    const text = `'${key}' was shared by another member: only that one may share or revoke it`;
    host.complete(operation, { kind: 'refused', code: 'DSM_UNSUPPORTED', text });
  } else if (outcome === 'released') refuseReleased(operation, key, host);
  else if (own) host.complete(operation, { kind: 'answered', value: version });
  else if (deed.kind === 'write') host.complete(operation, { kind: 'written', version });
  else host.complete(operation, { kind: 'swapped', ok: outcome === 'applied', entry });
}

export function refuseReleased(operation: OperationId, key: Key, host: Host<Message>): void {
  const text = `this write access to '${key}' has been given back`;
  host.complete(operation, { kind: 'refused', code: 'DSM_CLOSED', text });
}

/** Ends what needs a home that was closed. */
export function refuseClosed(
  operation: OperationId,
  key: Key,
  host: Host<Message>,
  outcome: DsmOutcome = 'not-applied',
): void {
  const text = `the member that is the home of '${key}' was closed`;
  host.complete(operation, { kind: 'refused', code: 'DSM_UNAVAILABLE', text, outcome });
}

/** Ends what waits for the answer of such a home, or would. */
export function refuseAsked(
  { change, reads }: Pick<Conversation, 'change'> & { readonly reads: readonly Waiting[] },
  key: Key,
  host: Host<Message>,
): void {
  // The home may have applied it, and told others.
  if (change !== undefined) refuseClosed(change.operation, key, host, 'unknown');
  for (const { operation } of reads) refuseClosed(operation, key, host);
}
