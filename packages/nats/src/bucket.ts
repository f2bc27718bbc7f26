import { DsmError } from '@dsm/core';
import { type Api, ApiError, codes } from './api.js';

/** What the server says of a stream; of its settings those that decide whether the promise can be kept. */
interface StreamInfo {
  /** When it was made: another stream of the same name has another time. */
  readonly created: string;
  readonly config: StreamSettings;
}

export interface StreamSettings {
  readonly subjects?: readonly string[];
  readonly storage?: string;
  readonly num_replicas?: number;
  readonly retention?: string;
  readonly discard?: string;
  readonly max_age?: number;
  readonly max_msgs?: number;
  readonly max_bytes?: number;
  readonly max_msgs_per_subject?: number;
  readonly no_ack?: boolean;
  readonly sealed?: boolean;
  readonly mirror?: unknown;
  readonly sources?: unknown;
}

/** A bucket that was looked at. */
export interface Bucket {
  readonly stream: string;
  /** Begins to name the versions of this bucket: one that was deleted and made again counts from one anew. */
  readonly birth: string;
  readonly onDisk: boolean;
}

/** Finds the bucket, or makes it. Throws `DSM_INVALID_OPTION` where it cannot keep what is promised. */
export async function openBucket(api: Api, bucket: string): Promise<Bucket> {
  const stream = `KV_${bucket}`;
  const { created, config } = await found(api, stream, bucket);
  const flaw = flawOf(config, bucket);
  if (flaw !== undefined) {
    throw new DsmError('DSM_INVALID_OPTION', `the bucket '${bucket}' cannot be used: ${flaw}`);
  }
  return { stream, birth: birthOf(created), onDisk: config.storage === 'file' };
}

async function found(api: Api, stream: string, bucket: string): Promise<StreamInfo> {
  try {
    return await api.ask<StreamInfo>(`STREAM.INFO.${stream}`);
  } catch (error) {
    if (!(error instanceof ApiError && error.code === codes.streamNotFound)) throw error;
  }
  try {
    return await api.ask<StreamInfo>(`STREAM.CREATE.${stream}`, { name: stream, ...settingsOf(bucket) });
  } catch (error) {
    // Somebody else has made it meanwhile, in another way.
    if (!(error instanceof ApiError && error.code === codes.nameTaken)) throw error;
  }
  return api.ask<StreamInfo>(`STREAM.INFO.${stream}`);
}

/** A bucket as the tools and clients of NATS know it, on disk, of one server, with the newest value of each key. */
function settingsOf(bucket: string): StreamSettings & Readonly<Record<string, unknown>> {
  return {
    subjects: [`$KV.${bucket}.>`],
    storage: 'file',
    num_replicas: 1,
    retention: 'limits',
    discard: 'new',
    max_age: 0,
    max_msgs: -1,
    max_bytes: -1,
    max_msg_size: -1,
    max_consumers: -1,
    max_msgs_per_subject: 1,
    allow_rollup_hdrs: true,
    // Replicas and mirrors answer a "direct get", from what they happen to have.
    allow_direct: false,
  };
}

/** Why a stream cannot keep what is promised; undefined where it can. */
export function flawOf(config: StreamSettings, bucket: string): string | undefined {
  const { num_replicas = 1, max_age = 0, max_msgs = -1, max_bytes = -1 } = config;
  if (config.mirror || config.sources) return 'it copies another stream';
  if (config.subjects?.join() !== `$KV.${bucket}.>`) return 'it is a stream of other subjects';
  if (num_replicas > 1) {
    return `it has ${num_replicas} replicas, and a leader that was deposed may answer reads from the past`;
  }
  if (max_age > 0) return 'it forgets values that are old';
  if (config.retention !== 'limits') return 'it forgets what others have received';
  if (config.discard !== 'new' && (max_msgs > 0 || max_bytes > 0)) return 'it forgets values when it is full';
  if (config.no_ack) return 'it acknowledges no writes';
  if (config.sealed) return 'it is sealed: it takes no writes';
  return undefined;
}

/** The digits of a time such as `2026-11-28T21:20:12.813206173Z`, in fewer characters. */
function birthOf(created: string): string {
  return BigInt(created.replace(/\D/g, '')).toString(36);
}
