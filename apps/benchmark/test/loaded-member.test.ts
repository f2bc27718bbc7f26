import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { LoadedMember } from '../src/loaded-member.js';
import type { Totals } from '../src/orders.js';

const module = fileURLToPath(new URL('fixtures/systems.mjs', import.meta.url));

afterEach(() => {
  vi.restoreAllMocks();
});

/** What a member that is alone counts. */
async function totalsOf(verify: boolean): Promise<Totals> {
  const member = new LoadedMember();
  await member.obey({ kind: 'appear', system: 'lonely', module });
  await member.obey({
    kind: 'join',
    system: 'lonely',
    module,
    seat: { id: 'a', members: { a: 'tcp://127.0.0.1:1' } },
    member: 0,
    clients: 1,
    busy: 1,
    workload: { name: 'ycsb-b', size: { keys: 5, valueBytes: 20 } },
    seed: 1,
    verify,
    origin: process.hrtime.bigint(),
  });
  await member.obey({ kind: 'preload' });
  await member.obey({ kind: 'mark', open: false });
  const totals = (await member.obey({ kind: 'totals' })) as Totals;
  await member.obey({ kind: 'leave' });
  return totals;
}

describe('LoadedMember', () => {
  it('does not count the memory of the history that it records', async () => {
    vi.spyOn(process.memoryUsage, 'rss').mockReturnValue(200e6);
    expect((await totalsOf(false)).residentBytes).toBe(200e6);
    expect((await totalsOf(true)).residentBytes).toBe(200e6 - 2 ** 20 * 64);
  });
});
