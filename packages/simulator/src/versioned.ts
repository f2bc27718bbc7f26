import type { Operation } from '@dsm/checker';
import type { Result } from '@dsm/core';
import type { Deed } from './ledger.js';

/**
 * The operations of a run for a checker of causal consistency. A member is a session, since its memory is one, whoever
 * its clients are; operations take effect there as they begin. A value goes with its version: equal values are then
 * told apart, and a read that found a deleted key says which delete it saw. Where the version is forgotten nobody can
 * know that: such a read is left out, and it is for the protocol's own invariants to see that it was right.
 */
export function versioned(deeds: readonly Deed[]): Operation[] {
  // The version of a write that has not ended is known to its readers only.
  const told = deeds.every(({ end, task }) => end !== null || task.name === 'read');
  const deleted = new Set<unknown>();
  for (const { task, result } of deeds) {
    if (task.name === 'write' && task.value === undefined) deleted.add(versionOf(result));
  }
  return deeds.flatMap((deed) => {
    const { operation, at, found, result } = deed;
    const session = { ...operation, session: at };
    if (!told || operation.op === 'cas') return [session];
    const version = versionOf(result);
    const value = [String(version), found ?? null];
    if (operation.op !== 'read') return [{ ...session, op: 'write' as const, value }];
    if (operation.end === null || found !== undefined) return [{ ...session, value }];
    if (deleted.has(version)) return [{ ...session, value }];
    return wasDeleted(deeds, operation.key) ? [] : [session];
  });
}

function versionOf(result: Result | undefined): unknown {
  return result?.kind === 'written' ? result.version : result?.entry.version;
}

function wasDeleted(deeds: readonly Deed[], key: string): boolean {
  return deeds.some(({ task }) => task.name === 'write' && task.key === key && task.value === undefined);
}
