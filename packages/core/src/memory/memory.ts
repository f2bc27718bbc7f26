import { checkKey } from '../codec/key.js';
import { DsmError, type DsmErrorCode } from '../error.js';
import type { Face } from '../face.js';
import type { World } from '../node/world.js';
import type { Answer, OperationId, RawEntry, Result } from '../protocol.js';
import { ABSENT, type Expectation, type Guarantees, type Key } from '../protocol.js';
import { type Content, Contents, nothing } from './content.js';
import { decoded, entryIn, entryOf } from './entry.js';
import { atVersion, Exchange } from './exchange.js';
import { faceOf } from './face-of.js';
import { frozen } from './frozen.js';
import { Get } from './get.js';
import { Lifecycle } from './lifecycle.js';
import { LocalReads } from './local-reads.js';
import { metricsOf, statusOf } from './metrics.js';
import type { Task } from './operation.js';
import { Operations } from './operations.js';
import { checkCall, checkFlag, checkFunction, delay, invalid, patience, type Settings } from './options.js';
import { Put } from './put.js';
import { type Manifest, type Seat, shortage } from './seat.js';
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
import { within } from './within.js';

/** What a memory is made of. */
export interface MemoryParts<Message> {
  readonly node: Seat<Message>;
  readonly protocol: Manifest<Message>;
  readonly settings: Settings;
  readonly shape: Shape;
  readonly world: World;
}

/** How long a member that has failed stays to tell the others why. */
const farewellMs = 250;

/**
 * The face of every protocol: promises, values, time limits and watches over a replica. It has all methods at run time;
 * those that the guarantees do not allow reject with `DSM_UNSUPPORTED`, and their types hide them.
 */
export class Memory<Message> {
  readonly id: string;
  readonly protocol: string;
  readonly guarantees: Guarantees;
  private readonly parts: MemoryParts<Message>;
  private readonly lifecycle: Lifecycle;
  private readonly contents: Contents;
  private readonly operations: Operations;
  private readonly watching: Watching;
  private readonly local: LocalReads | undefined;
  private cancelFarewell: (() => void) | undefined;
  private closing: Promise<void> | undefined;

  constructor(parts: MemoryParts<Message>) {
    const { node, protocol, settings, shape, world } = parts;
    this.parts = parts;
    this.id = settings.id;
    this.protocol = protocol.name;
    this.guarantees = frozen(protocol.guarantees);
    this.lifecycle = new Lifecycle(this.id, (detail) => node.trace({ kind: 'state', detail }));
    this.contents = new Contents(shape, settings.limits.valueBytesMax);
    this.operations = new Operations({
      world,
      timeoutMs: settings.timeoutMs,
      limits: settings.limits,
      admits: () => node.admits,
      timeoutCode: () => this.timeoutCode,
      abandoned: (operation, detail) => node.trace({ kind: 'return', operation, detail }),
    });
    this.local = LocalReads.of(protocol.guarantees, {
      node,
      operations: this.operations,
      lifecycle: this.lifecycle,
      traced: settings.traced,
      usable: (key) => this.usable(key),
    });
    this.watching = new Watching({
      read: (key, signal, answered) => this.readEntry(key, { signal, timeout: Infinity }, answered),
      entry: entryOf,
      keys: () => node.replica.keys(),
      list: node.list,
      timeoutMs: settings.timeoutMs,
      timeoutCode: () => this.timeoutCode,
      readersOnly: protocol.guarantees.reads === 'cached',
      world,
    });
  }

  read(key: Key, options?: OperationOptions): Promise<unknown> {
    const known = options === undefined ? this.local?.read(key) : undefined;
    return known ?? this.refusal(key, options) ?? this.attempt(() => this.get(key, options));
  }

  entry(key: Key, options?: OperationOptions): Promise<Entry> {
    return this.refusal(key, options) ?? this.attempt(() => this.readEntry(key, options));
  }

  write(key: Key, value: unknown, options?: OperationOptions): Promise<Version> {
    try {
      this.mayBegin(key, options);
      return this.put(key, this.contents.of(key, value), options);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  delete(key: Key, options?: OperationOptions): Promise<Version> {
    return this.refusal(key, options) ?? this.put(key, nothing, options);
  }

  compareAndSwap(key: Key, expected: unknown, value: unknown, options?: OperationOptions): Promise<Swap> {
    return this.swap(key, options, () => {
      const content = this.contents.of(key, value);
      return [{ value: expected === undefined ? ABSENT : this.contents.encoded(expected) }, content];
    });
  }

  writeIf(key: Key, version: Version, value: unknown, options?: OperationOptions): Promise<Swap> {
    return this.swap(key, options, () => [atVersion(version), this.contents.of(key, value)]);
  }

  deleteIf(key: Key, version: Version, options?: OperationOptions): Promise<Swap> {
    return this.swap(key, options, () => [atVersion(version), nothing]);
  }

  async update(key: Key, fn: (value: unknown) => unknown, options?: OperationOptions): Promise<Entry> {
    const { world, settings } = this.parts;
    await this.refusal(key, options);
    this.supportsSwap();
    checkFunction('fn', fn);
    const timeoutMs = delay('timeout', options?.timeout, settings.timeoutMs);
    const deadlineMs = world.now() + timeoutMs;
    const left = () => {
      const timeout = deadlineMs - world.now();
      if (timeout > 0) return { signal: options?.signal, timeout };
      throw new DsmError(this.timeoutCode, `the update did not succeed within ${timeoutMs} ms`);
    };
    let current = await this.readEntry(key, left());
    for (;;) {
      const { value } = current;
      const content = this.contents.from(key, () => fn(value));
      const swapped = await this.swap(key, left(), () => [atVersion(current.version), content]);
      if (swapped.ok) return { key, value: decoded(content.bytes), version: swapped.version };
      current = swapped.current;
    }
  }

  peek(key: Key): unknown {
    this.usable(key);
    const entry = this.local?.always ? this.local.entry(key) : undefined;
    if (entry !== undefined) return this.local?.value(key, entry);
    throw new DsmError('DSM_UNSUPPORTED', `${this.protocol} has no local reads`);
  }

  watch(pattern: string, options?: WatchOptions): Watcher {
    this.watchable(pattern);
    checkCall(options);
    checkFlag('every', options?.every);
    const every = options?.every === true;
    if (every && this.parts.protocol.changes !== 'every') {
      const text = `${this.protocol} does not order every change; it shows the newest`;
      throw new DsmError('DSM_UNSUPPORTED', text);
    }
    const { watchPendingMax } = this.parts.settings.limits;
    return this.watching.watch(pattern, every ? watchPendingMax : undefined, options?.signal);
  }

  onChange(pattern: string, listener: (entry: Entry) => void): () => void {
    this.watchable(pattern);
    checkFunction('listener', listener);
    return this.watching.listen(pattern, this.parts.protocol.changes === 'every', listener);
  }

  async keys(pattern = '*'): Promise<string[]> {
    this.watchable(pattern);
    const keys = await this.watching.keys(pattern);
    return this.operations.told(keys, 16 * keys.length);
  }

  /** What the extras of a protocol are built on. */
  get face(): Face {
    const { operations, contents, parts } = this;
    return faceOf(this.id, { operations, contents, node: parts.node, check: (key) => this.usable(key) });
  }

  status(): Status {
    return statusOf(this.parts.node, this.lifecycle, this.parts.world.now());
  }

  metrics(): Metrics {
    const { size, listenerErrors } = this.watching;
    return metricsOf(this.parts.node, this.operations, { watchers: size, listenerErrors });
  }

  async remove(name: string): Promise<void> {
    this.lifecycle.usable();
    const removed = this.parts.node.company?.remove(name);
    if (removed === false) throw invalid(`'${name}' is no other member of the group`);
    if (removed === undefined) throw new DsmError('DSM_UNSUPPORTED', `${this.protocol} removes no members`);
  }

  close(options?: CloseOptions): Promise<void> {
    this.closing ??= this.end(options);
    return this.closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  // What the node tells.

  /** The first view is decided. */
  entered(): void {
    this.lifecycle.become('ready');
  }

  complete(operation: OperationId, result: Result | Answer): void {
    if (!this.mayAnswer) return this.operations.withhold(operation);
    const awaited = this.operations.complete(operation, result);
    if (awaited && this.parts.settings.traced) {
      this.parts.node.trace({ kind: 'return', operation, detail: result.kind });
    }
  }

  /** Whether the user waits for an operation still. */
  readonly awaits = (operation: OperationId) => this.operations.awaits(operation);

  changed(key: Key, raw: RawEntry | undefined): void {
    this.local?.forget(key);
    this.watching.changed(key, raw);
  }

  /** Of some changes nobody may have told: watchers look at everything again. */
  renewed(): void {
    this.watching.renew();
  }

  /** Whoever is needed may have come into reach or left it, `lack` says why; links may have room again. */
  stirred(lack = this.lack): void {
    const { state } = this.lifecycle;
    const healthy = lack === undefined ? 'ready' : 'suspended';
    if (state === 'ready' || state === 'suspended') this.lifecycle.become(healthy, lack);
    this.operations.admit();
  }

  /** This member cannot go on: it says so to whoever asks for a moment, then it is `gone`. */
  failed(error: DsmError, gone: () => void): void {
    this.lifecycle.become(error.code === 'DSM_REMOVED' ? 'removed' : 'closed', error.message);
    this.operations.failAll(this.lifecycle.endCode, error.message, error);
    this.watching.endAll(error);
    this.cancelFarewell = this.parts.world.after(farewellMs, () => {
      gone();
      void this.freed(this.parts.settings.timeoutMs);
    });
  }

  private async end(options: CloseOptions | undefined): Promise<void> {
    const { world, settings, node } = this.parts;
    const timeoutMs = patience(options?.timeout, settings.timeoutMs);
    const deadlineMs = world.now() + timeoutMs;
    this.lifecycle.become('closed');
    this.operations.failAll('DSM_CLOSED', `the memory of '${this.id}' was closed`);
    this.watching.endAll();
    if (options?.leave !== false && node.leave !== undefined)
      await within(timeoutMs, new Promise((left) => node.leave?.(left)), world);
    if (options?.leave !== false) node.invoke((replica, host) => replica.closing?.(host));
    this.cancelFarewell?.();
    await this.freed(Math.max(deadlineMs - world.now(), 0));
  }

  /** Closes the transport, but waits no longer than this: one that fails to close must not keep its user. */
  private freed(timeoutMs: number): Promise<void> {
    return within(timeoutMs, this.parts.node.close(), this.parts.world);
  }

  private get lack(): string | undefined {
    const { node, protocol, settings } = this.parts;
    return shortage(node.inReach, protocol.answersNeeded(node.view?.members.length ?? settings.names.length));
  }

  private get timeoutCode(): DsmErrorCode {
    return this.lifecycle.state === 'suspended' ? 'DSM_UNAVAILABLE' : 'DSM_TIMEOUT';
  }

  /** Throws where nothing can be done any more, or not with this key. */
  private usable(key: unknown): void {
    this.lifecycle.usable();
    checkKey(key, this.parts.settings.limits.keyBytesMax);
    if (this.parts.node.replica.subscribes?.(key) === false) {
      throw new DsmError('DSM_NOT_SUBSCRIBED', `'${this.id}' does not subscribe to '${key}'`);
    }
  }

  /** Throws where nothing can be done any more, or not with this key or these options. */
  private mayBegin(key: Key, options: OperationOptions | undefined): void {
    this.usable(key);
    checkCall(options);
  }

  /** Without a lease, what a member holds may be out of date: the others may have gone on without it. */
  private get mayAnswer(): boolean {
    return this.guarantees.reads !== 'cached' || this.parts.node.leased;
  }

  /** A rejection where nothing can be done any more, or not with this key or these options. */
  private refusal(key: Key, options: OperationOptions | undefined): Promise<never> | undefined {
    try {
      this.mayBegin(key, options);
      return undefined;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** What is thrown before the promise is there rejects all the same. */
  private attempt<T>(act: () => Promise<T>): Promise<T> {
    try {
      return act();
    } catch (error) {
      return Promise.reject(error);
    }
  }

  private watchable(pattern: unknown): void {
    if (typeof pattern !== 'string' || !pattern.endsWith('*')) return this.usable(pattern);
    this.lifecycle.usable();
  }

  private supportsSwap(): void {
    if (this.guarantees.compareAndSwap) return;
    throw new DsmError('DSM_UNSUPPORTED', `${this.protocol} has no compare-and-swap`);
  }

  private begin<T>(key: Key, task: Task<T>): Promise<T> {
    if (!this.parts.settings.traced) return this.operations.begin(task);
    const { kind, options, prepare } = task;
    return this.operations.begin({
      kind,
      options,
      prepare,
      get bytes() {
        return task.bytes;
      },
      finish: (result) => task.finish(result),
      start: (operation) => {
        this.parts.node.trace({ kind: 'invoke', operation, key, detail: kind });
        task.start(operation);
      },
    });
  }

  private get(key: Key, options: OperationOptions | undefined): Promise<unknown> {
    const held = this.local?.held(key, options);
    if (held !== undefined) return (this.local as LocalReads).show(key, decoded(held.value), held);
    return this.begin(key, new Get(this.parts.node, key, options));
  }

  private readEntry(key: Key, options?: OperationOptions, answered?: () => void): Promise<Entry> {
    const held = this.local?.held(key, options);
    if (held !== undefined) {
      answered?.();
      return (this.local as LocalReads).show(key, entryOf(key, held), held);
    }
    return this.begin(key, {
      kind: 'read',
      options,
      bytes: 0,
      start: (id) => this.parts.node.invoke((replica, host) => replica.read(id, key, host)),
      finish: (result) => {
        answered?.();
        return entryOf(key, entryIn(result));
      },
    });
  }

  private put(key: Key, content: Content, options: OperationOptions | undefined): Promise<Version> {
    return this.begin(key, new Put(this.parts.node, key, content, options));
  }

  private swap(
    key: Key,
    options: OperationOptions | undefined,
    what: () => readonly [Expectation, Content],
  ): Promise<Swap> {
    const start = () => {
      this.supportsSwap();
      return this.begin(key, new Exchange(this.parts.node, key, what(), options));
    };
    return this.refusal(key, options) ?? this.attempt(start);
  }
}
