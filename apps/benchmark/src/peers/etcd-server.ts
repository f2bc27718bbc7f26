import { withFreePorts } from '../free-ports.js';
import { processUsage } from './process-usage.js';
import { startProgram } from './program.js';
import { scratch } from './scratch.js';
import type { Server } from './server.js';

/** Looked for on PATH. */
export const etcdProgram = 'etcd';

/** It keeps every revision: with the usual 2 GiB a long run would end in a database that is full. */
const quotaBytes = 8 * 1024 ** 3;

const report = { durability: 'fsync before a write is acknowledged, on a cluster of one' };

/** Starts the `etcd` that is on PATH, alone in its cluster and with `fsync`, as it is used: the least it can cost. */
export function startEtcd(): Promise<Server> {
  return withFreePorts(2, ([port = 0, peerPort = 0]) => startOn(port, peerPort));
}

async function startOn(port: number, peerPort: number): Promise<Server> {
  const { directory, remove } = await scratch('etcd');
  const [address, peer] = [`http://127.0.0.1:${port}`, `http://127.0.0.1:${peerPort}`];
  const options = {
    'data-dir': directory,
    'listen-client-urls': address,
    'advertise-client-urls': address,
    'listen-peer-urls': peer,
    'initial-advertise-peer-urls': peer,
    'initial-cluster': `default=${peer}`,
    'quota-backend-bytes': quotaBytes,
  };
  try {
    const words = Object.entries(options).map(([name, value]) => `--${name}=${value}`);
    const ready = 'ready to serve client requests';
    const program = await startProgram({ program: etcdProgram, words, log: 'stderr', ready });
    const stop = () => program.stop().finally(remove);
    const usage = () => processUsage(program.pid);
    return { address, report, usage, held: async () => (await usage()).residentBytes, stop };
  } catch (error) {
    remove();
    throw error;
  }
}
