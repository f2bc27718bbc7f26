import { joinVia, memoryNetwork, type Value } from '@dsm/core';
import type { AnyProtocol } from '../case.js';

/** Values as replicas get them: written to a protocol that keeps nothing but the bytes. */
export async function encodings(values: readonly unknown[]): Promise<Uint8Array[]> {
  const kept: Value[] = [];
  const join = joinVia(async () => memoryNetwork());
  const memory = await join(keeping(kept), { id: 'a', members: { a: 'memory://a' } });
  await Promise.all(values.map((value) => memory.write('k', value)));
  await memory.close();
  return kept as Uint8Array[];
}

function keeping(kept: Value[]): AnyProtocol {
  return {
    name: 'keeps what is written',
    guarantees: {
      consistency: 'none',
      compareAndSwap: false,
      reads: 'server',
      writes: 'local',
      survives: 'none',
      onPartition: 'all-continue',
    },
    options: {},
    channels: 'fifo',
    membership: 'views',
    changes: 'newest',
    answersNeeded: () => 1,
    replica: () => ({
      read: (operation, _, host) => {
        host.complete(operation, { kind: 'read', entry: { value: null, version: 0 } });
      },
      write: (operation, _, value, host) => {
        kept.push(value);
        host.complete(operation, { kind: 'written', version: kept.length });
      },
      receive: () => undefined,
      keys: () => [],
      seal: () => undefined,
      enter: () => undefined,
    }),
    codec: { encode: () => undefined, decode: () => undefined, purpose: () => 'read' },
  };
}
