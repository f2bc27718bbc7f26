import { DsmError, type Guarantees, joinVia, type Protocol } from '@dsm/core';
import { codec, type Message } from './messages.js';
import { TotalOrderReplica } from './replica.js';
import { checkSubscriptions, type SubscriptionOptions } from './subscriptions.js';

export { DsmError, types } from '@dsm/core';
export type { Message } from './messages.js';
export { TotalOrderReplica } from './replica.js';
export type { SubscriptionOptions } from './subscriptions.js';

/** Joins a group over ZeroMQ, or over the `transport` that the options name. */
export const join = joinVia(async () => (await import('#transport')).zeromq());

export interface TotalOrderOptions<Reads extends 'local' | 'ordered' = 'local' | 'ordered'> {
  /**
   * `'local'` (default) reads at once what was delivered at this member: sequential consistency. `'ordered'` puts each
   * read into the order of the writes, at the cost of one: linearizability.
   */
  readonly reads?: Reads | undefined;
  /**
   * `'uniform'` (default): in groups of five and more nobody acts on a place in the order before so many members know
   * it that no minority can take it along. `'fast'` acts on it at once.
   */
  readonly delivery?: 'uniform' | 'fast' | undefined;
  /**
   * Who subscribes to what: a key, or a pattern such as `user:*`, with the names of members. A key that is named goes
   * before patterns, and a longer pattern before a shorter one; to what nothing fits, everybody subscribes.
   */
  readonly subscriptions?: SubscriptionOptions | undefined;
}

/** What total order promises, with its way of reading. */
export interface TotalOrderGuarantees<Reads extends 'local' | 'ordered'> extends Guarantees {
  consistency: Reads extends 'local' ? 'sequential' : 'linearizable';
  compareAndSwap: true;
  reads: Reads;
  writes: 'ordered';
  survives: 'none';
  onPartition: 'minority-stops';
}

/** Writes and compare-and-swap in one order at all subscribers, by Skeen's agreed timestamps; reads at no cost. */
export function totalOrder<Reads extends 'local' | 'ordered' = 'local'>(
  options: TotalOrderOptions<Reads> = {},
): Protocol<TotalOrderGuarantees<Reads>, Message> {
  const reads = oneOf('reads', options.reads, ['local', 'ordered']) as Reads;
  const delivery = oneOf('delivery', options.delivery, ['uniform', 'fast']);
  checkSubscriptions(options.subscriptions ?? {});
  const subscriptions = structuredClone(options.subscriptions ?? {});
  const consistency = reads === 'local' ? 'sequential' : 'linearizable';
  return {
    name: 'total-order',
    guarantees: {
      consistency: consistency as TotalOrderGuarantees<Reads>['consistency'],
      compareAndSwap: true,
      reads,
      writes: 'ordered',
      survives: 'none',
      onPartition: 'minority-stops',
    },
    options: { reads, delivery, subscriptions },
    mentions: Object.values(subscriptions).flat(),
    channels: 'fifo',
    membership: 'views',
    changes: 'every',
    answersNeeded: (size) => size,
    replica: (self) => new TotalOrderReplica(self, { reads, delivery, subscriptions }),
    codec,
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
  throw new DsmError('DSM_INVALID_OPTION', `${name} must be ${known}, not ${String(option)}`);
}
