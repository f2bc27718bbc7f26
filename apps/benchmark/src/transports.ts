import type { Transport } from '@dsm/core';
import { tcp } from '@dsm/transport-tcp';
import { zeromq } from '@dsm/transport-zeromq';
import { protocols } from './systems.js';

/** What members can be joined over. */
export const transports = { zeromq: () => zeromq(), tcp: () => tcp() } satisfies Record<
  string,
  () => Transport
>;

export type TransportName = keyof typeof transports;

/** One row of the table: a system, and what its members are joined over. */
export interface Entrant {
  readonly system: string;
  /** `undefined`: the system decides. */
  readonly transport?: TransportName | undefined;
  readonly label: string;
}

/** What a system is joined over: where nothing was chosen, our protocols take ZeroMQ, and others what they have. */
export function transportOf({ system, transport }: Entrant): TransportName | undefined {
  return transport ?? (Object.hasOwn(protocols, system) ? 'zeromq' : undefined);
}

/** Every system over every transport; what is not a protocol of this project has none to choose, and runs once. */
export function entrantsOf(
  systems: readonly string[],
  chosen: readonly TransportName[] = ['zeromq'],
): readonly Entrant[] {
  const [only] = chosen;
  const usual = chosen.length === 1 && only === 'zeromq';
  return systems.flatMap((system): Entrant[] => {
    if (usual || !Object.hasOwn(protocols, system)) return [{ system, label: system }];
    return chosen.map((transport) => ({ system, transport, label: `${system} over ${transport}` }));
  });
}
