import type { Run } from '../run.js';
import { listed } from './numbers.js';

type Counted = Pick<Run, 'reads' | 'writes' | 'latencyUs'>;

const names = { p50: 'p50', p99: 'p99', p999: 'p99.9' } as const;

/** Which percentiles are absent because too few operations were measured, in words. */
export function scarcitiesOf({ reads, writes, latencyUs }: Counted, rounds: number): string[] {
  const counts = { read: reads, write: writes };
  return (['read', 'write'] as const).flatMap((kind) => {
    const percentiles = latencyUs[kind];
    const absent = (['p50', 'p99', 'p999'] as const).filter((name) => Number.isNaN(percentiles[name]));
    if (counts[kind] === 0 || absent.length === 0) return [];
    const few = `${counts[kind].toLocaleString('en')} ${kind}s`;
    const what = rounds > 1 ? `a round of ${few} tells` : `${few} tell`;
    return [`${what} too little for ${listed(absent.map((name) => names[name]))}`];
  });
}
