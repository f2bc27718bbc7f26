import { DsmError, type Guarantees, joinVia, type Protocol } from '@dsm/core';
import { initialOf, summaryOf } from './initial.js';
import { codec, type Message } from './messages.js';
import { TokenReplica } from './replica.js';

export { DsmError, types } from '@dsm/core';
export type { Message } from './messages.js';
export { TokenReplica } from './replica.js';

/** Joins a group over ZeroMQ, or over the `transport` that the options name. */
export const join = joinVia(async () => (await import('#transport')).zeromq());

export interface TokenCoherenceOptions<Writes extends 'update' | 'migrate' = 'update' | 'migrate'> {
  /**
   * `'update'` (default): a write ends when every member keeps the new value, and gives each a token to read it with.
   * `'migrate'`: value and tokens stay with the writer until somebody asks, so that its next write costs no message;
   * what only it has is lost with it.
   */
  readonly writes?: Writes | undefined;
  /** The values that keys have before anybody writes them: the same at every member, fields in the same order. */
  readonly initial?: Readonly<Record<string, unknown>> | undefined;
}

/** What token coherence promises, with its way of writing. */
export interface TokenCoherenceGuarantees<Writes extends 'update' | 'migrate'> extends Guarantees {
  consistency: 'linearizable';
  compareAndSwap: true;
  reads: 'cached';
  /** Every member that has a token has to give it; with `'migrate'` often none has. */
  writes: 'all';
  survives: Writes extends 'migrate' ? 'none' : 'minority';
  onPartition: 'minority-stops';
}

/** One writer or many readers of each variable, by counting tokens: linearizable, with reads from a copy at no cost. */
export function tokenCoherence<Writes extends 'update' | 'migrate' = 'update'>(
  options: TokenCoherenceOptions<Writes> = {},
): Protocol<TokenCoherenceGuarantees<Writes>, Message> {
  const writes = writesOf(options.writes) as Writes;
  const initial = initialOf(options.initial);
  return {
    name: 'token-coherence',
    guarantees: {
      consistency: 'linearizable',
      compareAndSwap: true,
      reads: 'cached',
      writes: 'all',
      survives: (writes === 'migrate' ? 'none' : 'minority') as TokenCoherenceGuarantees<Writes>['survives'],
      onPartition: 'minority-stops',
    },
    options: { writes, initial: summaryOf(initial) },
    channels: 'fifo',
    membership: 'views',
    changes: 'newest',
    answersNeeded: (size) => size,
    replica: (self) => new TokenReplica(self, { writes, initial }),
    codec,
  };
}

function writesOf(option: string | undefined): 'update' | 'migrate' {
  if (option === undefined || option === 'update') return 'update';
  if (option === 'migrate') return 'migrate';
  throw new DsmError('DSM_INVALID_OPTION', `writes must be 'update' or 'migrate', not ${String(option)}`);
}
