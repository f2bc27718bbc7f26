import { DsmError } from '../error.js';
import { onAbort } from '../memory/abort.js';
import { Memory } from '../memory/memory.js';
import { invalid, type JoinOptions, type Settings, settingsOf } from '../memory/options.js';
import type { Schema, Types, VariablesOf } from '../memory/schema.js';
import { Shape } from '../memory/shape.js';
import type { SharedMemory } from '../memory/shared-memory.js';
import { realWorld, type World } from '../node/world.js';
import type { Guarantees } from '../protocol.js';
import { Client } from './client.js';
import type { Engine, ServerReport } from './engine.js';

/**
 * The options of `join`, where a server does the work. What only a group of members needs is taken and ignored, so
 * that a program can move to a server and back by changing one word.
 */
export interface EngineJoinOptions<T extends Schema>
  extends Omit<JoinOptions<T>, 'members' | 'contact' | 'address'> {
  readonly members?: Readonly<Record<string, string>> | undefined;
  readonly contact?: unknown;
  readonly address?: unknown;
  readonly store?: unknown;
}

/** What the memory of a server can do besides. */
export interface EngineExtras {
  /** What the server said of itself when it was connected last. */
  server(): ServerReport;
}

/** Connects to a server and returns its variables. */
export type JoinEngine = <G extends Guarantees, T extends Schema = Types<Record<string, unknown>>>(
  engine: Engine<G>,
  options: EngineJoinOptions<T>,
) => Promise<SharedMemory<VariablesOf<T>, G> & EngineExtras>;

/** The `join` of an adapter. */
export function joinEngine(world: World = realWorld()): JoinEngine {
  return async <G extends Guarantees, T extends Schema>(engine: Engine<G>, options: EngineJoinOptions<T>) => {
    checkEngine(engine);
    const settings = engineSettings(engine, options);
    const connecting = new Connecting(engine, options, settings, world);
    options.signal?.throwIfAborted();
    await connecting.finish(options.signal);
    const { memory, client } = connecting;
    const extras: EngineExtras = { server: () => client.report };
    // All methods are there at run time; the type shows those that the guarantees allow.
    return Object.assign(memory, extras) as unknown as SharedMemory<VariablesOf<T>, G> & EngineExtras;
  };
}

/** A client on its way to its server: ends as a memory that is ready, or as an error with everything freed. */
class Connecting {
  readonly memory: Memory<never>;
  readonly client: Client;
  private readonly settings: Settings;
  private readonly world: World;
  private lastError: unknown;
  private settle: (error?: unknown) => void = () => undefined;
  private readonly settled: Promise<void>;

  constructor(engine: Engine, options: EngineJoinOptions<Schema>, settings: Settings, world: World) {
    const { id, group, suspectAfterMs } = settings;
    this.settings = settings;
    this.world = world;
    this.settled = new Promise((resolve, reject) => {
      this.settle = (error) => (error === undefined ? resolve() : reject(error));
    });
    this.client = new Client(
      {
        engine,
        id,
        group,
        insecure: options.insecure === true,
        suspectAfterMs,
        world,
        trace: options.trace,
      },
      {
        complete: (operation, result) => this.memory.complete(operation, result),
        awaits: (operation) => this.memory.awaits(operation),
        changed: (key) => this.memory.changed(key, undefined),
        renewed: () => this.memory.renewed(),
        stirred: (lack) => this.memory.stirred(lack),
        connected: () => this.connected(),
        failed: (error) => this.failed(error),
      },
    );
    const { name, guarantees } = engine;
    const protocol = { name, guarantees, changes: 'newest', answersNeeded: () => 1 } as const;
    const shape = new Shape(options.schema);
    this.memory = new Memory({ node: this.client, protocol, settings, shape, world });
  }

  /** Connects, and waits until the server has answered. */
  async finish(signal: AbortSignal | undefined): Promise<void> {
    const cancel = this.world.after(this.settings.joinTimeoutMs, () => this.settle(this.tooLate()));
    const unlisten = signal && onAbort(signal, () => this.settle(signal.reason));
    try {
      this.client.start();
      await this.settled;
    } catch (error) {
      await this.memory.close();
      throw error;
    } finally {
      cancel();
      unlisten?.();
    }
  }

  private connected(): void {
    if (this.memory.status().state === 'joining') this.memory.entered();
    this.settle();
  }

  /** Later on a server that must not be used is one that cannot be used: `status` says why. */
  private failed(error: unknown): void {
    this.lastError = error;
    if (DsmError.is(error)) this.settle(error);
  }

  private tooLate(): DsmError {
    const { id, joinTimeoutMs } = this.settings;
    const { lastError } = this;
    const why = lastError instanceof Error ? lastError.message : 'the server has not answered';
    const text = `'${id}' could not join within ${joinTimeoutMs} ms: ${why}`;
    return new DsmError('DSM_TIMEOUT', text, { cause: lastError });
  }
}

function engineSettings(engine: Engine, options: EngineJoinOptions<Schema>): Settings {
  if (typeof options !== 'object' || options === null) {
    throw invalid('the options of join must be an object');
  }
  const { contact, address, store, members, listen, transport, ...used } = options;
  const limits = limitsOf(engine, used.limits);
  const settings = settingsOf({ ...used, limits, members: { [used.id]: engine.name } });
  if (settings.limits.valueBytesMax > engine.valueBytesMax) {
    const text = `limits.valueBytesMax is at most ${engine.valueBytesMax} with ${engine.name}`;
    throw invalid(text);
  }
  return settings;
}

/** The limits as given, with that of the server where none is given; what cannot be limits is left to be refused. */
function limitsOf(engine: Engine, limits: EngineJoinOptions<Schema>['limits']): typeof limits {
  if (limits !== undefined && (typeof limits !== 'object' || limits === null)) return limits;
  return { ...limits, valueBytesMax: limits?.valueBytesMax ?? engine.valueBytesMax };
}

function checkEngine(engine: unknown): void {
  const parts = (typeof engine === 'object' && engine !== null ? engine : {}) as Record<string, unknown>;
  const is = typeof parts.name === 'string' && typeof parts.guarantees === 'object';
  if (is && typeof parts.connect === 'function') return;
  throw invalid(`join takes an engine, such as redis() or etcd() returns it, not a ${typeof engine}`);
}
