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
import { freeAddresses } from '../free-ports.js';
import { Gate } from './gate.js';

/** A memory with all its methods: those that the guarantees exclude are there at run time, and reject. */
export type Face = SharedMemory<
  Record<string, unknown>,
  Guarantees & { compareAndSwap: true; reads: 'local' }
>;

type Variables = Types<Record<string, unknown>>;
type GroupOptions = Omit<Partial<JoinOptions<Variables>>, 'id' | 'members' | 'transport'>;

/** What one member joins with. */
type MemberOptions = GroupOptions & { readonly id: string };

/** The place of one group, and what may be done to its network. */
export interface Site {
  join(protocol: AnyProtocol, options: MemberOptions): Promise<Face>;
  isolate(name: string): void;
  heal(): void;
  close(): Promise<void>;
}

/** Where groups can be. */
export interface Ground {
  site(names: readonly string[], delays: Chance | undefined): Promise<Site>;
  /** Whether what is begun while the way is known to be cut is not even sent, so that it surely did not happen. */
  readonly keepsBack: boolean;
}

/** What a network of members needs. */
interface Network {
  /** One transport for all members, or one each. */
  transport(): () => Transport;
  addresses(names: readonly string[]): Promise<readonly string[]>;
}

/** Members that send each other messages. */
function groundOf(network: Network): Ground {
  return {
    keepsBack: false,
    async site(names, delays) {
      const addresses = await network.addresses(names);
      const members = Object.fromEntries(names.map((name, slot) => [name, addresses[slot] as string]));
      const gate = new Gate(delays);
      const transport = network.transport();
      const join = joinVia(async () => gate.around(transport()));
      return {
        join: async (protocol, options) => (await join(protocol, { ...options, members })) as unknown as Face,
        isolate: (name) => gate.isolate(name),
        heal: () => gate.heal(),
        close: async () => undefined,
      };
    },
  };
}

/** A network of the machine: every member has a transport of its own. */
export function socketsOf(transport: () => Transport): Ground {
  return groundOf({
    transport: () => transport,
    addresses: async (names) => Object.values(await freeAddresses(...names)),
  });
}

export const grounds = {
  'in-process': groundOf({
    transport: () => {
      const network = memoryNetwork();
      return () => network;
    },
    addresses: async (names) => names.map((name) => `memory://${name}`),
  }),
  zeromq: socketsOf(() => zeromq()),
} satisfies Record<string, Ground>;

/** The members of one group, all in this process, and the gate before their network. */
export class Group {
  readonly members: readonly Face[];
  private readonly site: Site;

  constructor(members: readonly Face[], site: Site) {
    this.members = members;
    this.site = site;
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
    for (const { id } of members) this.site.isolate(id);
  }

  heal(): void {
    this.site.heal();
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
  private readonly sites: Site[] = [];

  constructor({ protocol, inspection }: Subject, size: number, ground: Ground, patienceMs: number) {
    this.protocol = protocol;
    this.placeOf = inspection?.placeOf;
    this.size = size;
    this.patienceMs = patienceMs;
    this.ground = ground;
  }

  /** Whether what is begun while a member knows that it is cut off surely did not happen. */
  get keepsBack(): boolean {
    return this.ground.keepsBack;
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
    const site = await this.ground.site(names, delays);
    this.sites.push(site);
    const limits = { timeout: this.patienceMs, joinTimeout: this.patienceMs + 20_000 };
    const failed = new AbortController();
    const joining = names.map(async (id) => {
      const given = { ...limits, signal: failed.signal, ...options, id };
      const memory = await site.join(this.protocol, given);
      this.joined.push(memory);
      return memory;
    });
    // Where one cannot join, the others would wait for it in vain.
    for (const one of joining) one.catch((error) => failed.abort(error));
    const ends = await Promise.allSettled(joining);
    for (const end of ends) if (end.status === 'rejected') throw failed.signal.reason;
    return new Group(await Promise.all(joining), site);
  }

  async close(): Promise<void> {
    await Promise.all(this.joined.map((memory) => memory.close({ leave: false })));
    await Promise.all(this.sites.map((site) => site.close()));
  }
}
