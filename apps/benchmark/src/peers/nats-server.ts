import { withFreePorts } from '../free-ports.js';
import { processUsage } from './process-usage.js';
import { startProgram } from './program.js';
import { scratch } from './scratch.js';
import type { Server } from './server.js';

/** Looked for on PATH. */
export const natsProgram = 'nats-server';

const report = { durability: 'in files, with fsync every two minutes: not before a write is acknowledged' };

/** Starts the `nats-server` that is on PATH, with JetStream, as it comes. */
export function startNats(): Promise<Server> {
  return withFreePorts(1, ([port = 0]) => startOn(port));
}

async function startOn(port: number): Promise<Server> {
  const { directory, remove } = await scratch('nats');
  try {
    const words = ['--jetstream', '--store_dir', directory, '--addr', '127.0.0.1', '--port', String(port)];
    const program = await startProgram({
      program: natsProgram,
      words,
      log: 'stderr',
      ready: 'Server is ready',
    });
    const stop = () => program.stop().finally(remove);
    const usage = () => processUsage(program.pid);
    const address = `nats://127.0.0.1:${port}`;
    return { address, report, usage, held: async () => (await usage()).residentBytes, stop };
  } catch (error) {
    remove();
    throw error;
  }
}
