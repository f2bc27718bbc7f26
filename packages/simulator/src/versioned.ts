import type { Operation } from '@dsm/checker';
import type { RawVersion } from '@dsm/core';
import type { Deed } from './ledger.js';

/**
 * The operations of a run for a checker of causal consistency. A member is a session, since its memory is one, whoever
 * its clients are; operations take effect there as they begin. A value goes with its version: equal values are then
 * told apart, and a read that found a deleted key says which delete it saw. Where the version is forgotten nobody can
 * know that: such a read is left out, and it is for the protocol's own invariants to see that it was right.
 */
export function versioned(deeds: readonly Deed[]): Operation[] {
  const writes = deeds.filter(({ task }) => task.name === 'write');
  const told = new Set(writes.map(toldVersion));
  const deletes = writes.filter(({ task }) => task.value === undefined);
  const deleted = new Set(deletes.map(toldVersion));
  return deeds.flatMap((deed) => {
    const { operation, at, found, task } = deed;
    const session = { ...operation, session: at };
    if (operation.op === 'cas') return [session];
    if (task.name === 'write') {
      const version = toldVersion(deed) ?? seenVersion(deed, deeds, told);
      return [{ ...session, op: 'write' as const, value: [String(version), found ?? null] }];
    }
    const version = toldVersion(deed);
    // Which of several writes without an end it saw, nobody can know either.
    if (operation.end !== null && !told.has(version) && writersOf(deed, deeds).length > 1) return [];
    const value = [String(version), found ?? null];
    if (operation.end === null || found !== undefined || deleted.has(version)) return [{ ...session, value }];
    return deletes.some((other) => other.task.key === task.key) ? [] : [session];
  });
}

/** The version that an operation ended with. */
function toldVersion({ result }: Deed): RawVersion | undefined {
  return result?.kind === 'written' ? result.version : result?.entry.version;
}

/** The version of a write that has not ended is known to those who read it: nobody else says that it wrote it. */
function seenVersion(deed: Deed, deeds: readonly Deed[], told: ReadonlySet<unknown>): RawVersion {
  for (const reader of deeds) {
    const version = toldVersion(reader);
    if (reader.task.name !== 'read' || version === undefined || told.has(version)) continue;
    const [writer, ...others] = writersOf(reader, deeds);
    if (writer === deed && others.length === 0) return version;
  }
  return `unseen ${deed.id}`;
}

/** The writes without an end that may have written what was read. */
function writersOf({ task, found }: Deed, deeds: readonly Deed[]): Deed[] {
  return deeds.filter(
    ({ task: { name, key, value }, result }) =>
      name === 'write' && result === undefined && key === task.key && value !== undefined && value === found,
  );
}
