import type { Benchmarked } from '../../src/benchmark.js';
import type { Run } from '../../src/run.js';

const guarantees = {
  consistency: 'linearizable',
  compareAndSwap: false,
  reads: 'quorum',
  writes: 'quorum',
  survives: 'minority',
  onPartition: 'minority-stops',
} as const;

const register: Run = {
  system: 'attiya-register',
  guarantees,
  workload: 'ycsb-b',
  members: 3,
  clients: 64,
  operations: 512_345,
  reads: 486_728,
  writes: 25_617,
  failedOperations: 0,
  swaps: 0,
  lostSwaps: 0,
  seconds: 5.002,
  throughput: 102_428,
  operationsPerCpuSecond: 51_214.3,
  spread: { throughput: [98_000, 104_000], operationsPerCpuSecond: [50_000, 52_000] },
  latencyUs: {
    read: { p50: 146.2, p99: 812.5, p999: 2_345 },
    write: { p50: 301, p99: 1_510, p999: 4_100.4 },
  },
  messagesPerOperation: { read: 3.811, write: 7.99 },
  bytesPerOperation: 2_310.5,
  startUpMs: 123.4,
  residentBytes: 412_000_000,
  residentBytesPer100kEntries: 90_000_000,
  heapBytesPer100kEntries: 30_000_000,
  cdf: {
    read: [
      [100, 0.1],
      [146.2, 0.5],
      [3_000, 1],
    ],
    write: [
      [301, 0.5],
      [5_000, 1],
    ],
  },
  verdict: 'legal',
  checkedOperations: 256_000,
  checkedOf: 512_345,
  convergedKeys: 10_000,
};

const unmeasured = { p50: Number.NaN, p99: Number.NaN, p999: Number.NaN };

const broken: Run = {
  ...register,
  system: 'broken <i>',
  latencyUs: { read: { p50: 5.25, p99: 9.5, p999: 12 }, write: unmeasured },
  messagesPerOperation: { read: 0, write: Number.NaN },
  operations: 1_000,
  reads: 1_000,
  writes: 0,
  failedOperations: 0,
  checkedOperations: 1_000,
  checkedOf: 1_000,
  convergedKeys: 0,
  verdict: 'illegal',
};

const skipped: Run = {
  ...register,
  system: 'skipped',
  verdict: 'unchecked',
  checkedOperations: 0,
  convergedKeys: 0,
};

/** An outcome with every kind of row. */
export const sampleOutcome: Benchmarked = {
  outcome: {
    machine: '2 × Processor, 24 GB, linux x64',
    node: 'v20.19.0',
    commit: 'abc1234',
    date: '2026-01-02T03:04:05.678Z',
    rounds: 3,
    command: 'npm run bench -- --rounds 3',
    load: {
      valueBytes: 1_000,
      keys: 10_000,
      rate: null,
      arrivals: null,
      seconds: 5,
      warmUpSeconds: 1,
      seed: 1,
      verified: true,
    },
    floorUs: { p50: 140, p99: 300.25 },
    runs: [register, broken, skipped],
    curves: [],
    scaling: [],
    unmeasured: [],
  },
  measured: [
    { run: register, notes: ['without compare-and-swap, add are plain writes'] },
    { run: broken, notes: [], reason: 'key "k": stale\na │ [read 1]' },
    { run: skipped, notes: [] },
  ],
  objections: [],
};
