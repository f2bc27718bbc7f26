import type { OperationId, ReplicaId } from '@dsm/core';
import type { Applied, WriteVersion } from './messages.js';

/** Changes of one member that were applied. */
interface Origin {
  /** All of its changes below this one have ended there: it asks for none of them again. */
  floor: OperationId;
  readonly versions: Map<OperationId, WriteVersion>;
}

/**
 * Which changes were applied, and how they ended, as far as they can be asked for again: by the member that asked. A
 * change that comes once more is answered, and not applied once more. So little is kept: what its member has not
 * been told of, as far as it has said.
 */
export class AppliedChanges {
  private readonly origins: (Origin | undefined)[] = [];

  /** The version that a change got; undefined if it was not applied. */
  versionOf(origin: ReplicaId, operation: OperationId): WriteVersion | undefined {
    return this.origins[origin]?.versions.get(operation);
  }

  record({ origin, floor, operation, version }: Applied): void {
    this.raise(origin, floor);
    this.of(origin).versions.set(operation, version);
  }

  /** Everything of a member below this is forgotten. */
  raise(member: ReplicaId, floor: OperationId): void {
    const origin = this.of(member);
    if (floor <= origin.floor) return;
    origin.floor = floor;
    // Nearly in the order of asking: what stands behind one that stays may stay a little longer.
    for (const operation of origin.versions.keys()) {
      if (operation >= floor) return;
      origin.versions.delete(operation);
    }
  }

  /** Everything that is remembered. */
  *[Symbol.iterator](): Generator<Applied> {
    for (const [origin, known] of this.origins.entries()) {
      if (known === undefined) continue;
      const { floor, versions } = known;
      for (const [operation, version] of versions) yield { origin, floor, operation, version };
    }
  }

  private of(member: ReplicaId): Origin {
    let origin = this.origins[member];
    if (origin === undefined) {
      origin = { floor: 0, versions: new Map() };
      this.origins[member] = origin;
    }
    return origin;
  }
}
