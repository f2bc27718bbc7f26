import { DsmError, type Guarantees, joinVia, membersMax, type Protocol } from '@dsm/core';
import { type Sharing, sharingOf } from './access.js';
import { codec } from './codec.js';
import type { Message } from './messages.js';
import { ReadReplicationReplica } from './replica.js';

export { DsmError, types } from '@dsm/core';
export type { Sharing, WriteAccess } from './access.js';
export type { Message } from './messages.js';
export { ReadReplicationReplica } from './replica.js';

/** Joins a group over ZeroMQ, or over the `transport` that the options name. */
export const join = joinVia(async () => (await import('#transport')).zeromq());

export interface ReadReplicationOptions {
  /** The name of the member that is the home of every variable. By default each member is the home of its share. */
  readonly directory?: string | undefined;
  /** How many members hold each value whatever happens, the home among them. By default a majority. */
  readonly replicas?: number | undefined;
  /** `'invalidate'` (default): a write ends the copies of a variable. `'update'`: it renews them. */
  readonly policy?: 'invalidate' | 'update' | undefined;
  /**
   * What becomes of other members' reads while one has write access: they wait for its end (`'wait'`, default), or ask
   * the home each time (`'serve'`).
   */
  readonly whileHeld?: 'wait' | 'serve' | undefined;
}

/** What read replication promises. */
export interface ReadReplicationGuarantees extends Guarantees {
  consistency: 'linearizable';
  compareAndSwap: true;
  reads: 'cached';
  writes: 'home';
  survives: 'none';
  onPartition: 'minority-stops';
}

/** Linearizable variables with a home each, read from copies that a write halts first. */
export function readReplication(
  options: ReadReplicationOptions = {},
): Protocol<ReadReplicationGuarantees, Message, Sharing> {
  const { directory, replicas } = options;
  if (directory !== undefined && (typeof directory !== 'string' || directory === '')) {
    throw invalid(`directory: ${String(directory)} is no name of a member`);
  }
  if (replicas !== undefined && !(Number.isInteger(replicas) && replicas >= 1 && replicas <= membersMax)) {
    throw invalid(`replicas: ${String(replicas)} is no number of members`);
  }
  const policy = oneOf('policy', options.policy, ['invalidate', 'update']);
  const whileHeld = oneOf('whileHeld', options.whileHeld, ['wait', 'serve']);
  return {
    name: 'read-replication',
    guarantees: {
      consistency: 'linearizable',
      compareAndSwap: true,
      reads: 'cached',
      writes: 'home',
      survives: 'none',
      onPartition: 'minority-stops',
    },
    options: { directory: directory ?? null, replicas: replicas ?? 'majority', policy, whileHeld },
    mentions: directory === undefined ? [] : [directory],
    channels: 'fifo',
    membership: 'views',
    changes: 'newest',
    // A change goes to the home, from there to the backups, and all the way back: a frame each.
    gathers: true,
    answersNeeded: (size) => size,
    replica: (self) => new ReadReplicationReplica(self, { directory, replicas, policy, whileHeld }),
    codec,
    extras: sharingOf,
  };
}

/** The option, or the first choice where it is left out. */
function oneOf<Choice extends string>(
  name: string,
  option: string | undefined,
  choices: readonly [Choice, ...Choice[]],
): Choice {
  if (option === undefined) return choices[0];
  const choice = choices.find((one) => one === option);
  if (choice !== undefined) return choice;
  const known = choices.map((one) => `'${one}'`).join(' or ');
  throw invalid(`${name} must be ${known}, not ${String(option)}`);
}

function invalid(text: string): DsmError {
  return new DsmError('DSM_INVALID_OPTION', text);
}
