import { DsmError, type Engine, type Guarantees, joinEngine } from '@dsm/core';
import { connect } from './connection.js';

export { DsmError, types } from '@dsm/core';

/** Connects to the server, and returns its shared variables. */
export const join = joinEngine();

export interface RedisOptions<Replicated extends boolean = boolean> {
  /** `redis://[[user]:password@]host[:port][/database]`, or `rediss://` over TLS. Default `redis://127.0.0.1:6379`. */
  readonly url?: string | undefined;
  /**
   * Says that the server has replicas, one of which may take over. It sends them its writes after it has acknowledged
   * them, so that acknowledged writes are lost then: nothing is promised any more. Without it `join` refuses a server
   * that has replicas or is one. Default `false`.
   */
  readonly replicated?: Replicated | undefined;
}

/** What a Redis server promises, with or without replicas. */
export interface RedisGuarantees<Replicated extends boolean> extends Guarantees {
  consistency: Replicated extends true ? 'none' : 'linearizable';
  compareAndSwap: true;
  reads: 'server';
  writes: 'server';
  survives: 'none';
  onPartition: 'minority-stops';
}

/** The longest encoded value, in bytes: Redis takes 512 MB, but serves nobody else while it copies them. */
const valueBytesMax = 16 * 1024 * 1024;

/** Variables that one Redis server keeps: linearizable while it lives, compare-and-swap by a script. */
export function redis<Replicated extends boolean = false>(
  options: RedisOptions<Replicated> = {},
): Engine<RedisGuarantees<Replicated>> {
  const url = urlOf(options.url ?? 'redis://127.0.0.1:6379');
  const replicated = flagOf(options.replicated);
  const consistency = replicated ? 'none' : 'linearizable';
  return {
    name: 'redis',
    guarantees: {
      consistency: consistency as RedisGuarantees<Replicated>['consistency'],
      compareAndSwap: true,
      reads: 'server',
      writes: 'server',
      survives: 'none',
      onPartition: 'minority-stops',
    },
    valueBytesMax,
    connect: (how) => connect({ url, replicated }, how),
  };
}

function urlOf(url: string): URL {
  const parsed = typeof url === 'string' && URL.canParse(url) ? new URL(url) : undefined;
  if (parsed !== undefined && /^rediss?:$/.test(parsed.protocol) && parsed.hostname !== '') return parsed;
  throw new DsmError('DSM_INVALID_OPTION', 'url must begin with redis:// or rediss:// and name a host');
}

function flagOf(replicated: unknown): boolean {
  if (replicated === undefined || typeof replicated === 'boolean') return replicated === true;
  throw new DsmError('DSM_INVALID_OPTION', `replicated must be true or false, not ${String(replicated)}`);
}
