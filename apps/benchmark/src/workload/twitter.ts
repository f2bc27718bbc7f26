import type { Action } from './mix.js';
import { SyntheticFeed } from './synthetic.js';
import { type Cluster, clusters } from './twitter-clusters.js';
import type { Workload, WorkloadSize } from './workload.js';

/** What the operations of memcached become here. */
const actions: Readonly<Record<string, Action>> = {
  get: 'read',
  gets: 'read',
  set: 'write',
  prepend: 'write',
  add: 'create',
  cas: 'exchange',
  incr: 'exchange',
  delete: 'delete',
};
const swapping: ReadonlySet<Action> = new Set<Action>(['create', 'exchange']);

export const twitterNames: readonly string[] = [...clusters.keys()].map((number) => `twitter-${number}`);

/** The published mix of a cluster: operation → share. */
export function sharesOf(cluster: Cluster): Map<string, number> {
  const shares = new Map<string, number>();
  for (const part of cluster.operations.split(' ')) {
    const [operation = '', share = ''] = part.split(':');
    shares.set(operation, Number(share));
  }
  return shares;
}

/** A load like that of a cache cluster of Twitter, of a name such as `twitter-52`. */
export function twitter(name: string, size: WorkloadSize): Workload | undefined {
  const cluster = name.startsWith('twitter-')
    ? clusters.get(Number(name.slice('twitter-'.length)))
    : undefined;
  if (cluster === undefined) return undefined;
  const shares = sharesOf(cluster);
  const mix = new Map<Action, number>();
  for (const [operation, share] of shares) {
    const action = actions[operation];
    if (action === undefined) throw new RangeError(`${name} has an unknown operation: ${operation}`);
    mix.set(action, (mix.get(action) ?? 0) + share);
  }
  const { keys = 10_000, valueBytes = cluster.valueBytes } = size;
  const exponent = cluster.exponent ?? 0;
  return {
    name,
    keys,
    keyBytes: cluster.keyBytes,
    valueBytes,
    notes: notesOn(cluster, shares),
    swaps: [...shares.keys()].filter((operation) => swapping.has(actions[operation] as Action)),
    feed: (place) => new SyntheticFeed({ mix, keys, valueBytes, exponent, popular: 'scattered' }, place),
  };
}

function notesOn(cluster: Cluster, shares: ReadonlyMap<string, number>): string[] {
  const notes: string[] = [];
  if (cluster.exponent === undefined) notes.push('no Zipf exponent was published: keys are drawn evenly');
  if (shares.has('prepend')) notes.push('prepend is a plain write');
  return notes;
}
