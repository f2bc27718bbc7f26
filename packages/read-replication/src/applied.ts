import type { OperationId, ReplicaId } from '@dsm/core';
import type { Applied, WriteVersion } from './messages.js';

/** Changes of one member that were applied. */
class Origin {
  /** All of its changes below this one have ended there: it asks for none of them again. */
  floor: OperationId = 0;
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

  record({ origin: member, floor, operation, version }: Applied): void {
    this.raise(member, floor);
    const origin = this.of(member);
    origin.operations.push(operation);
    origin.versions.push(version);
    origin.last = Math.max(origin.last, operation);
  }

  /** Everything of a member below this is forgotten. */
  raise(member: ReplicaId, floor: OperationId): void {
    const origin = this.of(member);
    if (floor <= origin.floor) return;
    origin.floor = floor;
    const { operations, versions } = origin;
    // Nearly in the order of asking: what stands behind one that stays may stay a little longer.
    let over = 0;
    while (over < operations.length && (operations[over] as OperationId) < floor) over += 1;
    if (over === 0) return;
    operations.splice(0, over);
    versions.splice(0, over);
  }

  /** Everything that is remembered. */
  *[Symbol.iterator](): Generator<Applied> {
    for (const [origin, known] of this.origins.entries()) {
      if (known === undefined) continue;
      const { floor, operations, versions } = known;
      for (const [at, operation] of operations.entries()) {
        yield { origin, floor, operation, version: versions[at] as WriteVersion };
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
