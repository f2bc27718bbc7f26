import { equalValues } from '../codec/equality.js';
import { DsmError } from '../error.js';
import type { Performer } from '../memory/seat.js';
import type { Answer, Expectation, Key, OperationId, RawEntry, Result, Value } from '../protocol.js';
import { ABSENT } from '../protocol.js';
import type { Connection, Swapped } from './engine.js';

/** What the requests of a client need. */
export interface RequestsHost {
  /** The connection while the server answers. */
  readonly ready: Connection | undefined;
  whenReady(): Promise<Connection>;
  /** The server has answered over this connection. */
  heard(connection: Connection): void;
  complete(operation: OperationId, result: Result | Answer): void;
  /** Whether the user waits for an operation still: what is not sent yet is not to be sent any more where not. */
  awaits(operation: OperationId): boolean;
  /** Resolves a moment later. */
  pause(): Promise<void>;
}

/** What an operation ended with that the server did not do, or did not answer. */
type Refused = Extract<Answer, { readonly kind: 'refused' }>;

/** Hands operations to the server, and its answers to those who asked. */
export class Requests implements Performer<never> {
  private readonly host: RequestsHost;

  constructor(host: RequestsHost) {
    this.host = host;
  }

  read(operation: OperationId, key: Key): void {
    void this.end(operation, async () => ({ kind: 'read', entry: await this.entry(operation, key) }));
  }

  write(operation: OperationId, key: Key, value: Value): void {
    void this.end(operation, async () => ({
      kind: 'written',
      version: await this.ask(this.connection(), (connection) => connection.write(key, value)),
    }));
  }

  swap(operation: OperationId, key: Key, expected: Expectation, value: Value): void {
    void this.end(operation, async () => {
      const { ok, entry } =
        'version' in expected
          ? await this.swapped(key, expected.version, value)
          : await this.swapByValue(operation, key, expected.value, value);
      return { kind: 'swapped', ok, entry };
    });
  }

  /** Nobody here knows them: they are asked for. */
  keys(): Iterable<Key> {
    return [];
  }

  private connection(): Connection {
    const { ready } = this.host;
    if (ready !== undefined) return ready;
    throw new DsmError('DSM_UNAVAILABLE', 'the server is out of reach');
  }

  /** A read changes nothing: where the answer is missing it is asked again. */
  private async entry(operation: OperationId, key: Key): Promise<RawEntry> {
    for (;;) {
      const connection = await this.host.whenReady();
      this.checkAwaited(operation);
      try {
        return await this.ask(connection, () => connection.read(key));
      } catch (error) {
        if (DsmError.is(error)) throw error;
      }
      await this.host.pause();
    }
  }

  /** The server compares versions only: what equals the expected value is compared here, again after each lost race. */
  private async swapByValue(
    operation: OperationId,
    key: Key,
    expected: Value,
    value: Value,
  ): Promise<Swapped> {
    let current = await this.entry(operation, key);
    for (;;) {
      if (!equalValues(current.value, expected)) return { ok: false, entry: current };
      this.checkAwaited(operation);
      const version = current.value === ABSENT ? '' : String(current.version);
      const swapped = await this.swapped(key, version, value);
      if (swapped.ok) return swapped;
      current = swapped.entry;
    }
  }

  private swapped(key: Key, version: string, value: Value): Promise<Swapped> {
    return this.ask(this.connection(), (connection) => connection.swap(key, version, value));
  }

  /** An answer is a sign of life: where much is asked at once a ping waits behind all of it. */
  private async ask<T>(connection: Connection, act: (connection: Connection) => Promise<T>): Promise<T> {
    const answer = await act(connection);
    this.host.heard(connection);
    return answer;
  }

  private checkAwaited(operation: OperationId): void {
    if (!this.host.awaits(operation)) throw new DsmError('DSM_TIMEOUT', 'nobody waits for it any more');
  }

  private async end(operation: OperationId, act: () => Promise<Result>): Promise<void> {
    this.host.complete(operation, await act().catch(refusal));
  }
}

function refusal(error: unknown): Refused {
  if (DsmError.is(error)) {
    return { kind: 'refused', code: error.code, text: error.message, outcome: error.outcome };
  }
  const text = `the server has not answered: ${error instanceof Error ? error.message : String(error)}`;
  return { kind: 'refused', code: 'DSM_UNAVAILABLE', text, outcome: 'unknown' };
}
