import type { AnyProtocol } from '../case.js';
import type { Stage } from '../face/stage.js';

/** A protocol in a group of some size: what decides whether a topic applies. */
export interface Setting {
  readonly protocol: AnyProtocol;
  readonly size: number;
}

/** Something that must hold for users of the public interface, over whatever transport. */
export interface Topic {
  readonly name: string;
  /** Why it does not apply; undefined where it does. */
  readonly excuse?: ((setting: Setting) => string | undefined) | undefined;
  /** Joins the groups it needs on the stage, which is cleared afterwards. */
  run(stage: Stage): Promise<void>;
}

export function alone({ size }: Setting): string | undefined {
  return size === 1 ? 'there is no other member' : undefined;
}

export function noSwaps({ protocol }: Setting): string | undefined {
  return protocol.guarantees.compareAndSwap ? undefined : `${protocol.name} has no compare-and-swap`;
}

/** Why a member that is cut off is not kept waiting. */
export function selfSufficient({ protocol, size }: Setting): string | undefined {
  if (size === 1) return 'there is no other member';
  if (protocol.guarantees.writes === 'local') return `writes of ${protocol.name} are local`;
  if (protocol.answersNeeded(size) === 1) return `a member of ${protocol.name} needs no other one`;
  return undefined;
}
