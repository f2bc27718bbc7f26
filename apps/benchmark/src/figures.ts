import type { Guarantees, ServerReport } from '@dsm/core';
import { Histogram } from './load/histogram.js';
import { idBytes } from './load/values.js';
import type { Grown } from './loaded-group.js';
import type { Totals } from './orders.js';
import type { Usage } from './peers/server.js';
import type { Measured, Run } from './run.js';
import type { Settings } from './settings.js';
import type { TransportName } from './transports.js';
import type { Judgement } from './verdict.js';
import type { Workload } from './workload/workload.js';

/** What was measured. */
export interface Subject {
  readonly system: string;
  readonly transport?: TransportName | undefined;
  readonly settings: Settings;
  readonly workload: Workload;
  readonly guarantees: Guarantees;
  /** Whether it has a compare-and-swap. */
  readonly swaps: boolean;
}

/** What was seen in the measured phase. */
export interface Sighting {
  readonly totals: readonly Totals[];
  readonly beginNs: number;
  readonly before?: Usage | undefined;
  readonly after?: Usage | undefined;
  readonly startUpMs: number;
  readonly server?: ServerReport | undefined;
  readonly grown?: Grown | undefined;
}

/** The figures of a run, from what its members and its server counted. */
export function figuresOf(subject: Subject, sighting: Sighting, judgement: Judgement): Measured {
  const { system, transport, settings, workload, guarantees } = subject;
  const { totals, after } = sighting;
  const reads = merged(totals.map((total) => total.reads));
  const writes = merged(totals.map((total) => total.writes));
  const operations = reads.size + writes.size;
  const run: Run = {
    system,
    transport,
    guarantees,
    workload: workload.name,
    members: settings.members,
    clients: settings.clients,
    rate: settings.rate,
    operations,
    reads: reads.size,
    writes: writes.size,
    failedOperations: sum(totals, ({ failures }) => [...failures.values()].reduce((so, one) => so + one, 0)),
    swaps: sum(totals, (total) => total.swaps),
    lostSwaps: sum(totals, (total) => total.lostSwaps),
    ...speedOf(operations, sighting),
    latencyUs: { read: reads.percentilesUs(), write: writes.percentilesUs() },
    messagesPerOperation: {
      read: messagesPer(totals, 'read', reads.size),
      write: messagesPer(totals, 'write', writes.size),
    },
    bytesPerOperation: rounded(bytesOf(sighting) / operations, 1),
    startUpMs: rounded(sighting.startUpMs, 1),
    residentBytes: sum(totals, (total) => total.residentBytes) + (after?.residentBytes ?? 0),
    ...growthOf(sighting, settings.members),
    server: sighting.server,
    cdf: { read: reads.cumulatedUs(), write: writes.cumulatedUs() },
    verdict: judgement.verdict,
    checkedOperations: judgement.checkedOperations,
    checkedOf: operations,
    convergedKeys: judgement.convergedKeys ?? 0,
  };
  return { run, notes: notesOn(subject, totals), reason: judgement.reason };
}

function speedOf(
  operations: number,
  { totals, beginNs, before, after }: Sighting,
): Pick<Run, 'seconds' | 'throughput' | 'operationsPerCpuSecond' | 'spread'> {
  const seconds = Math.max(0, ...totals.map((total) => total.lastEnd - beginNs)) / 1e9;
  const cpuSeconds = sum(totals, (total) => total.cpuSeconds) + used(before, after, 'cpuSeconds');
  const throughput = rounded(operations / seconds, 1);
  const operationsPerCpuSecond = rounded(operations / cpuSeconds, 1);
  return {
    seconds: rounded(seconds, 3),
    throughput,
    operationsPerCpuSecond,
    spread: {
      throughput: [throughput, throughput],
      operationsPerCpuSecond: [operationsPerCpuSecond, operationsPerCpuSecond],
    },
  };
}

function growthOf(
  { grown }: Sighting,
  members: number,
): Pick<Run, 'residentBytesPer100kEntries' | 'heapBytesPer100kEntries'> {
  const per100k = (bytes: number): number => Math.round((bytes / (grown?.entries ?? 0)) * 100_000);
  return {
    residentBytesPer100kEntries: grown === undefined ? null : per100k(grown.memberBytes + grown.serverBytes),
    heapBytesPer100kEntries: grown === undefined ? null : per100k(grown.memberBytes / members),
  };
}

function bytesOf({ totals, before, after }: Sighting): number {
  if (after !== undefined) return used(before, after, 'bytes');
  return sum(totals, (total) => total.traffic?.bytes ?? Number.NaN);
}

function notesOn({ settings, workload, swaps }: Subject, totals: readonly Totals[]): string[] {
  const notes = [...workload.notes];
  if (!swaps && workload.swaps.length > 0) {
    notes.push(`without compare-and-swap, ${workload.swaps.join(', ')} are plain writes`);
  }
  if (workload.valueBytes < idBytes) {
    notes.push(`values have ${idBytes} bytes instead of ${workload.valueBytes}, to be all different`);
  }
  if (settings.rate !== undefined) {
    notes.push(
      `open loop, ${settings.rate} arrivals per second (${settings.spread}), timed from when they were due`,
    );
  }
  const unbegun = sum(totals, (total) => total.unbegun);
  if (unbegun > 0) notes.push(unbegunOf(unbegun));
  const failures = new Map<string, number>();
  for (const total of totals) {
    for (const [code, count] of total.failures) failures.set(code, (failures.get(code) ?? 0) + count);
  }
  for (const [code, count] of failures) notes.push(`${count} operations failed: ${code}`);
  return notes;
}

/** Those that waited longest are missing, so that what is said of the others is less than what it would be. */
function unbegunOf(count: number): string {
  const who = `some ${count.toLocaleString('en')} operations that were due`;
  return `${who} were given up unbegun, and are in no figure: latencies would be longer with them`;
}

function merged(counts: readonly Uint32Array[]): Histogram {
  const all = new Histogram();
  for (const each of counts) all.add(new Histogram(each));
  return all;
}

function messagesPer(totals: readonly Totals[], kind: 'read' | 'write', operations: number): number {
  const messages = sum(totals, ({ traffic }) => traffic?.messages[kind] ?? Number.NaN);
  return operations === 0 ? Number.NaN : rounded(messages / operations, 3);
}

function used(before: Usage | undefined, after: Usage | undefined, what: 'cpuSeconds' | 'bytes'): number {
  return (after?.[what] ?? 0) - (before?.[what] ?? 0);
}

function sum(totals: readonly Totals[], of: (total: Totals) => number): number {
  return totals.reduce((so, total) => so + of(total), 0);
}

function rounded(value: number, digits: number): number {
  return Math.round(value * 10 ** digits) / 10 ** digits;
}
