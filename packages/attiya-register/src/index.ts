import { DsmError, type Guarantees, joinVia, majority, type Protocol } from '@dsm/core';
import { codec, type Message } from './messages.js';
import { AttiyaReplica } from './replica.js';

export { DsmError, types } from '@dsm/core';
export type { Message } from './messages.js';
export { AttiyaReplica } from './replica.js';

/** Joins a group over ZeroMQ, or over the `transport` that the options name. */
export const join = joinVia(async () => (await import('#transport')).zeromq());

export interface AttiyaRegisterOptions<Reads extends 'quorum' | 'all' = 'quorum' | 'all'> {
  /**
   * `'quorum'` (default) reads from a majority, and writes back what it returns unless a majority has it. `'all'` asks
   * every member in one round and never writes back. Writes then ask every member for its tag, too, since what a read
   * returned may be stored at one member only; so both wait for a silent member until the view changes.
   */
  readonly reads?: Reads | undefined;
  /**
   * A member with so many rounds of operations under way asks for all keys at once, and no more members than it needs;
   * with fewer it asks everybody about each key, and takes the fastest. Default 4; `Infinity`: always about each key,
   * as in the paper.
   */
  readonly busyRounds?: number | undefined;
}

/** What the register promises, with its way of reading. */
export interface AttiyaGuarantees<Reads extends 'quorum' | 'all'> extends Guarantees {
  consistency: 'linearizable';
  compareAndSwap: false;
  reads: Reads;
  writes: Reads;
  survives: 'minority';
  onPartition: 'minority-stops';
}

/** The linearizable register of Attiya, Bar-Noy and Dolev: reads and writes on a majority, no compare-and-swap. */
export function attiyaRegister<Reads extends 'quorum' | 'all' = 'quorum'>(
  options: AttiyaRegisterOptions<Reads> = {},
): Protocol<AttiyaGuarantees<Reads>, Message> {
  const reads = (options.reads ?? 'quorum') as Reads;
  if (reads !== 'quorum' && reads !== 'all') {
    throw new DsmError('DSM_INVALID_OPTION', `reads must be 'quorum' or 'all', not ${String(reads)}`);
  }
  const { busyRounds } = options;
  if (busyRounds !== undefined && !(typeof busyRounds === 'number' && busyRounds >= 0)) {
    throw new DsmError(
      'DSM_INVALID_OPTION',
      `busyRounds must be a number of 0 or more, not ${String(busyRounds)}`,
    );
  }
  return {
    name: 'attiya-register',
    guarantees: {
      consistency: 'linearizable',
      compareAndSwap: false,
      reads,
      writes: reads,
      survives: 'minority',
      onPartition: 'minority-stops',
    },
    options: { reads },
    channels: 'unordered',
    membership: 'views',
    changes: 'newest',
    // Surveys and what goes with them.
    gathers: busyRounds !== Number.POSITIVE_INFINITY,
    answersNeeded: (size) => (reads === 'all' ? size : majority(size)),
    replica: (self) => new AttiyaReplica(self, reads === 'all', busyRounds),
    codec,
  };
}
