import { DsmError, type Engine, type Guarantees, joinEngine } from '@dsm/core';
import { connect } from './connection.js';

export { DsmError, types } from '@dsm/core';

/** Connects to the cluster, and returns its shared variables. */
export const join = joinEngine();

export interface EtcdOptions {
  /** Addresses of members of the cluster, one at least: `http://127.0.0.1:2379`, `https://…`. Tried in turn. */
  readonly hosts?: string | readonly string[] | undefined;
}

/** What an etcd cluster promises. */
export interface EtcdGuarantees extends Guarantees {
  consistency: 'linearizable';
  compareAndSwap: true;
  reads: 'server';
  writes: 'server';
  survives: 'minority';
  onPartition: 'minority-stops';
}

/** The longest encoded value, in bytes: etcd refuses requests of more than 1.5 MiB, key and frame included. */
const valueBytesMax = 1024 * 1024;

/** Variables that an etcd cluster keeps: linearizable, on disk at a majority of it, compare-and-swap by transaction. */
export function etcd(options: EtcdOptions = {}): Engine<EtcdGuarantees> {
  const hosts = hostsOf(options.hosts ?? 'http://127.0.0.1:2379');
  let attempts = 0;
  return {
    name: 'etcd',
    guarantees: {
      consistency: 'linearizable',
      compareAndSwap: true,
      reads: 'server',
      writes: 'server',
      survives: 'minority',
      onPartition: 'minority-stops',
    },
    valueBytesMax,
    connect: (how) => {
      // Another one each time: a member that cannot be reached, or has lost its leader, is left behind.
      const host = hosts[attempts % hosts.length] as URL;
      attempts += 1;
      return connect(host, how);
    },
  };
}

function hostsOf(given: string | readonly string[]): readonly URL[] {
  const hosts = Array.isArray(given) ? given : [given];
  if (hosts.length === 0) throw new DsmError('DSM_INVALID_OPTION', 'hosts is empty');
  return hosts.map((host: unknown) => {
    const url = typeof host === 'string' && URL.canParse(host) ? new URL(host) : undefined;
    if (url !== undefined && /^https?:$/.test(url.protocol) && url.username === '') return url;
    const text = `hosts are addresses such as http://127.0.0.1:2379, not ${String(host)}`;
    throw new DsmError('DSM_INVALID_OPTION', text);
  });
}
