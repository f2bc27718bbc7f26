import { DsmError, type ServerReport } from '@dsm/core';

/** What is asked of a server before it is used: its answers to `INFO`, and to `CONFIG GET` where it is allowed. */
export interface Inquiry {
  readonly info: string;
  readonly appendfsync: string | undefined;
  readonly save: string | undefined;
}

/** Throws where a server cannot keep what is promised: `DSM_INVALID_OPTION`, or another error if it may later on. */
export function examine(inquiry: Inquiry, replicated: boolean): ServerReport {
  const field = fieldsOf(inquiry.info);
  if (field('loading') === '1') throw new Error('the server is loading its data');
  if (field('cluster_enabled') === '1') throw unfit('it is a node of a Redis Cluster');
  if (!replicated) {
    if (field('role') !== 'master') throw unfit('it is a replica, whose data may be old');
    if (field('connected_slaves') !== '0') {
      throw unfit('it has replicas, and what they take over may lack writes: say replicated: true');
    }
  } else if (field('role') !== 'master') throw new Error('the server is a replica: it takes no writes');
  const policy = field('maxmemory_policy');
  if (field('maxmemory') !== '0' && policy !== 'noeviction') {
    throw unfit(`with maxmemory-policy ${policy} it forgets variables when its memory is full`);
  }
  return { software: `redis ${field('redis_version')}`, durability: durabilityOf(inquiry, field) };
}

/**
 * Why a server whose answer to `ROLE` is this cannot keep what is promised any more; undefined where it can, or where
 * this is no such answer.
 */
export function roleFault(reply: unknown, replicated: boolean): string | undefined {
  if (!Array.isArray(reply)) return undefined;
  const [role, , replicas] = reply as readonly unknown[];
  if (String(role) !== 'master') return 'the server has become a replica';
  const hasReplicas = Array.isArray(replicas) && replicas.length > 0;
  return hasReplicas && !replicated ? 'the server has got a replica' : undefined;
}

type Field = (name: string) => string | undefined;

function durabilityOf({ appendfsync, save }: Inquiry, field: Field): string {
  if (field('aof_enabled') === '1') {
    return `append-only file, appendfsync ${appendfsync ?? 'unknown: the server does not say'}`;
  }
  if (save === undefined) return 'no append-only file; whether there are snapshots the server does not say';
  if (save === '') return 'none: nothing is written to disk';
  return `snapshots only (save ${save}): a crash loses what was written since the last one`;
}

function unfit(why: string): DsmError {
  return new DsmError('DSM_INVALID_OPTION', `this Redis server cannot be used: ${why}`);
}

function fieldsOf(info: string): Field {
  const fields = new Map<string, string>();
  for (const line of info.split(/\r?\n/)) {
    const colon = line.indexOf(':');
    if (colon > 0) fields.set(line.slice(0, colon), line.slice(colon + 1));
  }
  return (name) => fields.get(name);
}
