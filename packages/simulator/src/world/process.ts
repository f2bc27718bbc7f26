import type { Answer, DsmError, Guarantees, OperationId, Protocol, Replica, Result } from '@dsm/core';
import { Node, type World } from '@dsm/core/node';
import type { Chance } from '../chance.js';
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

/** A member of the group: the very node that runs over real transports, in a world of its own. */
export class Process implements Sleeper {
  readonly slot: number;
  readonly node: Node<unknown>;
  readonly clockRate: number;
  paused = false;
  dead = false;
  entered = false;

  constructor(
    slot: number,
    plan: Plan,
    made: { protocol: Protocol<Guarantees, unknown>; replica: Replica<unknown> },
    world: { clock: Clock; chance: Chance; events: ProcessEvents },
  ) {
    this.slot = slot;
    this.clockRate = plan.clockRates[slot] ?? 1;
    const names = memberNames(plan.members);
    const { protocol, replica } = made;
    const { events } = world;
    this.node = new Node<unknown>(
      {
        self: slot,
        identity: {
          group: 'simulated',
          name: names[slot] as string,
          protocol: protocol.name,
          options: '{}',
          members: names,
        },
        names,
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
