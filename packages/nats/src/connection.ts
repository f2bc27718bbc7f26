import {
  ABSENT,
  type Connection,
  type ConnectOptions,
  DsmError,
  isLoopbackHost,
  type Key,
  type RawEntry,
  type RawVersion,
  type ServerReport,
  type Swapped,
  type Value,
} from '@dsm/core';
import { errors, headers, type NatsConnection } from '@nats-io/transport-node';
import { Api, ApiError, codes, isUnheard, refusalOf } from './api.js';
import { type Bucket, openBucket } from './bucket.js';
import { dialled } from './dialling.js';
import { Feed } from './feed.js';
import { list } from './listing.js';
import { Names } from './names.js';
import {
  type Known,
  knownOf,
  operationHeader,
  type StoredMessage,
  sequenceOf,
  unknown,
  versionOf,
} from './record.js';

/** Where the variables are. */
export interface Place {
  readonly server: URL;
  readonly bucket: string;
}

/** What a message has besides its value, at most. */
const headerBytesMax = 1024;
const nothing = new Uint8Array(0);

/** Connects, finds or makes the bucket, and follows the changes of a group. Rejects with everything freed. */
export async function connect(place: Place, how: ConnectOptions): Promise<Connection> {
  const { server } = place;
  if (server.protocol === 'nats:' && !how.insecure && !isLoopbackHost(server.hostname)) {
    const text = `${server.host} is spoken to in the clear: use tls://, or say insecure: true`;
    throw new DsmError('DSM_INSECURE', text);
  }
  const client = await dialled(server, how).catch((error: unknown) => {
    throw unusable(error);
  });
  // A connection that broke is not mended in secret: changes have gone untold, and everything is read again.
  client.closed().then((error) => how.lost(error ?? new Error('the connection was closed')));
  const close = () => void client.close();
  how.signal.addEventListener('abort', close, { once: true });
  try {
    const connection = await NatsBucket.open(client, place.bucket, how);
    how.signal.throwIfAborted();
    return connection;
  } catch (error) {
    await client.close();
    throw how.signal.aborted ? how.signal.reason : unusable(error);
  } finally {
    how.signal.removeEventListener('abort', close);
  }
}

interface BucketParts {
  readonly api: Api;
  readonly bucket: Bucket;
  readonly names: Names;
  readonly feed: Feed;
}

/** One group of a bucket, over one connection. */
class NatsBucket implements Connection {
  readonly report: ServerReport;
  private readonly parts: BucketParts;
  private readonly lost: (reason: unknown) => void;

  private constructor(parts: BucketParts, report: ServerReport, lost: (reason: unknown) => void) {
    this.parts = parts;
    this.report = report;
    this.lost = lost;
  }

  static async open(client: NatsConnection, name: string, how: ConnectOptions): Promise<NatsBucket> {
    const api = new Api(client);
    const names = new Names(name, how.group);
    const bucket = await openBucket(api, name);
    const options = { stream: bucket.stream, subjects: names.all, from: 'new' } as const;
    const feed = await Feed.open(api, options, {
      told: (subject) => {
        const key = names.keyIn(subject);
        if (key !== undefined) how.changed(key);
      },
      missed: () => how.changed(),
    });
    return new NatsBucket({ api, bucket, names, feed }, reportOf(client, bucket), how.lost);
  }

  async read(key: Key): Promise<RawEntry> {
    return (await this.last(key)).entry;
  }

  async write(key: Key, value: Value): Promise<RawVersion> {
    if (value === ABSENT && (await this.last(key)).entry.value === ABSENT) return '';
    const sequence = await this.publish(key, value).catch((error: unknown) => {
      throw this.failed(refusalOf(error));
    });
    return this.versionOf(value, sequence);
  }

  async swap(key: Key, version: string, value: Value): Promise<Swapped> {
    if (version === '' && value === ABSENT) {
      const entry = await this.read(key);
      return { ok: entry.value === ABSENT, entry };
    }
    let expected = sequenceOf(version, this.parts.bucket.birth);
    while (expected !== undefined) {
      const sequence = await this.publishAfter(key, value, expected);
      if (sequence !== undefined) {
        return { ok: true, entry: { value, version: this.versionOf(value, sequence) } };
      }
      const last = await this.last(key);
      if (version !== '' || last.entry.value !== ABSENT) return { ok: false, entry: last.entry };
      // What a delete has left behind was in the way: what follows it follows an absent entry.
      expected = last.sequence;
    }
    return { ok: false, entry: await this.read(key) };
  }

  keys(prefix: string): Promise<Iterable<Key>> {
    const { api, bucket, names } = this.parts;
    const present = async (key: Key) => (await this.read(key)).value !== ABSENT;
    return list({ api, stream: bucket.stream, names, present }, prefix);
  }

  /** Asks for the feed of changes: it is gone with the bucket, and when the server that keeps it was restarted. */
  async ping(): Promise<void> {
    await this.parts.feed.inquire().catch((error: unknown) => {
      throw this.failed(error);
    });
  }

  async close(): Promise<void> {
    await this.parts.api.client.close();
  }

  private async last(key: Key): Promise<Known> {
    const { api, bucket, names } = this.parts;
    try {
      const request = { last_by_subj: names.of(key) };
      const { message } = await api.ask<{ readonly message: StoredMessage }>(
        `STREAM.MSG.GET.${bucket.stream}`,
        request,
      );
      return knownOf(message, bucket.birth);
    } catch (error) {
      if (error instanceof ApiError && error.code === codes.messageNotFound) return unknown;
      throw this.failed(error);
    }
  }

  /** Writes where the last message of the key has this number, 0 for none; resolves to undefined where it has not. */
  private async publishAfter(key: Key, value: Value, expected: number): Promise<number | undefined> {
    try {
      return await this.publish(key, value, expected);
    } catch (error) {
      if (error instanceof ApiError && error.code === codes.wrongSequence) return undefined;
      throw this.failed(refusalOf(error));
    }
  }

  private async publish(key: Key, value: Value, expected?: number): Promise<number> {
    const { api, names } = this.parts;
    const payload = value ?? nothing;
    const bytesMax = (api.client.info?.max_payload ?? 0) - headerBytesMax;
    if (payload.length > bytesMax) {
      throw new DsmError('DSM_INVALID_VALUE', `this NATS server takes values of up to ${bytesMax} bytes`);
    }
    if (value !== ABSENT && expected === undefined) return api.publish(names.of(key), payload, undefined);
    const said = headers();
    if (value === ABSENT) said.set(operationHeader, 'DEL');
    if (expected !== undefined) said.set('Nats-Expected-Last-Subject-Sequence', String(expected));
    return api.publish(names.of(key), payload, said);
  }

  private versionOf(value: Value, sequence: number): string {
    return value === ABSENT ? '' : versionOf(sequence, this.parts.bucket.birth);
  }

  /** Where the bucket or its feed is gone this connection is of no more use. */
  private failed(error: unknown): unknown {
    const cause = DsmError.is(error) ? error.cause : error;
    const gone =
      cause instanceof ApiError &&
      (cause.code === codes.streamNotFound || cause.code === codes.consumerNotFound);
    if (gone || isUnheard(cause)) this.lost(cause);
    return error;
  }
}

function reportOf({ info }: NatsConnection, { onDisk }: Bucket): ServerReport {
  const file =
    'file of one server, synced every two minutes unless it was set up otherwise, which no client can see: ' +
    'the end of its process loses no acknowledged write, that of its machine may';
  return {
    software: `nats-server ${info?.version ?? ''}`.trim(),
    durability: onDisk ? file : 'none: the bucket is kept in memory',
  };
}

/** What a server answers to a newcomer, and will answer again: a wrong password, a bucket that is not allowed. */
function unusable(error: unknown): unknown {
  const cause = error instanceof errors.RequestError ? error.cause : error;
  if (isUnheard(error)) return new Error('JetStream is not on, or not ready yet', { cause: error });
  const refused =
    cause instanceof errors.AuthorizationError ||
    cause instanceof errors.PermissionViolationError ||
    (cause instanceof ApiError && cause.status < 500);
  if (!refused) return error;
  const text = `this NATS server cannot be used: ${cause.message}`;
  return new DsmError('DSM_INVALID_OPTION', text, { cause: error });
}
