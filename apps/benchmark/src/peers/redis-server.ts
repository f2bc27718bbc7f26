import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createClient } from '@redis/client';
import { PortTaken, withFreePorts } from '../free-ports.js';
import type { Server, Usage } from './server.js';

/** Looked for on PATH. */
export const redisProgram = 'redis-server';

const startMs = 10_000;

/** Starts the `redis-server` that is on PATH, on a free port of loopback and without persistence. */
export function startRedis(): Promise<Server> {
  return withFreePorts(1, ([port = 0]) => startOn(port));
}

async function startOn(port: number): Promise<Server> {
  const options = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
  const server = spawn(redisProgram, options, { stdio: ['ignore', 'pipe', 'inherit'] });
  // Whatever ends this process ends the server.
  const kill = (): void => void server.kill('SIGKILL');
  process.once('exit', kill);
  await ready(server);
  const address = `redis://127.0.0.1:${port}`;
  const client = createClient({ url: address });
  await client.connect();
  return {
    address,
    usage: async () => usageOf(await client.info()),
    stop: async () => {
      client.destroy();
      const gone = once(server, 'exit');
      server.kill('SIGKILL');
      await gone;
      process.removeListener('exit', kill);
    },
  };
}

async function ready(server: ChildProcess): Promise<void> {
  const timeout = AbortSignal.timeout(startMs);
  const started = new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.once('exit', (code) =>
      reject(new PortTaken(`redis-server ended with ${code} before it was ready`)),
    );
    timeout.addEventListener('abort', () => reject(new Error('redis-server was not ready in time')));
    server.stdout?.setEncoding('utf8').on('data', (text: string) => {
      if (text.includes('Ready to accept connections')) resolve();
    });
  });
  try {
    await started;
  } catch (error) {
    server.kill('SIGKILL');
    throw error;
  }
}

function usageOf(info: string): Usage {
  const figure = (name: string): number => Number(new RegExp(`^${name}:([\\d.]+)`, 'm').exec(info)?.[1] ?? 0);
  return {
    cpuSeconds: figure('used_cpu_sys') + figure('used_cpu_user'),
    residentBytes: figure('used_memory_rss'),
    bytes: figure('total_net_input_bytes') + figure('total_net_output_bytes'),
  };
}
