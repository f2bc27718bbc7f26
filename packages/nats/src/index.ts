import { DsmError, type Engine, type Guarantees, joinEngine } from '@dsm/core';
import { connect } from './connection.js';

export { DsmError, types } from '@dsm/core';

/** Connects to the server, and returns its shared variables. */
export const join = joinEngine();

export interface NatsOptions {
  /**
   * Addresses of the server, or of members of its cluster: `nats://[user:password@|token@]host[:port]`, or `tls://…`.
   * Tried in turn. Default `nats://127.0.0.1:4222`.
   */
  readonly servers?: string | readonly string[] | undefined;
  /** The key-value bucket, made where there is none: letters, digits, `-` and `_`. Default `dsm`. */
  readonly bucket?: string | undefined;
}

/** What a bucket promises that one server keeps. */
export interface NatsGuarantees extends Guarantees {
  consistency: 'linearizable';
  compareAndSwap: true;
  reads: 'server';
  writes: 'server';
  survives: 'none';
  onPartition: 'minority-stops';
}

/** The longest encoded value, in bytes: a NATS server takes 1 MiB by default, of which headers need a little. */
const valueBytesMax = 1024 * 1024 - 1024;

const bucketLengthMax = 64;

/** Variables in a bucket of JetStream that one server keeps: linearizable, compare-and-swap by sequence number. */
export function nats(options: NatsOptions = {}): Engine<NatsGuarantees> {
  const servers = serversOf(options.servers ?? 'nats://127.0.0.1:4222');
  const bucket = bucketOf(options.bucket ?? 'dsm');
  let attempts = 0;
  return {
    name: 'nats',
    guarantees: {
      consistency: 'linearizable',
      compareAndSwap: true,
      reads: 'server',
      writes: 'server',
      survives: 'none',
      onPartition: 'minority-stops',
    },
    valueBytesMax,
    connect: (how) => {
      // Another one each time: a server that cannot be reached is left behind.
      const server = servers[attempts % servers.length] as URL;
      attempts += 1;
      return connect({ server, bucket }, how);
    },
  };
}

function serversOf(given: string | readonly string[]): readonly URL[] {
  const servers = Array.isArray(given) ? given : [given];
  if (servers.length === 0) throw new DsmError('DSM_INVALID_OPTION', 'servers is empty');
  return servers.map((server: unknown) => {
    const url = typeof server === 'string' && URL.canParse(server) ? new URL(server) : undefined;
    if (url !== undefined && /^(nats|tls):$/.test(url.protocol) && url.hostname !== '') return url;
    throw new DsmError(
      'DSM_INVALID_OPTION',
      'servers are addresses such as nats://127.0.0.1:4222 or tls://host',
    );
  });
}

function bucketOf(bucket: unknown): string {
  if (typeof bucket === 'string' && /^[\w-]+$/.test(bucket) && bucket.length <= bucketLengthMax)
    return bucket;
  const text = `bucket is up to ${bucketLengthMax} letters, digits, - and _, not ${String(bucket)}`;
  throw new DsmError('DSM_INVALID_OPTION', text);
}
