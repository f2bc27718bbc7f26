import { createHash, randomBytes } from 'node:crypto';
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
import { createClient, ErrorReply, RESP_TYPES } from '@redis/client';
import { examine, roleFault } from './inquiry.js';
import { clientNameOf, patternOf, prefixOf } from './names.js';
import { entryOf, recordOf, swapScript } from './record.js';

/** Where the server is, and whether it is known to have replicas. */
export interface Place {
  readonly url: URL;
  readonly replicated: boolean;
}

/** What is sent, and what is answered: bulk strings as bytes. */
type Asked = (...command: (string | Buffer)[]) => Promise<unknown>;

const swapDigest = createHash('sha1').update(swapScript).digest('hex');
/** Keys looked at in one step of a listing: others are served in between. */
const scanCount = '1000';
/** Answers that say: not now. */
const notNow = /^(LOADING|READONLY|MASTERDOWN|BUSY|TRYAGAIN|CLUSTERDOWN|UNKILLABLE)\b/;

/** Connects, examines the server, and follows the changes of a group. Rejects with everything freed. */
export async function connect({ url, replicated }: Place, how: ConnectOptions): Promise<Connection> {
  if (url.protocol === 'redis:' && !how.insecure && !isLoopbackHost(url.hostname)) {
    const text = `${url.host} is spoken to in the clear: use rediss://, or say insecure: true`;
    throw new DsmError('DSM_INSECURE', text);
  }
  const client = clientOf(url, how);
  // Also where it is not open any more: one that was called off while it dialled has a socket all the same, later.
  const destroy = () => client.destroy();
  const prefix = prefixOf(how.group);
  client.on('invalidate', (name: Buffer | string | null) => {
    if (name === null) how.changed();
    else how.changed(name.toString().slice(prefix.length));
  });
  // Every command that fails rejects; this event only repeats it, and tells that the connection broke.
  client.on('error', (error: unknown) => how.lost(error));
  client.on('end', () => how.lost(new Error('the connection was closed')));
  how.signal.addEventListener('abort', destroy, { once: true });
  try {
    await client.connect();
    const ask: Asked = (...command) => client.sendCommand(command);
    const report = await inquire(ask, replicated);
    // What the client has asked for itself follows single keys that were read; all of the group are to be followed.
    await ask('CLIENT', 'TRACKING', 'OFF');
    await ask('CLIENT', 'TRACKING', 'ON', 'BCAST', 'PREFIX', prefix);
    how.signal.throwIfAborted();
    return new RedisConnection({ report, ask, prefix, destroy, replicated, lost: how.lost });
  } catch (error) {
    destroy();
    throw how.signal.aborted ? how.signal.reason : unusable(error);
  } finally {
    how.signal.removeEventListener('abort', destroy);
  }
}

function clientOf(url: URL, { group, id }: ConnectOptions) {
  return createClient({
    url: url.href,
    RESP: 3,
    name: clientNameOf(group, id),
    emitInvalidate: true,
    // A connection that broke is not mended in secret: changes have gone untold, and everything is read again.
    disableOfflineQueue: true,
    socket: { reconnectStrategy: false },
    maintNotifications: 'disabled',
    commandOptions: { typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer } },
  });
}

async function inquire(ask: Asked, replicated: boolean): Promise<ServerReport> {
  const setting = async (name: string) => {
    try {
      const reply = await ask('CONFIG', 'GET', name);
      return valueIn(reply);
    } catch (error) {
      if (error instanceof ErrorReply) return undefined; // Hosted servers do not show their configuration.
      throw error;
    }
  };
  const [info, appendfsync, save] = await Promise.all([ask('INFO'), setting('appendfsync'), setting('save')]);
  return examine({ info: String(info), appendfsync, save }, replicated);
}

/** The value in the answer to `CONFIG GET`, a map of one entry in whatever form the client gives it. */
function valueIn(reply: unknown): string | undefined {
  const value = Array.isArray(reply)
    ? reply[1]
    : Object.values(reply instanceof Map ? Object.fromEntries(reply) : (reply as object))[0];
  return value === undefined ? undefined : String(value);
}

interface ConnectionParts {
  readonly report: ServerReport;
  readonly ask: Asked;
  readonly prefix: string;
  readonly destroy: () => void;
  readonly replicated: boolean;
  readonly lost: (reason: unknown) => void;
}

/** One connection to a Redis server: commands are pipelined, and answered in their order. */
class RedisConnection implements Connection {
  readonly report: ServerReport;
  private readonly parts: ConnectionParts;
  /** Begins the versions of this connection: no two writes have the same one, whatever the server forgets. */
  private readonly origin = randomBytes(9).toString('base64url');
  private written = 0;

  constructor(parts: ConnectionParts) {
    this.parts = parts;
    this.report = parts.report;
  }

  async read(key: Key): Promise<RawEntry> {
    return entryOf(key, (await this.asked('GET', this.nameOf(key))) as Buffer | null);
  }

  async write(key: Key, value: Value): Promise<RawVersion> {
    if (value === ABSENT) {
      await this.change('DEL', this.nameOf(key));
      return '';
    }
    const version = this.nextVersion();
    await this.change('SET', this.nameOf(key), recordOf(version, value));
    return version;
  }

  async swap(key: Key, expected: string, value: Value): Promise<Swapped> {
    const version = value === ABSENT ? '' : this.nextVersion();
    const record = value === ABSENT ? '' : recordOf(version, value);
    const reply = await this.run(this.nameOf(key), expected, record);
    if (reply === 1) return { ok: true, entry: { value, version } };
    return { ok: false, entry: entryOf(key, reply as Buffer | null) };
  }

  async keys(prefix: string): Promise<Iterable<Key>> {
    const found = new Set<Key>();
    const pattern = patternOf(this.nameOf(prefix));
    let cursor = '0';
    do {
      const reply = await this.asked('SCAN', cursor, 'MATCH', pattern, 'COUNT', scanCount);
      const [next, names] = reply as [Buffer, Buffer[]];
      for (const name of names) found.add(name.toString().slice(this.parts.prefix.length));
      cursor = next.toString();
    } while (cursor !== '0');
    return found;
  }

  /** Asks for the server's role: it may change under a connection, which stays, and what is promised ends with it. */
  async ping(): Promise<void> {
    const { ask, replicated, lost } = this.parts;
    const role = await ask('ROLE').catch((error: unknown) => {
      if (!(error instanceof ErrorReply) || notNow.test(error.message)) throw error;
      // Not every server lets everybody ask for it.
      return ask('PING');
    });
    const fault = roleFault(role, replicated);
    if (fault !== undefined) lost(new Error(fault));
  }

  async close(): Promise<void> {
    this.parts.destroy();
  }

  private nameOf(key: Key): string {
    return this.parts.prefix + key;
  }

  private nextVersion(): string {
    this.written += 1;
    return `${this.origin}${this.written.toString(36)}`;
  }

  /** Runs the script, which a server that was restarted has to be told again. */
  private async run(name: string, expected: string, record: string | Buffer): Promise<unknown> {
    try {
      return await this.parts.ask('EVALSHA', swapDigest, '1', name, expected, record);
    } catch (error) {
      if (!(error instanceof ErrorReply && error.message.startsWith('NOSCRIPT'))) throw refusalOf(error);
    }
    return this.change('EVAL', swapScript, '1', name, expected, record);
  }

  private async change(...command: (string | Buffer)[]): Promise<unknown> {
    return this.parts.ask(...command).catch((error: unknown) => {
      throw refusalOf(error);
    });
  }

  /** A read that is answered with "not now" is asked again. */
  private async asked(...command: string[]): Promise<unknown> {
    return this.parts.ask(...command).catch((error: unknown) => {
      throw error instanceof ErrorReply && notNow.test(error.message)
        ? new Error(error.message)
        : refusalOf(error);
    });
  }
}

/** What a server answers to a newcomer, and will answer again: a wrong password, a command that it does not know. */
function unusable(error: unknown): unknown {
  if (!(error instanceof ErrorReply) || notNow.test(error.message)) return error;
  const text = `this Redis server cannot be used: ${error.message}`;
  return new DsmError('DSM_INVALID_OPTION', text, { cause: error });
}

/** An answer that says no: it was not done. Anything else says that the answer is missing. */
function refusalOf(error: unknown): unknown {
  if (!(error instanceof ErrorReply)) return error;
  const code = notNow.test(error.message) ? 'DSM_UNAVAILABLE' : 'DSM_STORE';
  return new DsmError(code, `the server refused: ${error.message}`, { cause: error });
}
