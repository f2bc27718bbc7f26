import { once } from 'node:events';
import { createServer } from 'node:net';
import {
  DsmError,
  type Guarantees,
  type Inspection,
  type JoinOptions,
  joinVia,
  memoryNetwork,
  type SharedMemory,
  type Transport,
  type Types,
} from '@dsm/core';
import type { Chance, Subject } from '@dsm/simulator';
import { zeromq } from '@dsm/transport-zeromq';
import type { AnyProtocol } from '../case.js';
import { Gate } from './gate.js';

/** A memory with all its methods: those that the guarantees exclude are there at run time, and reject. */
export type Face = SharedMemory<
  Record<string, unknown>,
  Guarantees & { compareAndSwap: true; reads: 'local' }
>;

type Variables = Types<Record<string, unknown>>;
type GroupOptions = Omit<Partial<JoinOptions<Variables>>, 'id' | 'members' | 'transport'>;

/** What the network of a world needs. */
export interface Ground {
  /** One transport for all members, or one each. */
  transport(): () => Transport;
  addresses(names: readonly string[]): Promise<readonly string[]>;
}

/** A network of the machine: every member has a transport of its own. */
export function socketsOf(transport: () => Transport): Ground {
  return { transport: () => transport, addresses: freeAddresses };
}

export const grounds = {
  'in-process': {
    transport: () => {
      const network = memoryNetwork();
      return () => network;
    },
    addresses: async (names) => names.map((name) => `memory://${name}`),
  },
  zeromq: socketsOf(() => zeromq()),
} satisfies Record<string, Ground>;

/** The members of one group, all in this process, and the gate before their network. */
export class Group {
  readonly members: readonly Face[];
  private readonly gate: Gate;

  constructor(members: readonly Face[], gate: Gate) {
    this.members = members;
    this.gate = gate;
  }

  /** The first by slot. */
  get first(): Face {
    return this.members[0] as Face;
  }

  /** The last by slot, the first itself where it is alone. */
  get last(): Face {
    return this.members.at(-1) as Face;
  }

  isolate(...members: readonly Face[]): void {
    for (const { id } of members) this.gate.isolate(id);
  }

  heal(): void {
    this.gate.heal();
  }
}

/** Where a case is played: joins its group, and frees it afterwards. */
export class Stage {
  readonly protocol: AnyProtocol;
  readonly placeOf: Inspection['placeOf'];
  readonly size: number;
  /** How long it waits for what must happen. */
  readonly patienceMs: number;
  private readonly ground: Ground;
  private readonly joined: Face[] = [];

  constructor({ protocol, inspection }: Subject, size: number, ground: Ground, patienceMs: number) {
    this.protocol = protocol;
    this.placeOf = inspection?.placeOf;
    this.size = size;
    this.patienceMs = patienceMs;
    this.ground = ground;
  }

  /** Joins a group; `delays` makes its network uneven. */
  async group(options: GroupOptions = {}, delays?: Chance): Promise<Group> {
    for (let attempts = 3; ; attempts -= 1) {
      try {
        return await this.tryToJoin(options, delays);
      } catch (error) {
        // An address that was free a moment ago was taken by another program.
        if (attempts === 1 || !DsmError.is(error, 'DSM_ADDRESS_IN_USE')) throw error;
        await this.close();
      }
    }
  }

  private async tryToJoin(options: GroupOptions, delays: Chance | undefined): Promise<Group> {
    const names = Array.from({ length: this.size }, (_, slot) => `m${slot}`);
    const addresses = await this.ground.addresses(names);
    const members = Object.fromEntries(names.map((name, slot) => [name, addresses[slot] as string]));
    const gate = new Gate(delays);
    const transport = this.ground.transport();
    const join = joinVia(async () => gate.around(transport()));
    const limits = { timeout: this.patienceMs, joinTimeout: this.patienceMs + 20_000 };
    const failed = new AbortController();
    const joining = names.map(async (id) => {
      const given = { ...limits, signal: failed.signal, ...options, id, members };
      const memory = (await join(this.protocol, given)) as unknown as Face;
      this.joined.push(memory);
      return memory;
    });
    // Where one cannot join, the others would wait for it in vain.
    for (const one of joining) one.catch((error) => failed.abort(error));
    const ends = await Promise.allSettled(joining);
    for (const end of ends) if (end.status === 'rejected') throw failed.signal.reason;
    return new Group(await Promise.all(joining), gate);
  }

  async close(): Promise<void> {
    await Promise.all(this.joined.map((memory) => memory.close()));
  }
}

/** Addresses of this machine that nobody listens on. */
async function freeAddresses(names: readonly string[]): Promise<string[]> {
  const servers = names.map(() => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => {
    const bound = server.address();
    if (bound === null || typeof bound === 'string') throw new Error('there is no free port');
    return bound.port;
  });
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports.map((port) => `tcp://127.0.0.1:${port}`);
}
