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
import { Gateway } from './gateway.js';
import {
  entryIn,
  type MembersAnswer,
  Names,
  type PutAnswer,
  type RangeAnswer,
  revisionOf,
  type StatusAnswer,
  type TransactionAnswer,
  type WatchAnswer,
} from './messages.js';

/** Keys asked for at once. */
const pageKeys = 1_000;

/** Connects to one server of a cluster and follows the changes of a group. Rejects with everything freed. */
export async function connect(host: URL, how: ConnectOptions): Promise<Connection> {
  if (host.protocol === 'http:' && !how.insecure && !isLoopbackHost(host.hostname)) {
    const text = `${host.host} is spoken to in the clear: use https://, or say insecure: true`;
    throw new DsmError('DSM_INSECURE', text);
  }
  const names = new Names(how.group);
  const broken = new Breaking(how);
  const gateway = new Gateway(host, (error) => broken.break(error));
  try {
    await broken.unless(followed(gateway, names, how));
    const report = await broken.unless(inquire(gateway));
    return new EtcdConnection({ report, gateway, names, close: () => broken.end() });
  } catch (error) {
    broken.end();
    gateway.close();
    throw error;
  }
}

/** Hears that the way to the server is broken, or not wanted any more: before there is a connection, and after. */
class Breaking {
  private readonly how: ConnectOptions;
  private ended = false;
  private reject: (error: unknown) => void = () => undefined;
  private readonly failure: Promise<never>;

  constructor(how: ConnectOptions) {
    this.how = how;
    this.failure = new Promise((_, reject) => {
      this.reject = reject;
    });
    this.failure.catch(() => undefined);
    how.signal.addEventListener('abort', this.onAbort, { once: true });
    if (how.signal.aborted) this.onAbort();
  }

  break(error: unknown): void {
    if (this.ended) return;
    this.end();
    this.reject(error);
    this.how.lost(error);
  }

  /** What a promise resolves to, unless the way breaks before. */
  unless<T>(promise: Promise<T>): Promise<T> {
    return Promise.race([promise, this.failure]);
  }

  /** From now on nobody is told. */
  end(): void {
    this.ended = true;
    this.how.signal.removeEventListener('abort', this.onAbort);
  }

  private readonly onAbort = () => this.break(this.how.signal.reason);
}

/** Resolves when the server has begun to tell of every change. */
function followed(gateway: Gateway, names: Names, { changed }: ConnectOptions): Promise<void> {
  return new Promise((resolve) => {
    const told = ({ result, error }: WatchAnswer) => {
      if (error !== undefined || result?.canceled) {
        throw new Error(
          `etcd ended the watch: ${error?.message ?? result?.cancel_reason ?? 'no reason given'}`,
        );
      }
      if (result?.created) resolve();
      for (const { kv } of result?.events ?? []) changed(names.keyIn(kv));
    };
    gateway.follow('/v3/watch', { create_request: names.range('') }, told);
  });
}

async function inquire(gateway: Gateway): Promise<ServerReport> {
  const [{ version }, { members }] = await Promise.all([
    gateway.ask<StatusAnswer>('/v3/maintenance/status', {}),
    gateway.ask<MembersAnswer>('/v3/cluster/member/list', {}),
  ]);
  const count = members?.length ?? 1;
  const where = count === 1 ? 'its only member' : `a majority of its ${count} members`;
  return {
    software: `etcd ${version}`,
    durability: `fsync of the log at ${where} before a write is acknowledged, unless run with --unsafe-no-fsync`,
  };
}

interface ConnectionParts {
  readonly report: ServerReport;
  readonly gateway: Gateway;
  readonly names: Names;
  readonly close: () => void;
}

/** One server of a cluster, through its HTTP gateway. */
class EtcdConnection implements Connection {
  readonly report: ServerReport;
  private readonly parts: ConnectionParts;

  constructor(parts: ConnectionParts) {
    this.parts = parts;
    this.report = parts.report;
  }

  async read(key: Key): Promise<RawEntry> {
    const { gateway, names } = this.parts;
    return entryIn(await gateway.ask<RangeAnswer>('/v3/kv/range', { key: names.of(key) }));
  }

  async write(key: Key, value: Value): Promise<RawVersion> {
    const { gateway, names } = this.parts;
    const name = names.of(key);
    if (value === ABSENT) {
      await gateway.ask('/v3/kv/deleterange', { key: name });
      return '';
    }
    const { header } = await gateway.ask<PutAnswer>('/v3/kv/put', { key: name, value: base64(value) });
    return header.revision;
  }

  async swap(key: Key, version: string, value: Value): Promise<Swapped> {
    const expected = revisionOf(version);
    if (expected === undefined) return { ok: false, entry: await this.read(key) };
    const { gateway, names } = this.parts;
    const name = names.of(key);
    const change =
      value === ABSENT
        ? { request_delete_range: { key: name } }
        : { request_put: { key: name, value: base64(value) } };
    const answer = await gateway.ask<TransactionAnswer>('/v3/kv/txn', {
      compare: [{ key: name, target: 'MOD', result: 'EQUAL', mod_revision: expected }],
      success: [change],
      failure: [{ request_range: { key: name } }],
    });
    if (answer.succeeded) {
      return { ok: true, entry: { value, version: value === ABSENT ? '' : answer.header.revision } };
    }
    return { ok: false, entry: entryIn(answer.responses?.[0]?.response_range ?? { header: answer.header }) };
  }

  /** All as of one moment: every page is of the revision of the first. */
  async keys(prefix: string): Promise<Iterable<Key>> {
    const { gateway, names } = this.parts;
    const found: Key[] = [];
    const { range_end } = names.range(prefix);
    let { key } = names.range(prefix);
    let revision = '0';
    for (;;) {
      const range = { key, range_end, revision, limit: pageKeys, keys_only: true };
      const { kvs = [], more, header } = await gateway.ask<RangeAnswer>('/v3/kv/range', range);
      for (const kv of kvs) found.push(names.keyIn(kv));
      const last = found.at(-1);
      if (!more || last === undefined) return found;
      // The least name beyond the last one.
      key = names.of(`${last}\u0000`);
      if (revision === '0') revision = header.revision;
    }
  }

  /** A read that needs a majority: a server that lost its leader answers other requests still. */
  ping(): Promise<unknown> {
    const { gateway, names } = this.parts;
    return gateway.ask('/v3/kv/range', { key: names.of(''), count_only: true });
  }

  async close(): Promise<void> {
    this.parts.close();
    this.parts.gateway.close();
  }
}

function base64(value: Uint8Array): string {
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64');
}
