import { createClient } from '@redis/client';
import { withFreePorts } from '../free-ports.js';
import { startProgram } from './program.js';
import type { Server, Usage } from './server.js';

/** Looked for on PATH. */
export const redisProgram = 'redis-server';

/** Starts the `redis-server` that is on PATH, on a free port of loopback and without persistence. */
export function startRedis(): Promise<Server> {
  return withFreePorts(1, ([port = 0]) => startOn(port));
}

async function startOn(port: number): Promise<Server> {
  const program = await startProgram({
    program: redisProgram,
    words: ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'],
    log: 'stdout',
    ready: 'Ready to accept connections',
  });
  const address = `redis://127.0.0.1:${port}`;
  const client = createClient({ url: address });
  client.on('error', () => undefined); // Every command that fails rejects; this event only repeats it.
  await client.connect();
  const version = /^redis_version:(\S+)/m.exec(await client.info())?.[1];
  return {
    address,
    report: { software: `redis ${version}`, durability: 'none: nothing is written to disk' },
    usage: async () => usageOf(await client.info()),
    held: async () => Number(/^used_memory:(\d+)/m.exec(await client.info('memory'))?.[1]),
    stop: async () => {
      client.destroy();
      await program.stop();
    },
  };
}

function usageOf(info: string): Usage {
  const figure = (name: string): number => Number(new RegExp(`^${name}:([\\d.]+)`, 'm').exec(info)?.[1] ?? 0);
  return {
    cpuSeconds: figure('used_cpu_sys') + figure('used_cpu_user'),
    residentBytes: figure('used_memory_rss'),
    bytes: figure('total_net_input_bytes') + figure('total_net_output_bytes'),
  };
}
