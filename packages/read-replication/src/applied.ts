import type { OperationId, ReplicaId } from '@dsm/core';
import type { Applied, Progress, WriteVersion } from './messages.js';

/** Changes of one member that were applied. */
class Origin {
  /** All of its changes below this one have ended there, but for the open ones: it asks for none of them again. */
  floor: OperationId = 0;
  open: readonly OperationId[] = [];
  /** The largest of its changes that was applied. */
  last: OperationId = 0;
  /** In the order in which they were applied here; their versions, at the same places. */
  readonly operations: OperationId[] = [];
  readonly versions: WriteVersion[] = [];
}

/**
 * Which changes were applied, and how they ended, as far as they can be asked for again: by the member that asked. A
 * change that comes once more is answered, and not applied once more. So little is kept: what its member has not
 * been told of, as far as it has said.
 *
 * Invariant: a change that has not ended at its member is remembered by its home from the moment when it is applied,
 * and by each backup from the moment when it holds what was written. A member asks again for nothing that has ended.
 */
export class AppliedChanges {
  private readonly origins: (Origin | undefined)[] = [];

  /** The version that a change got; undefined if it was not applied. */
  versionOf(member: ReplicaId, operation: OperationId): WriteVersion | undefined {
    const origin = this.origins[member];
    // Members count upwards: nearly every change is new by that alone.
    if (origin === undefined || operation > origin.last) return undefined;
    const at = origin.operations.indexOf(operation);
    return at < 0 ? undefined : origin.versions[at];
  }

  record({ origin: member, operation, version }: Applied): void {
    const origin = this.of(member);
    origin.operations.push(operation);
    origin.versions.push(version);
    origin.last = Math.max(origin.last, operation);
  }

  /**
   * Everything of a member below the floor is forgotten, but what is open. What an older message says is as true, and
   * says nothing new.
   */
  raise({ origin: member, floor, open }: Progress): void {
    const origin = this.of(member);
    if (floor <= origin.floor) return;
    origin.floor = floor;
    origin.open = open;
    const { operations, versions } = origin;
    // Nearly in the order of asking: what stands behind one that is not below the floor may stay a little longer.
    let [at, kept] = [0, 0];
    for (; at < operations.length && (operations[at] as OperationId) < floor; at += 1) {
      if (!open.includes(operations[at] as OperationId)) continue;
      operations[kept] = operations[at] as OperationId;
      versions[kept] = versions[at] as WriteVersion;
      kept += 1;
    }
    if (at === kept) return;
    operations.splice(kept, at - kept);
    versions.splice(kept, at - kept);
  }

  progressOf(member: ReplicaId): Progress {
    const { floor, open } = this.of(member);
    return { origin: member, floor, open };
  }

  /** Everything that is remembered. */
  *[Symbol.iterator](): Generator<Applied> {
    for (const [origin, known] of this.origins.entries()) {
      if (known === undefined) continue;
      const { operations, versions } = known;
      for (const [at, operation] of operations.entries()) {
        yield { origin, operation, version: versions[at] as WriteVersion };
      }
    }
  }

  private of(member: ReplicaId): Origin {
    let origin = this.origins[member];
    if (origin === undefined) {
      origin = new Origin();
      this.origins[member] = origin;
    }
    return origin;
  }
}
