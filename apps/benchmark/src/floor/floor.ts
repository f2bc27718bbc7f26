import type { ChildProcess } from 'node:child_process';
import { type Guarantees, majority } from '@dsm/core';
import type { Children } from '../children.js';
import { PortTaken, withFreePorts } from '../free-ports.js';
import { Histogram } from '../load/histogram.js';

/** What a floor is measured for. */
export interface FloorOrder {
  readonly members: number;
  /** Answers awaited in each round. */
  readonly answers: number;
  readonly bytes: number;
  readonly milliseconds: number;
}

/** Beyond the time it measures, for starting. */
const limitMs = 20_000;

/** The answers of others that one round of the protocol waits for. */
export function answersAwaited({ reads, writes }: Guarantees, members: number): number {
  return reads === 'all' || writes === 'all' ? members - 1 : majority(members) - 1;
}

/** Round trips of a bare frame between processes: what no protocol over the same sockets can be faster than. */
export async function measureFloor(children: Children, order: FloorOrder): Promise<Histogram> {
  if (order.members < 2 || order.answers < 1) return new Histogram();
  return withFreePorts(order.members - 1, (ports) => measureOn(ports, children, order));
}

async function measureOn(
  ports: readonly number[],
  children: Children,
  order: FloorOrder,
): Promise<Histogram> {
  const peers = ports.map((port) => `tcp://127.0.0.1:${port}`);
  const figures = [order.answers, order.bytes, order.milliseconds].map(String);
  const probe = children.start(new URL('./floor-probe.js', import.meta.url), [...figures, ...peers]);
  const echoes = peers.map((peer) => children.start(new URL('./floor-echo.js', import.meta.url), [peer]));
  try {
    return await measured(probe, echoes, order.milliseconds + limitMs);
  } finally {
    for (const child of [probe, ...echoes]) child.kill('SIGKILL');
  }
}

function measured(
  probe: ChildProcess,
  echoes: readonly ChildProcess[],
  withinMs: number,
): Promise<Histogram> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('The floor could not be measured in time.')), withinMs);
    for (const child of [probe, ...echoes]) {
      child.once('exit', (code, signal) => {
        clearTimeout(timer);
        // They do nothing that could fail but listen.
        reject(new PortTaken(`a process that measures the floor ended with ${code ?? signal}`));
      });
    }
    probe.once('message', ({ counts }: { counts: Uint32Array }) => {
      clearTimeout(timer);
      resolve(new Histogram(counts));
    });
  });
}
