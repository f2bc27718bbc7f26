import type { Guarantees } from '@dsm/core';
import type { Run } from '../../run.js';
import { duration, figure, listed } from '../numbers.js';

const kinds = ['read', 'write'] as const;

/** How reads are answered. */
export const reads: Readonly<Record<Guarantees['reads'], string>> = {
  local: 'a read is answered from the memory of its own process',
  cached: 'a read is answered from a copy of its own process where there is one',
  quorum: 'a read asks a majority',
  all: 'a read asks all members',
  ordered: 'a read takes its place in the order that all members agree on',
  server: 'a read asks the server',
};

/** When writes end. */
export const writes: Readonly<Record<Guarantees['writes'], string>> = {
  local: 'a write ends at once, before others have heard of it',
  home: 'a write goes to the member that is in charge of the key',
  quorum: 'a write ends when a majority has stored it',
  all: 'a write may have to wait for all members',
  ordered: 'a write takes its place in the order that all members agree on',
  server: 'a write goes to the server',
};

/** How many operations a system completed. */
export function completed({ throughput }: Pick<Run, 'throughput'>): string {
  return `${figure(throughput)} operations a second`;
}

/** A sentence about which of several has the shortest tail of reads and of writes; none where one's is not known. */
export function tails(runs: readonly Pick<Run, 'system' | 'latencyUs'>[]): string[] {
  const least = kinds.flatMap((kind) => {
    const [best] = runs.toSorted((a, b) => a.latencyUs[kind].p99 - b.latencyUs[kind].p99);
    const known = runs.every(({ latencyUs }) => Number.isFinite(latencyUs[kind].p99));
    return best === undefined || !known
      ? []
      : [{ system: best.system, of: `${kind}s`, us: best.latencyUs[kind].p99 }];
  });
  const parts = least.map(({ system, of, us }, index) => {
    const what = index === 0 ? 'has the lowest p99' : 'that';
    return `${system} ${what} of ${of} (${duration(us)})`;
  });
  return parts.length === 0 ? [] : [`Among them ${listed(parts)}.`];
}

/** A sentence about the latency of what was measured of reads and writes; none where nothing was. */
export function latencies({ latencyUs }: Pick<Run, 'latencyUs'>): string[] {
  const measured = kinds.filter((kind) => Number.isFinite(latencyUs[kind].p50));
  if (measured.length === 0) return [];
  const halves = measured.map((kind) => `half of all ${kind}s took at most ${duration(latencyUs[kind].p50)}`);
  const tailed = measured.filter((kind) => Number.isFinite(latencyUs[kind].p99));
  const what = tailed.length === measured.length ? '' : ` ${tailed.map((kind) => `${kind}s`).join('')}`;
  const hundredths = tailed.map((kind) => duration(latencyUs[kind].p99));
  const tail = tailed.length === 0 ? '' : `; 99 of 100${what} took at most ${listed(hundredths)}`;
  const sentence = `${listed(halves)}${tail}.`;
  return [sentence.charAt(0).toUpperCase() + sentence.slice(1)];
}
