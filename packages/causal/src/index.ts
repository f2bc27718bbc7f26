import { DsmError, type Guarantees, joinVia, membersMax, type Protocol } from '@dsm/core';
import { codec, type Message } from './messages.js';
import { type Merge, Policy, type Rules } from './policy.js';
import { CausalReplica } from './replica.js';
import { type Sessions, sessionsOf } from './session.js';

export { DsmError, types } from '@dsm/core';
export type { Message } from './messages.js';
export type { Merge } from './policy.js';
export { CausalReplica } from './replica.js';
export type { Session, Sessions } from './session.js';

/** Joins a group over ZeroMQ, or over the `transport` that the options name. */
export const join = joinVia(async () => (await import('#transport')).zeromq());

export interface CausalOptions<Acknowledgements extends number = number> {
  /**
   * How many other members must hold a write before it is done (default 0: it is done at once); all of them where there
   * are fewer. It is applied here at once all the same.
   */
  readonly acknowledgements?: Acknowledgements | undefined;
  /**
   * By key, or pattern such as `'cart:*'`: makes one value of two, instead of letting the last writer win. Applied to
   * every write that arrives. It must be commutative, associative and idempotent, give equal bytes for equal values,
   * throw at nothing, and be the same at every member. Such keys cannot be deleted.
   */
  readonly merge?: Readonly<Record<string, Merge>> | undefined;
  /** By key or pattern, the names of the members that hold it. Everybody holds what is not named. */
  readonly subscriptions?: Readonly<Record<string, readonly string[]>> | undefined;
}

/** What causal memory promises. Without acknowledgements a crash can lose what nobody else has heard of. */
export interface CausalGuarantees<Acknowledgements extends number> extends Guarantees {
  consistency: 'causal';
  compareAndSwap: false;
  reads: 'local';
  writes: Acknowledgements extends 0 ? 'local' : 'quorum';
  survives: Acknowledgements extends 0 ? 'none' : { crashes: number };
  onPartition: Acknowledgements extends 0 ? 'all-continue' : 'minority-stops';
}

/** Causally consistent variables that converge: every member reads and writes at once, whoever else is in reach. */
export function causal<Acknowledgements extends number = 0>(
  options: CausalOptions<Acknowledgements> = {},
): Protocol<CausalGuarantees<Acknowledgements>, Message, Sessions> {
  const rules = rulesOf(options);
  const { acknowledgements, merge, subscriptions } = rules;
  const alone = acknowledgements === 0;
  return {
    name: 'causal',
    guarantees: {
      consistency: 'causal',
      compareAndSwap: false,
      reads: 'local',
      writes: alone ? 'local' : 'quorum',
      survives: alone ? 'none' : { crashes: acknowledgements },
      onPartition: alone ? 'all-continue' : 'minority-stops',
    } as CausalGuarantees<Acknowledgements>,
    // Functions cannot be compared; that the same keys are merged can.
    options: { acknowledgements, merge: Object.keys(merge).sort(), subscriptions },
    mentions: Object.values(subscriptions).flat(),
    channels: 'unordered',
    // Nobody holds everything where there are subscriptions, so nobody can be given everything.
    membership: Object.keys(subscriptions).length === 0 ? 'roster' : 'views',
    changes: 'newest',
    answersNeeded: (size) => 1 + Math.min(acknowledgements, size - 1),
    lingerMs: alone ? 1 : 0,
    replica: (self) => new CausalReplica(self, new Policy(rules)),
    codec,
    extras: sessionsOf,
  };
}

function rulesOf({ acknowledgements = 0 as never, merge = {}, subscriptions = {} }: CausalOptions): Rules {
  const whole = Number.isInteger(acknowledgements) && acknowledgements >= 0 && acknowledgements < membersMax;
  if (!whole) throw invalid(`acknowledgements: ${String(acknowledgements)} is no number of other members`);
  for (const [pattern, one] of Object.entries(merge)) {
    if (typeof one !== 'function') throw invalid(`merge of '${pattern}' is no function`);
  }
  for (const [pattern, names] of Object.entries(subscriptions)) {
    const named = Array.isArray(names) && names.length > 0 && names.every((name) => typeof name === 'string');
    if (!named) throw invalid(`subscriptions of '${pattern}' must name a member or more`);
  }
  return { acknowledgements, merge: { ...merge }, subscriptions: { ...subscriptions } };
}

function invalid(text: string): DsmError {
  return new DsmError('DSM_INVALID_OPTION', text);
}
