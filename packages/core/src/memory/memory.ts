import { checkKey } from '../codec/key.js';
import { decodeValue, encodeValue } from '../codec/value.js';
import type { Node } from '../node/node.js';
import type { World } from '../node/world.js';
import type { RawEntry, Result, Value } from '../protocol.js';
import { ABSENT, type Expectation, type Guarantees, type Key, type Protocol } from '../protocol.js';
import { DsmError, type DsmErrorCode } from './error.js';
import { metricsOf, peersOf } from './metrics.js';
import { Operations } from './operations.js';
import { delay, type Settings } from './options.js';
import type { Shape } from './shape.js';
import type {
  CloseOptions,
  Entry,
  Metrics,
  OperationOptions,
  Status,
  Swap,
  Version,
  WatchOptions,
} from './shared-memory.js';
import type { Watcher } from './watcher.js';
import { Watching } from './watching.js';

/** What a memory is made of. */
export interface MemoryParts<Message> {
  readonly node: Node<Message>;
  readonly protocol: Protocol<Guarantees, Message>;
  readonly settings: Settings;
  readonly shape: Shape;
  readonly world: World;
}

/**
 * The face of every protocol: promises, values, time limits and watches over a replica. It has all methods at run time;
 * those that the guarantees do not allow reject with `DSM_UNSUPPORTED`, and their types hide them.
 */
export class Memory<Message> {
  readonly id: string;
  readonly protocol: string;
  readonly guarantees: Guarantees;
  private readonly parts: MemoryParts<Message>;
  private readonly operations: Operations;
  private readonly watching: Watching;
  private state: Status['state'] = 'joining';
  private since = new Date();
  private reason: string | undefined;
  private closing: Promise<void> | undefined;

  constructor(parts: MemoryParts<Message>) {
    this.parts = parts;
    this.id = parts.settings.id;
    this.protocol = parts.protocol.name;
    this.guarantees = parts.protocol.guarantees;
    this.operations = new Operations({
      world: parts.world,
      timeoutMs: parts.settings.timeoutMs,
      operationsPendingMax: parts.settings.limits.operationsPendingMax,
      admits: () => parts.node.admits,
      timeoutCode: () => (this.state === 'suspended' ? 'DSM_UNAVAILABLE' : 'DSM_TIMEOUT'),
    });
    this.watching = new Watching({
      read: (key, signal) => this.entry(key, { signal }),
      entry: entryOf,
      keys: () => parts.node.replica.keys(),
      world: parts.world,
    });
  }

  get currentState(): Status['state'] {
    return this.state;
  }

  read(key: Key, options?: OperationOptions): Promise<unknown> {
    return this.begin('read', key, options, valueIn, (id) =>
      this.parts.node.invoke((replica, host) => replica.read(id, key, host)),
    );
  }

  entry(key: Key, options?: OperationOptions): Promise<Entry> {
    return this.begin(
      'read',
      key,
      options,
      (result) => entryOf(key, entryIn(result)),
      (id) => this.parts.node.invoke((replica, host) => replica.read(id, key, host)),
    );
  }

  write(key: Key, value: unknown, options?: OperationOptions): Promise<Version> {
    return this.withValue(key, value, options, (encoded) => this.put(key, encoded, options));
  }

  delete(key: Key, options?: OperationOptions): Promise<Version> {
    return this.put(key, ABSENT, options);
  }

  compareAndSwap(key: Key, expected: unknown, value: unknown, options?: OperationOptions): Promise<Swap> {
    return this.withValue(key, value, options, (encoded) => {
      const { valueBytesMax } = this.parts.settings.limits;
      const compared = expected === undefined ? ABSENT : encodeValue(expected, valueBytesMax);
      return this.swap(key, { value: compared }, encoded, options);
    });
  }

  writeIf(key: Key, version: Version, value: unknown, options?: OperationOptions): Promise<Swap> {
    return this.withValue(key, value, options, (encoded) => this.swap(key, { version }, encoded, options));
  }

  deleteIf(key: Key, version: Version, options?: OperationOptions): Promise<Swap> {
    return this.swap(key, { version }, ABSENT, options);
  }

  async update(key: Key, fn: (value: unknown) => unknown, options?: OperationOptions): Promise<Entry> {
    const { world, settings } = this.parts;
    this.supportsSwap();
    const deadlineMs = world.now() + delay('timeout', options?.timeout, settings.timeoutMs);
    const left = () => ({ ...options, timeout: Math.max(1, deadlineMs - world.now()) });
    let current = await this.entry(key, left());
    for (;;) {
      const value = await fn(current.value);
      const swapped = await this.writeIf(key, current.version, value, left());
      if (swapped.ok) return { key, value, version: swapped.version };
      current = swapped.current;
    }
  }

  /** Local reads come with a protocol that promises them. */
  peek(key: Key): unknown {
    this.usable();
    checkKey(key, this.parts.settings.limits.keyBytesMax);
    throw new DsmError('DSM_UNSUPPORTED', `${this.protocol} has no local reads`);
  }

  watch(pattern: string, options: WatchOptions = {}): Watcher {
    if (options.every === true && this.parts.protocol.changes !== 'every') {
      throw new DsmError(
        'DSM_UNSUPPORTED',
        `${this.protocol} does not order every change; it shows the newest`,
      );
    }
    const { watchPendingMax } = this.parts.settings.limits;
    this.watchable(pattern);
    return this.watching.watch(pattern, options.every === true ? watchPendingMax : undefined, options.signal);
  }

  onChange(pattern: string, listener: (entry: Entry) => void): () => void {
    const every = this.parts.protocol.changes === 'every';
    this.watchable(pattern);
    return this.watching.listen(pattern, every, listener);
  }

  async keys(pattern = '*'): Promise<string[]> {
    this.usable();
    return this.watching.keys(pattern);
  }

  status(): Status {
    const { node, world } = this.parts;
    const view = node.view && { epoch: node.view.epoch, members: node.view.members.map(({ name }) => name) };
    const { state, since, reason } = this;
    return { state, since, reason, view, peers: peersOf(node, world.now()) };
  }

  metrics(): Metrics {
    const { size, listenerErrors } = this.watching;
    return metricsOf(this.parts.node, this.operations, { watchers: size, listenerErrors });
  }

  async remove(name: string): Promise<void> {
    this.usable();
    throw new DsmError('DSM_UNSUPPORTED', `'${name}' cannot be removed: this version does not change views`);
  }

  close(_options?: CloseOptions): Promise<void> {
    this.closing ??= this.end();
    return this.closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  // What the node tells.

  /** The first view is decided. */
  entered(): void {
    this.become('ready');
  }

  complete(operation: number, result: Result): void {
    if (this.parts.settings.traced) this.parts.node.trace({ kind: 'return', operation, detail: result.kind });
    this.operations.complete(operation, result);
  }

  changed(key: Key, raw: RawEntry | undefined): void {
    if (this.state !== 'closed') this.watching.changed(key, raw);
  }

  /** Members may have come into reach or left it; links may have room again. */
  stirred(): void {
    if (this.state === 'ready' || this.state === 'suspended') {
      const { node, protocol, settings } = this.parts;
      const needed = protocol.answersNeeded(settings.names.length);
      const lacking = needed - node.inReach;
      if (lacking > 0)
        this.become('suspended', `${node.inReach} of the ${needed} members needed are in reach`);
      else this.become('ready');
    }
    this.operations.admit();
  }

  /** This member cannot go on. */
  failed(error: DsmError): void {
    if (this.state === 'closed') return;
    this.become(error.code === 'DSM_REMOVED' ? 'removed' : 'closed', error.message);
    this.operations.failAll(this.endCode, error.message);
    this.watching.endAll(error);
  }

  private become(state: Status['state'], reason?: string): void {
    this.reason = reason;
    if (this.state === state) return;
    this.state = state;
    this.since = new Date();
    this.parts.node.trace({ kind: 'state', detail: reason === undefined ? state : `${state}: ${reason}` });
  }

  private async end(): Promise<void> {
    this.become('closed');
    this.operations.failAll('DSM_CLOSED', `the memory of '${this.id}' was closed`);
    this.watching.endAll();
    await this.parts.node.close();
  }

  private get endCode(): DsmErrorCode {
    return this.state === 'removed' ? 'DSM_REMOVED' : 'DSM_CLOSED';
  }

  /** Throws where nothing can be done any more. */
  private usable(): void {
    if (this.state !== 'closed' && this.state !== 'removed') return;
    throw new DsmError(this.endCode, this.reason ?? `the memory of '${this.id}' is closed`);
  }

  private watchable(pattern: unknown): void {
    this.usable();
    if (typeof pattern === 'string' && pattern.endsWith('*')) return;
    checkKey(pattern, this.parts.settings.limits.keyBytesMax);
  }

  private supportsSwap(): void {
    if (this.guarantees.compareAndSwap) return;
    throw new DsmError('DSM_UNSUPPORTED', `${this.protocol} has no compare-and-swap`);
  }

  private begin<T>(
    kind: 'read' | 'write' | 'swap',
    key: Key,
    options: OperationOptions | undefined,
    finish: (result: Result) => T,
    start: (operation: number) => void,
  ): Promise<T> {
    try {
      this.usable();
      checkKey(key, this.parts.settings.limits.keyBytesMax);
    } catch (error) {
      return Promise.reject(error);
    }
    if (!this.parts.settings.traced) return this.operations.begin(kind, options, finish, start);
    return this.operations.begin(kind, options, finish, (operation) => {
      this.parts.node.trace({ kind: 'invoke', operation, key, detail: kind });
      start(operation);
    });
  }

  private put(key: Key, value: Value, options: OperationOptions | undefined): Promise<Version> {
    return this.begin(
      'write',
      key,
      options,
      (result) => (value === ABSENT || result.kind !== 'written' ? '' : String(result.version)),
      (id) => this.parts.node.invoke((replica, host) => replica.write(id, key, value, host)),
    );
  }

  private swap(
    key: Key,
    expected: Expectation,
    value: Value,
    options: OperationOptions | undefined,
  ): Promise<Swap> {
    try {
      this.supportsSwap();
    } catch (error) {
      return Promise.reject(error);
    }
    return this.begin(
      'swap',
      key,
      options,
      (result) => {
        const current = entryOf(key, entryIn(result));
        const ok = result.kind === 'swapped' && result.ok;
        return ok ? { ok, version: current.version } : { ok: false, current };
      },
      (id) => this.parts.node.invoke((replica, host) => replica.swap?.(id, key, expected, value, host)),
    );
  }

  /** Encodes a value at once, so that the caller may change it, and goes on; by way of its schema if it has one. */
  private withValue<T>(
    key: Key,
    value: unknown,
    options: OperationOptions | undefined,
    next: (encoded: Uint8Array) => Promise<T>,
  ): Promise<T> {
    try {
      this.usable();
      checkKey(key, this.parts.settings.limits.keyBytesMax);
      const encoded = encodeValue(value, this.parts.settings.limits.valueBytesMax);
      const schema = this.parts.shape.schemaOf(key);
      return schema === undefined ? next(encoded) : this.afterSchema(key, encoded, options, next);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  private async afterSchema<T>(
    key: Key,
    encoded: Uint8Array,
    options: OperationOptions | undefined,
    next: (encoded: Uint8Array) => Promise<T>,
  ): Promise<T> {
    const { shape, settings, world } = this.parts;
    const timeoutMs = delay('timeout', options?.timeout, settings.timeoutMs);
    const value = await shape.validated(key, decodeValue(encoded), world, timeoutMs);
    this.usable();
    return next(encodeValue(value, settings.limits.valueBytesMax));
  }
}

function entryIn(result: Result): RawEntry {
  if (result.kind === 'written') throw new Error('a write ended where an entry was asked for');
  return result.entry;
}

function valueIn(result: Result): unknown {
  const { value } = entryIn(result);
  return value === ABSENT ? undefined : decodeValue(value);
}

function entryOf(key: Key, { value, version }: RawEntry): Entry {
  if (value === ABSENT) return { key, value: undefined, version: '' };
  return { key, value: decodeValue(value), version: String(version) };
}
