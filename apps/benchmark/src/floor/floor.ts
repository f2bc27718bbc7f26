import type { ChildProcess } from 'node:child_process';
import { type Guarantees, majority } from '@dsm/core';
import type { Children } from '../children.js';
import { freePorts } from '../free-ports.js';
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
  const [listen = '', ...peers] = (await freePorts(order.members)).map((port) => `tcp://127.0.0.1:${port}`);
  const echoes = peers.map((peer) =>
    children.start(new URL('./floor-echo.js', import.meta.url), [peer, listen]),
  );
  const figures = [order.answers, order.bytes, order.milliseconds].map(String);
  const probe = children.start(new URL('./floor-probe.js', import.meta.url), [listen, ...figures, ...peers]);
  try {
    return await measured(probe, order.milliseconds + limitMs);
  } finally {
    for (const child of [probe, ...echoes]) child.kill('SIGKILL');
  }
}

function measured(probe: ChildProcess, milliseconds: number): Promise<Histogram> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error('The floor could not be measured in time.')),
      milliseconds,
    );
    probe.once('exit', (code, signal) => {
      clearTimeout(timer);
      reject(new Error(`The process that measures the floor ended with ${code ?? signal}.`));
    });
    probe.on('message', (message: { kind: string; counts?: Uint32Array }) => {
      if (message.counts === undefined) return;
      clearTimeout(timer);
      resolve(new Histogram(message.counts));
    });
  });
}
