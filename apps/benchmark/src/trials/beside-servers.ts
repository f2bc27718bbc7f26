import { figure } from '../print/numbers.js';
import type { Run } from '../run.js';
import type { TransportName } from '../transports.js';
import { type Finding, named, register, run, type Trial, type TrialSurroundings } from './trial.js';

/** The clients that people use; what our own face costs on top is no yardstick. */
const redisClients = ['redis (node-redis)', 'redis (ioredis)'];
const etcd = 'etcd (@dsm/etcd)';

interface Load {
  readonly workload: string;
  readonly clients: number;
  readonly transport: TransportName;
}

/** The register's throughput against that of the better client of Redis. */
export function againstRedis({ workload, clients, transport }: Load, target: number): Trial {
  const name = `${workload}, ${clients} clients, over ${transport}, throughput against Redis`;
  const perform = async (around: TrialSurroundings): Promise<Finding[]> => {
    const systems = [register, ...redisClients];
    const changes = { systems, clients, workload: named(workload), transports: [transport] };
    const { outcome } = await run(around, changes);
    const [ours, ...theirs] = outcome.runs.map(({ throughput }) => throughput);
    const measured = (ours ?? Number.NaN) / Math.max(...theirs);
    return [{ name, measured, target, bound: 'least', from: throughputsOf(outcome.runs) }];
  };
  return { name, perform };
}

/** The register's time for a read, when nobody else is there, against that of the quicker client of Redis. */
export function readAgainstRedis(target: number): Trial {
  const name = 'one client, read p50 over tcp against a GET of Redis';
  const perform = async (around: TrialSurroundings): Promise<Finding[]> => {
    const systems = [register, ...redisClients];
    const changes = { systems, clients: 1, workload: named('reads'), transports: ['tcp'] as const };
    const { outcome } = await run(around, changes);
    const [ours, ...theirs] = outcome.runs.map(({ latencyUs }) => latencyUs.read.p50);
    const measured = (ours ?? Number.NaN) / Math.min(...theirs);
    const each = outcome.runs.map(({ system, latencyUs }) => `${system} ${figure(latencyUs.read.p50)} µs`);
    return [{ name, measured, target, bound: 'most', from: each.join(', ') }];
  };
  return { name, perform };
}

/** The register's writes, which are in the memory of a majority, against those of etcd, which are on its disk. */
export function writesAgainstEtcd(transport: TransportName, target: number): Trial {
  const name = `linearizable writes, 64 clients, over ${transport}, throughput against etcd`;
  const perform = async (around: TrialSurroundings): Promise<Finding[]> => {
    const systems = [register, etcd];
    const changes = { systems, clients: 64, workload: named('writes'), transports: [transport] };
    const { outcome } = await run(around, changes);
    const [ours, theirs] = outcome.runs;
    const measured = (ours?.throughput ?? Number.NaN) / (theirs?.throughput ?? Number.NaN);
    const from = `${throughputsOf(outcome.runs)} with ${theirs?.server?.durability}`;
    return [{ name, measured, target, bound: 'least', from }];
  };
  return { name, perform };
}

function throughputsOf(runs: readonly Run[]): string {
  return runs.map(({ system, throughput }) => `${system} ${figure(throughput)}/s`).join(', ');
}
