import { describe, expect, it } from 'vitest';
import { figuresOf, type Subject } from '../src/figures.js';
import { Histogram } from '../src/load/histogram.js';
import type { Totals } from '../src/orders.js';
import { workloadOf } from '../src/workload/catalogue.js';

function counts(...values: number[]): Uint32Array {
  const histogram = new Histogram();
  for (const value of values) histogram.record(value);
  return histogram.counts;
}

const member: Totals = {
  reads: counts(100_000, 100_000, 100_000),
  writes: counts(500_000),
  swaps: 0,
  lostSwaps: 0,
  lastEnd: 3e9,
  unbegun: 0,
  failures: new Map(),
  cpuSeconds: 0.5,
  residentBytes: 1_000,
  traffic: { messages: { read: 12, write: 8 }, bytes: 400 },
  level: 0,
  counts: [],
};

const subject: Subject = {
  system: 'x',
  settings: {
    systems: ['x'],
    workload: { name: 'ycsb-b', size: {} },
    members: 2,
    clients: 4,
    spread: 'poisson',
    seconds: 2,
    warmSeconds: 0,
    rounds: 1,
    seed: 1,
    verify: true,
    floor: true,
  },
  workload: workloadOf({ name: 'ycsb-b', size: {} }),
  guarantees: {
    consistency: 'linearizable',
    compareAndSwap: false,
    reads: 'quorum',
    writes: 'quorum',
    survives: 'minority',
    onPartition: 'minority-stops',
  },
  swaps: false,
};
const legal = { verdict: 'legal', checkedOperations: 8 } as const;

describe('figuresOf', () => {
  it('adds up what the members counted', () => {
    const { run, notes } = figuresOf(
      subject,
      { totals: [member, { ...member, lastEnd: 2e9 }], beginNs: 1e9, startUpMs: 12.34 },
      legal,
    );
    expect(run).toMatchObject({
      operations: 8,
      failedOperations: 0,
      seconds: 2,
      throughput: 4,
      operationsPerCpuSecond: 8,
      messagesPerOperation: { read: 4, write: 8 },
      bytesPerOperation: 100,
      startUpMs: 12.3,
      residentBytes: 2_000,
      verdict: 'legal',
      checkedOperations: 8,
      checkedOf: 8,
    });
    expect(run).toMatchObject({ reads: 6, writes: 2 });
    expect(run.latencyUs.read.p50 / 100).toBeCloseTo(1, 2);
    expect(run.latencyUs.write.p50 / 500).toBeCloseTo(1, 2);
    expect(notes).toEqual([]);
  });

  it('adds what the server used, and has no messages, which nobody counted', () => {
    const before = { cpuSeconds: 10, residentBytes: 1, bytes: 1_000 };
    const after = { cpuSeconds: 12, residentBytes: 5_000, bytes: 1_800 };
    const client = { ...member, traffic: undefined };
    const { run } = figuresOf(
      subject,
      { totals: [client, client], beginNs: 1e9, startUpMs: 1, before, after },
      legal,
    );
    expect(run).toMatchObject({
      operationsPerCpuSecond: 2.7,
      messagesPerOperation: { read: Number.NaN, write: Number.NaN },
      bytesPerOperation: 100,
      residentBytes: 7_000,
    });
  });

  it('has no figure for what nobody counted', () => {
    const { run } = figuresOf(
      subject,
      { totals: [{ ...member, traffic: undefined }], beginNs: 1e9, startUpMs: 1 },
      legal,
    );
    expect(run.messagesPerOperation).toEqual({ read: Number.NaN, write: Number.NaN });
    expect(run.bytesPerOperation).toBeNaN();
  });

  it('says what entries take: of all together, and of one member', () => {
    const grown = { entries: 200, memberBytes: 8_000, serverBytes: 1_000 };
    const of = (seen: object) =>
      figuresOf(subject, { totals: [member, member], beginNs: 1e9, startUpMs: 1, ...seen }, legal).run;
    expect(of({ grown })).toMatchObject({
      residentBytesPer100kEntries: 4_500_000,
      heapBytesPer100kEntries: 2_000_000,
    });
    expect(of({})).toMatchObject({ residentBytesPer100kEntries: null, heapBytesPer100kEntries: null });
  });

  it('says what became of swaps, small values, an open loop and failures', () => {
    const workload = workloadOf({ name: 'twitter-25', size: { valueBytes: 4 } });
    const settings = { ...subject.settings, rate: 50 };
    const failing = { ...member, failures: new Map([['DSM_TIMEOUT', 2]]) };
    const notesWith = (swaps: boolean): readonly string[] =>
      figuresOf(
        { ...subject, settings, workload, swaps },
        { totals: [failing, failing], beginNs: 0, startUpMs: 1 },
        legal,
      ).notes;
    expect(notesWith(false)).toEqual([
      'without compare-and-swap, add, cas are plain writes',
      'values have 12 bytes instead of 4, to be all different',
      'open loop, 50 arrivals per second (poisson), timed from when they were due',
      '4 operations failed: DSM_TIMEOUT',
    ]);
    expect(notesWith(true)).toHaveLength(3);
    const late = { ...member, unbegun: 2_000 };
    const { notes } = figuresOf(subject, { totals: [late, late], beginNs: 0, startUpMs: 1 }, legal);
    expect(notes).toEqual([
      expect.stringMatching(/^some 4,000 operations that were due were given up unbegun/),
    ]);
    const at = { totals: [failing], beginNs: 0, startUpMs: 1 };
    expect(figuresOf({ ...subject, settings }, at, legal).run.rate).toBe(50);
  });

  it('says that the writes of YCSB F are plain without compare-and-swap, and counts lost swaps', () => {
    const workload = workloadOf({ name: 'ycsb-f', size: {} });
    const swapping = { ...member, swaps: 40, lostSwaps: 3 };
    const of = (swaps: boolean) =>
      figuresOf(
        { ...subject, workload, swaps },
        { totals: [swapping, swapping], beginNs: 0, startUpMs: 1 },
        legal,
      );
    expect(of(false).notes).toEqual([
      'without compare-and-swap, the writes of read-modify-writes are plain writes',
    ]);
    expect(of(true)).toMatchObject({ notes: [], run: { swaps: 80, lostSwaps: 6 } });
    expect(workloadOf({ name: 'ycsb-a', size: {} }).swaps).toEqual([]);
  });
});
