import { DsmError } from '../error.js';
import { onAbort } from '../memory/abort.js';
import type { World } from '../node/world.js';
import type { Connection } from './engine.js';

/** Beats without an answer after which a server is suspected, and after which its connection is given up. */
const suspectedBeats = 4;
const lostBeats = 12;
/** Pause before connecting again: doubled each time, up to the longest. */
const pauseMs = 25;
const pauseMsMax = 1_000;
/** No attempt to connect is given up sooner, or later. */
const attemptMsMin = 1_000;
const attemptMsMax = 10_000;

export interface LineOptions {
  readonly world: World;
  /** Milliseconds of silence before the server is suspected. */
  readonly suspectAfterMs: number;
  connect(signal: AbortSignal, lost: (reason: unknown) => void): Promise<Connection>;
  /** A new connection is there. */
  connected(): void;
  /** The server came into reach again or left it; says why it did. */
  stirred(lack: string | undefined): void;
  /** An attempt to connect has failed; another one follows. */
  failed(error: unknown): void;
}

interface Waiting {
  readonly resolve: (connection: Connection) => void;
  readonly reject: (error: DsmError) => void;
}

/** Keeps one connection to a server, makes a new one when it breaks, and notices when the server falls silent. */
export class Line {
  private connection: Connection | undefined;
  /** Beats since the server answered; counted, so that a pause of this process is not taken for one of the server. */
  silentBeats = 0;
  lastSeenMs = 0;
  private readonly options: LineOptions;
  private readonly waiting = new Set<Waiting>();
  private failures = 0;
  private lack: string | undefined = 'the server was not reached yet';
  private asking = false;
  private closed = false;
  private attempt: AbortController | undefined;
  private cancelAttempt: (() => void) | undefined;
  private cancelBeat: (() => void) | undefined;

  constructor(options: LineOptions) {
    this.options = options;
  }

  /** The connection while the server answers. */
  get ready(): Connection | undefined {
    return this.suspected ? undefined : this.connection;
  }

  get connected(): boolean {
    return this.connection !== undefined;
  }

  get suspected(): boolean {
    return this.connection === undefined || this.silentBeats >= suspectedBeats;
  }

  /** Begins to connect, and does so again and again until it is closed. */
  start(): void {
    void this.tryOnce();
    this.beatLater();
  }

  /** The connection, as soon as the server answers. Rejects with `DSM_CLOSED` when the line is closed. */
  whenReady(): Promise<Connection> {
    const { ready } = this;
    if (ready !== undefined) return Promise.resolve(ready);
    if (this.closed) return Promise.reject(closedError());
    return new Promise((resolve, reject) => this.waiting.add({ resolve, reject }));
  }

  /** The server has answered something over this connection. */
  heard(connection: Connection): void {
    if (this.silentBeats > 0 && this.connection === connection) this.seen();
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    this.cancelBeat?.();
    this.cancelAttempt?.();
    this.attempt?.abort(closedError());
    for (const { reject } of this.waiting) reject(closedError());
    this.waiting.clear();
    const { connection } = this;
    this.connection = undefined;
    await connection?.close();
  }

  private async tryOnce(): Promise<void> {
    const { world, suspectAfterMs } = this.options;
    const attempt = new AbortController();
    this.attempt = attempt;
    const limitMs = Math.min(Math.max(suspectAfterMs, attemptMsMin), attemptMsMax);
    const late = () => attempt.abort(new Error(`no connection within ${limitMs} ms`));
    this.cancelAttempt = world.after(limitMs, late);
    try {
      await this.open(attempt.signal);
    } catch (error) {
      if (!this.closed) this.missed(error);
    } finally {
      this.cancelAttempt?.();
      if (this.closed || this.connection === undefined) attempt.abort(closedError());
    }
    if (!this.closed && this.connection === undefined) this.tryLater();
  }

  private async open(signal: AbortSignal): Promise<void> {
    let connection: Connection | undefined;
    let broken: { readonly reason: unknown } | undefined;
    const connecting = this.options.connect(signal, (reason) => {
      broken = { reason };
      if (connection !== undefined && this.connection === connection) this.lose(reason);
    });
    connection = await unlessAborted(connecting, signal);
    if (broken === undefined && !signal.aborted) return this.adopt(connection);
    connection.close().catch(() => undefined);
    throw broken === undefined ? signal.reason : (broken as { readonly reason: unknown }).reason;
  }

  private adopt(connection: Connection): void {
    this.connection = connection;
    this.failures = 0;
    this.asking = false;
    this.seen();
    this.options.connected();
  }

  private missed(error: unknown): void {
    this.lack = `the server is out of reach: ${textOf(error)}`;
    this.options.stirred(this.lack);
    this.options.failed(error);
  }

  private tryLater(): void {
    const delayMs = Math.min(pauseMs * 2 ** this.failures, pauseMsMax);
    this.failures += 1;
    this.cancelAttempt = this.options.world.after(delayMs, () => void this.tryOnce());
  }

  private lose(reason: unknown): void {
    const { connection } = this;
    if (connection === undefined || this.closed) return;
    this.connection = undefined;
    connection.close().catch(() => undefined);
    this.lack = `the connection to the server broke: ${textOf(reason)}`;
    this.options.stirred(this.lack);
    this.tryLater();
  }

  private beatLater(): void {
    this.cancelBeat = this.options.world.after(this.options.suspectAfterMs / suspectedBeats, () => {
      this.beatLater();
      if (this.connection !== undefined) this.beat(this.connection);
    });
  }

  private beat(connection: Connection): void {
    this.silentBeats += 1;
    if (this.silentBeats === suspectedBeats) {
      this.lack = `the server has not answered for ${this.options.suspectAfterMs} ms`;
      this.options.stirred(this.lack);
    }
    if (this.silentBeats >= lostBeats) return this.lose(new Error('the server does not answer'));
    if (this.asking) return;
    this.asking = true;
    const asked = () => this.connection === connection;
    const answered = () => {
      if (!asked()) return;
      this.asking = false;
      this.seen();
    };
    // A server that answers that it cannot is of no more use than a silent one.
    const refused = () => {
      if (asked()) this.asking = false;
    };
    connection.ping().then(answered, refused);
  }

  /** The server has answered. */
  private seen(): void {
    this.silentBeats = 0;
    this.lastSeenMs = this.options.world.now();
    const { connection } = this;
    if (connection === undefined) return;
    for (const { resolve } of this.waiting) resolve(connection);
    this.waiting.clear();
    if (this.lack === undefined) return;
    this.lack = undefined;
    this.options.stirred(undefined);
  }
}

/** What an attempt comes to. One that is called off is waited for no longer, and closed if it succeeds after all. */
function unlessAborted(connecting: Promise<Connection>, signal: AbortSignal): Promise<Connection> {
  return new Promise((resolve, reject) => {
    onAbort(signal, () => reject(signal.reason));
    connecting.then((connection) => {
      if (signal.aborted) connection.close().catch(() => undefined);
      resolve(connection);
    }, reject);
  });
}

function closedError(): DsmError {
  return new DsmError('DSM_CLOSED', 'the memory was closed');
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
