import type { DsmError } from '../error.js';
import type { Identity } from '../group/identity.js';
import type { LinkLimits } from '../link/link.js';
import type { ReplicaId } from '../members.js';
import type { Answer, Guarantees, Key, OperationId, Protocol, RawEntry, Result, View } from '../protocol.js';
import type { Trace } from './trace.js';
import type { World } from './world.js';

/** What a node is made of. */
export interface NodeOptions<Message> {
  readonly self: ReplicaId;
  readonly identity: Identity;
  /** Member names by slot. */
  readonly names: readonly string[];
  /** Where to ask to be taken into a group that is there already: `names` is this member alone then. */
  readonly contacts?: readonly string[] | undefined;
  readonly protocol: Protocol<Guarantees, Message>;
  readonly limits: LinkLimits;
  readonly suspectAfterMs: number;
  readonly batch: boolean;
  readonly world: World;
  readonly trace?: Trace | undefined;
}

/** What a node tells the memory above it. */
export interface NodeEvents {
  entered(view: View): void;
  /** This member cannot be in the group, or its replica failed; the node does nothing more. */
  failed(error: DsmError): void;
  complete(operation: OperationId, result: Result | Answer): void;
  changed(key: Key, entry: RawEntry | undefined): void;
  /** Time passed or room was made: the members in reach, and whether links are full, may have changed. */
  stirred(): void;
}
