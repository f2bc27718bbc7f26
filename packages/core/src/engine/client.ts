import { DsmError } from '../error.js';
import type { List } from '../memory/listing.js';
import type { Performer, Seat } from '../memory/seat.js';
import { Counters } from '../node/counters.js';
import { quietly, type Trace, type TraceEvent } from '../node/trace.js';
import type { World } from '../node/world.js';
import type { Answer, Host, Key, OperationId, Result } from '../protocol.js';
import type { Engine, ServerReport } from './engine.js';
import { Line } from './line.js';
import { Requests } from './requests.js';

/** How long a read waits before it is asked again, when its answer was missing. */
const againMs = 25;

export interface ClientOptions {
  readonly engine: Engine;
  readonly id: string;
  readonly group: string;
  readonly insecure: boolean;
  readonly suspectAfterMs: number;
  readonly world: World;
  readonly trace: Trace | undefined;
}

/** What a client tells its memory. */
export interface ClientEvents {
  complete(operation: OperationId, result: Result | Answer): void;
  /** Whether the user waits for an operation still. */
  awaits(operation: OperationId): boolean;
  changed(key: Key): void;
  /** Some changes may have gone untold. */
  renewed(): void;
  stirred(lack: string | undefined): void;
  connected(): void;
  failed(error: unknown): void;
}

/** The seat of a memory whose variables are kept by a server. */
export class Client implements Seat<never> {
  readonly counters = new Counters();
  readonly leased = true;
  readonly view = undefined;
  readonly replica: Performer<never>;
  ended = false;
  private lastReport: ServerReport | undefined;
  private readonly options: ClientOptions;
  private readonly line: Line;
  private readonly host: Host<never>;

  constructor(options: ClientOptions, events: ClientEvents) {
    const { world, suspectAfterMs } = options;
    this.options = options;
    this.line = new Line({
      world,
      suspectAfterMs,
      connect: (signal, lost) => this.connect(signal, lost, events),
      connected: () => {
        events.connected();
        events.renewed();
      },
      stirred: (lack) => events.stirred(lack),
      failed: (error) => events.failed(error),
    });
    this.host = hostOf(events);
    const { line } = this;
    this.replica = new Requests({
      get ready() {
        return line.ready;
      },
      whenReady: () => line.whenReady(),
      heard: (connection) => line.heard(connection),
      complete: (operation, result) => events.complete(operation, result),
      awaits: (operation) => events.awaits(operation),
      pause: () => new Promise((resolve) => world.after(againMs, resolve)),
    });
  }

  /** What is sent while the server is known to be out of reach would be of unknown outcome for nothing: it waits. */
  get admits(): boolean {
    return this.line.ready !== undefined;
  }

  get inReach(): number {
    return this.admits ? 1 : 0;
  }

  get others(): Seat<never>['others'] {
    const { silentBeats, lastSeenMs, suspected, connected } = this.line;
    const silence = connected ? silentBeats : Number.POSITIVE_INFINITY;
    return [{ name: this.options.engine.name, link: undefined, suspected, lastSeenMs, silentBeats: silence }];
  }

  /** What the server said of itself when it was connected last. */
  get report(): ServerReport {
    return this.lastReport ?? { software: this.options.engine.name, durability: 'unknown' };
  }

  start(): void {
    this.line.start();
  }

  invoke(act: (replica: Performer<never>, host: Host<never>) => void): void {
    act(this.replica, this.host);
  }

  readonly list: List = async (prefix, awaited) => {
    try {
      const connection = await this.line.whenReady();
      if (!awaited()) return [];
      const keys = await connection.keys(prefix);
      this.line.heard(connection);
      return keys;
    } catch (cause) {
      throw unlisted(cause);
    }
  };

  trace(event: Omit<TraceEvent, 'member' | 'atMs'>): void {
    const { trace, id, world } = this.options;
    if (trace === undefined) return;
    quietly(trace, { ...event, member: id, atMs: world.now() }, () => {
      this.counters.traceErrors += 1;
    });
  }

  async close(): Promise<void> {
    this.ended = true;
    await this.line.close();
  }

  private async connect(signal: AbortSignal, lost: (reason: unknown) => void, events: ClientEvents) {
    const { engine, id, group, insecure } = this.options;
    const changed = (key?: Key) => {
      if (key === undefined) return events.renewed();
      this.trace({ kind: 'apply', key });
      events.changed(key);
    };
    const connection = await engine.connect({ id, group, insecure, signal, lost, changed });
    this.lastReport = connection.report;
    return connection;
  }
}

function unlisted(cause: unknown): DsmError {
  if (DsmError.is(cause)) return cause;
  return new DsmError('DSM_UNAVAILABLE', 'the server has not listed its keys', { cause });
}

/** Requests tell their memory themselves how they ended; a client of a server has no members to send anything to. */
function hostOf(events: ClientEvents): Host<never> {
  const nobody = () => {
    throw new Error('a client of a server has no members');
  };
  return {
    complete: (operation, result) => events.complete(operation, result),
    changed: (key) => events.changed(key),
    send: nobody,
    broadcast: nobody,
    setTimer: nobody,
  };
}
