import type { Guarantees } from '@dsm/core';
import { createClient } from '@redis/client';
import { Redis } from 'ioredis';
import type { Memory, Seat } from '../memory.js';

/** One server is one copy: every operation takes effect there, one after the other, and is gone with it. */
const guarantees: Guarantees = {
  consistency: 'linearizable',
  compareAndSwap: false,
  reads: 'server',
  writes: 'server',
  survives: 'none',
  onPartition: 'minority-stops',
};

/** A client of the server through node-redis, which pipelines what is asked in one turn. */
export async function nodeRedis({ server }: Seat): Promise<Memory> {
  const client = createClient({ url: server ?? '' });
  client.on('error', () => undefined); // Every command that fails rejects; this event only repeats it.
  await client.connect();
  return {
    guarantees,
    read: async (key) => (await client.get(key)) ?? undefined,
    write: (key, value) => client.set(key, value),
    delete: (key) => client.del(key),
    close: async () => client.destroy(),
  };
}

/** A client of the server through ioredis with its automatic pipelines. */
export async function ioredis({ server }: Seat): Promise<Memory> {
  const client = new Redis(server ?? '', { enableAutoPipelining: true, lazyConnect: true });
  client.on('error', () => undefined); // Every command that fails rejects; this event only repeats it.
  await client.connect();
  return {
    guarantees,
    read: async (key) => (await client.get(key)) ?? undefined,
    write: (key, value) => client.set(key, value),
    delete: (key) => client.del(key),
    close: async () => client.disconnect(),
  };
}
