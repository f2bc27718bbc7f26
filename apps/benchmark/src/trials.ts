import { protocols } from './systems.js';
import { againstRedis, readAgainstRedis, writesAgainstEtcd } from './trials/beside-servers.js';
import { byTheHolder, contended } from './trials/contention.js';
import { heap, inFloors, localReads, nineAgainstThree, perCpuSecond, recorded } from './trials/costs.js';
import type { Trial } from './trials/trial.js';

/** Every promise, in the order they are measured. Ratios hold within one run only, so each trial is one. */
export const trials: readonly Trial[] = [
  againstRedis({ workload: 'ycsb-c', clients: 192, transport: 'zeromq' }, 1.2),
  againstRedis({ workload: 'ycsb-a', clients: 192, transport: 'zeromq' }, 0.9),
  againstRedis({ workload: 'ycsb-b', clients: 768, transport: 'zeromq' }, 1.8),
  againstRedis({ workload: 'ycsb-b', clients: 192, transport: 'tcp' }, 1.8),
  readAgainstRedis(0.6),
  writesAgainstEtcd('zeromq', 20),
  writesAgainstEtcd('tcp', 20),
  { name: 'one client in floors', perform: inFloors },
  { name: 'recorded against not recorded', perform: recorded },
  ...Object.keys(protocols).map((system) => heap(system, 40)),
  nineAgainstThree('reads'),
  nineAgainstThree('writes'),
  { name: 'local reads', perform: localReads },
  perCpuSecond('causal', 'writes', 8),
  perCpuSecond('total-order', 'writes', 0.5),
  perCpuSecond('token-coherence', 'reads', 15),
  perCpuSecond('read-replication', 'reads', 15),
  { name: 'writes of token-coherence migrate by its holder', perform: byTheHolder },
  perCpuSecond('read-replication', 'writes', 0.7),
  contended('token-coherence'),
  contended('token-coherence migrate'),
  contended('read-replication'),
];
