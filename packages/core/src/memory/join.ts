import { DsmError } from '../error.js';
import type { Identity } from '../group/identity.js';
import { Node } from '../node/node.js';
import type { NodeEvents } from '../node/node-options.js';
import { realWorld, type World } from '../node/world.js';
import type { Guarantees, Protocol } from '../protocol.js';
import type { Transport, Wire } from '../transport/transport.js';
import { onAbort } from './abort.js';
import { abridged } from './abridged.js';
import { canonicalJson } from './canonical-json.js';
import { Memory } from './memory.js';
import { checkProtocol, type JoinOptions, type Settings, settingsOf } from './options.js';
import type { Schema, Types, VariablesOf } from './schema.js';
import { Shape } from './shape.js';
import type { SharedMemory } from './shared-memory.js';

/** Joins a group and returns its shared variables. */
export type Join = <
  G extends Guarantees,
  Message,
  T extends Schema = Types<Record<string, unknown>>,
  Extras extends object = object,
>(
  protocol: Protocol<G, Message, Extras>,
  options: JoinOptions<T>,
) => Promise<SharedMemory<VariablesOf<T>, G> & Extras>;

/** The `join` of a protocol package: `transport` is asked for only where the options name none. */
export function joinVia(transport: () => Promise<Transport>, world: World = realWorld()): Join {
  return async <G extends Guarantees, Message, T extends Schema, Extras extends object>(
    protocol: Protocol<G, Message, Extras>,
    options: JoinOptions<T>,
  ) => {
    checkProtocol(protocol);
    const settings = settingsOf(options);
    if (settings.contacts.length > 0 && protocol.membership !== 'roster') {
      const text = `nobody can join a group of ${protocol.name} later`;
      throw new DsmError('DSM_UNSUPPORTED', text);
    }
    checkMentions(protocol, settings.names);
    const joining = new Joining(protocol, options, settings, world);
    options.signal?.throwIfAborted();
    await joining.finish(options.transport ?? (await transport()), options);
    const { memory } = joining;
    // All methods are there at run time; the type shows those that the guarantees allow, and the protocol's own.
    return Object.assign(memory, protocol.extras?.(memory.face)) as unknown as SharedMemory<
      VariablesOf<T>,
      G
    > &
      Extras;
  };
}

/** Throws `DSM_INVALID_OPTION` where the options of a protocol name somebody who is no member. */
function checkMentions(
  { name, mentions = [] }: { readonly name: string; readonly mentions?: readonly string[] | undefined },
  members: readonly string[],
): void {
  const stranger = mentions.find((each) => !members.includes(each));
  if (stranger === undefined) return;
  const text = `the options of ${name} name '${stranger}', which is not one of the members ${members.join(', ')}`;
  throw new DsmError('DSM_INVALID_OPTION', text);
}

/** A member on its way into the group: ends as a memory that is ready, or as an error with everything freed. */
class Joining<Message> {
  readonly memory: Memory<Message>;
  private readonly node: Node<Message>;
  private readonly settings: Settings;
  private readonly world: World;
  private settle: (error?: unknown) => void = () => undefined;
  private readonly settled: Promise<void>;

  constructor(
    protocol: Protocol<Guarantees, Message>,
    options: JoinOptions<Schema>,
    settings: Settings,
    world: World,
  ) {
    this.settings = settings;
    this.world = world;
    this.settled = new Promise((resolve, reject) => {
      this.settle = (error) => (error === undefined ? resolve() : reject(error));
    });
    this.node = new Node(
      {
        self: settings.names.indexOf(settings.id),
        identity: identityOf(protocol.name, abridged(canonicalJson(protocol.options)), settings),
        names: settings.names,
        contacts: settings.contacts,
        protocol,
        limits: {
          bytesInFlightMax: settings.limits.bytesInFlightMax,
          earlyMax: settings.limits.framesEarlyMax,
        },
        suspectAfterMs: settings.suspectAfterMs,
        batch: options.batch ?? true,
        world,
        trace: options.trace,
      },
      this.events(),
    );
    const shape = new Shape(options.schema);
    this.memory = new Memory({ node: this.node, protocol, settings, shape, world });
  }

  /** Opens the transport and waits for the first view. */
  async finish(transport: Transport, options: JoinOptions<Schema>): Promise<void> {
    const { signal } = options;
    const cancel = this.world.after(this.settings.joinTimeoutMs, () => this.settle(this.tooLate()));
    const unlisten = signal && onAbort(signal, () => this.settle(signal.reason));
    try {
      if (signal?.aborted) throw signal.reason;
      this.node.start(await this.opened(transport, options));
      await this.settled;
    } catch (error) {
      await this.memory.close();
      throw error;
    } finally {
      cancel();
      unlisten?.();
    }
  }

  /** The open transport. One that opens only after joining has failed is closed again. */
  private async opened(transport: Transport, options: JoinOptions<Schema>): Promise<Wire> {
    const opening = this.open(transport, options);
    try {
      return await Promise.race([opening, this.settled.then(() => opening)]);
    } catch (error) {
      opening.then((wire) => wire.close()).catch(() => undefined);
      throw error;
    }
  }

  private async open(transport: Transport, options: JoinOptions<Schema>): Promise<Wire> {
    const { id, names, addresses, listen, limits } = this.settings;
    const peers = new Map(
      names.flatMap((name, slot) =>
        name === id ? [] : [[slot, { name, address: addresses[slot] as string }] as const],
      ),
    );
    return transport.open({
      self: id,
      incarnation: this.node.incarnation,
      listen,
      peers,
      // A compare-and-swap may travel with two values: the one it expects and the one it puts.
      frameBytesMax: 2 * limits.valueBytesMax + frameRoom,
      security: options.security,
      insecure: options.insecure,
      events: this.node.arrivals,
    });
  }

  private events(): NodeEvents {
    return {
      entered: () => {
        this.memory.entered();
        this.settle();
      },
      failed: (error) => this.memory.failed(error, () => this.settle(error)),
      complete: (operation, result) => this.memory.complete(operation, result),
      changed: (key, entry) => this.memory.changed(key, entry),
      stirred: () => this.memory.stirred(),
    };
  }

  private tooLate(): DsmError {
    const { contacts } = this.settings;
    if (contacts.length > 0 && this.node.view === undefined) {
      const text = `'${this.settings.id}' could not join within ${this.settings.joinTimeoutMs} ms: `;
      return new DsmError('DSM_TIMEOUT', `${text}nobody at ${contacts.join(', ')} has taken it in`);
    }
    const missing = this.node.others.filter((peer) => peer.suspected).map(({ name }) => name);
    const who =
      missing.length > 0 ? `nothing was heard of ${missing.join(', ')}` : 'the members did not agree';
    const text = `'${this.settings.id}' could not join within ${this.settings.joinTimeoutMs} ms: ${who}`;
    return new DsmError('DSM_TIMEOUT', text);
  }
}

function identityOf(protocol: string, options: string, settings: Settings): Identity {
  const { group, id: name, names, addresses, contacts, limits } = settings;
  const members = names.map((member, slot) => `${member}=${addresses[slot]}`);
  const identity = { group, name, protocol, options, valueBytesMax: limits.valueBytesMax, members };
  // Whoever comes later knows of no list.
  return contacts.length === 0 ? identity : { ...identity, members: [], address: addresses[0] };
}

/** Room in a frame beside the values: header, message, key, and the small messages of a full batch. */
const frameRoom = 1024 * 1024;
