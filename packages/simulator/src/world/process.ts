import type {
  Answer,
  DsmError,
  Guarantees,
  OperationId,
  Protocol,
  Replica,
  ReplicaId,
  Result,
} from '@dsm/core';
import { Node, type World } from '@dsm/core/node';
import type { Chance } from '../chance.js';
import { moves } from '../comings.js';
import { memberNames } from '../first-view.js';
import type { Plan } from '../plan.js';
import type { Clock, Sleeper } from './clock.js';

/** What a process tells its world. */
export interface ProcessEvents {
  entered(process: Process): void;
  failed(process: Process, error: DsmError): void;
  complete(process: Process, operation: OperationId, result: Result | Answer): void;
  trace?: ConstructorParameters<typeof Node>[0]['trace'];
}

/** Who a process is. */
export interface Being {
  /** Counts the processes of a run; those of the first members are numbered by their slots. */
  readonly number: number;
  /** Where it listens, which is its address: that of the first members are their slots. */
  readonly place: ReplicaId;
  /** The place of the first of its name. */
  readonly named: ReplicaId;
  /** Its own slot. */
  readonly self: ReplicaId;
  /** The names by slot that it knows from the beginning. */
  readonly names: readonly string[];
  /** The places of those whom it asks to be taken in. */
  readonly contacts: readonly ReplicaId[];
}

/** A process that is there from the beginning. */
export function founder(slot: ReplicaId, members: number): Being {
  return { number: slot, place: slot, named: slot, self: slot, names: memberNames(members), contacts: [] };
}

/** A process that comes to a group that is there: with the list of the first members, or by contacts. */
export function comer(
  { number, place, named, contacts }: Pick<Being, 'number' | 'place' | 'named' | 'contacts'>,
  members: number,
): Being {
  if (contacts.length === 0) return { ...founder(place, members), number };
  return { number, place, named, self: 0, names: [memberNames(named + 1)[named] as string], contacts };
}

/** A member of the group: the very node that runs over real transports, in a world of its own. */
export class Process implements Sleeper {
  readonly being: Being;
  /** Its number. */
  readonly slot: number;
  readonly place: ReplicaId;
  /** By the numbers that it gives to others, their places. */
  readonly places = new Map<number, ReplicaId>();
  readonly node: Node<unknown>;
  readonly clockRate: number;
  paused = false;
  dead = false;
  entered = false;
  /** It begins nothing more. */
  leaving = false;

  constructor(
    being: Being,
    plan: Plan,
    made: { protocol: Protocol<Guarantees, unknown>; replica: Replica<unknown> },
    world: { clock: Clock; chance: Chance; events: ProcessEvents },
  ) {
    const { number, place, self, names, contacts } = being;
    this.being = being;
    this.slot = number;
    this.place = place;
    this.clockRate = plan.clockRates[number] ?? 1;
    for (const slot of names.keys()) if (slot !== self) this.places.set(slot, slot);
    const { protocol, replica } = made;
    const name = names[self] as string;
    // Addresses are names, and said where anybody wants to know them.
    const members = moves(protocol) ? names.map((one) => `${one}=${one}`) : names;
    const identity = {
      group: 'simulated',
      name,
      protocol: protocol.name,
      options: '{}',
      valueBytesMax: 1_000,
      members,
    };
    const address = memberNames(place + 1)[place] as string;
    const { events } = world;
    this.node = new Node<unknown>(
      {
        self,
        identity: contacts.length > 0 ? { ...identity, members: [], address } : identity,
        names,
        contacts: contacts.map((contact) => memberNames(contact + 1)[contact] as string),
        protocol: { ...protocol, replica: () => replica },
        limits: plan.limits,
        suspectAfterMs: plan.suspectAfterMs,
        batch: plan.batch,
        world: this.worldOf(world.clock, world.chance),
        trace: events.trace,
      },
      {
        entered: () => {
          this.entered = true;
          events.entered(this);
        },
        failed: (error) => events.failed(this, error),
        // Clients here read, write and swap, and nothing else.
        complete: (operation, result) => events.complete(this, operation, result as Result),
        changed: () => undefined,
        stirred: () => undefined,
      },
    );
  }

  /** The numbers under which it dials a place. */
  numbersOf(place: ReplicaId): number[] {
    return [...this.places].filter(([, other]) => other === place).map(([number]) => number);
  }

  /** Whether it can do something, now or when it wakes. */
  get alive(): boolean {
    return !this.dead && !this.node.ended;
  }

  private worldOf(clock: Clock, chance: Chance): World {
    return {
      now: () => (clock.nowUs / 1000) * this.clockRate,
      random: () => chance.between(1, 2 ** 31),
      after: (delayMs, callback) => {
        const delayUs = Math.ceil((delayMs * 1000) / this.clockRate);
        const due = clock.after(this, delayUs, callback);
        return () => {
          due.cancelled = true;
        };
      },
      afterTurn: (callback) => clock.afterTurn(this, callback),
    };
  }
}
