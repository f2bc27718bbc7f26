import { checkSequential } from '@dsm/checker';
import { deep } from '@dsm/conformance/chance';
import { type MemberProcess, Processes, progress } from '@dsm/conformance/processes';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { placeOf } from '../src/inspection.js';

const timeout = 90_000;
const names = ['a', 'b', 'c'] as const;
const light = { count: 8, keys: 5, valueBytes: 20, writes: 0.5 };
const keys = Array.from({ length: light.keys }, (_, index) => `key ${index}`);

let processes: Processes;
beforeEach(() => {
  const module = new URL('../dist/index.js', import.meta.url).href;
  processes = new Processes({ module, factory: 'totalOrder' });
});
afterEach(() => processes.end());

async function three(options: Record<string, unknown> = {}) {
  const { started } = await processes.group(names, options);
  return started as [MemberProcess, MemberProcess, MemberProcess];
}

const valuesAt = (member: MemberProcess) => Promise.all(keys.map((key) => member.call('entry', key)));

/** Waits until a member holds what another one does. */
async function agree(one: MemberProcess, other: MemberProcess): Promise<void> {
  await expect.poll(() => valuesAt(one), { timeout: 20_000 }).toEqual(await valuesAt(other));
}

function expectLegal(least: number): void {
  const { verdict, reason, checkedOperations } = checkSequential(processes.history(placeOf));
  expect(`${verdict} ${reason ?? ''}`).toBe('legal ');
  expect(checkedOperations).toBeGreaterThan(least);
}

describe('three processes under load', { timeout }, () => {
  test('read what can be explained by one order, and end with the same', async () => {
    const all = await three();
    for (const member of all) await member.load(light);
    await Promise.all(all.map((member) => progress(member, 300)));
    await Promise.all(all.map((member) => member.stop()));
    const [a, b, c] = all;
    await a.call('write', 'key 0', 'last');
    for (const member of [b, c]) await agree(member, a);
    expect(processes.failures()).toEqual([]);
    expectLegal(900);
  });
});

describe('a paused member', { timeout }, () => {
  test('makes writes wait, and nothing is lost when it goes on in time', async () => {
    const all = await three({ timeout: 60_000 });
    const [a, b, c] = all;
    for (const member of all) await member.load(light);
    await Promise.all(all.map((member) => progress(member, 100)));
    c.child.kill('SIGSTOP');
    let ended = 0;
    const writes = [a.call('write', 'x', 1), b.call('write', 'y', 1)].map((write) =>
      write.then(() => {
        ended += 1;
      }),
    );
    for (let reads = 0; reads < 300; reads += 1)
      await Promise.all([a, b].map((each) => each.call('read', 'x')));
    expect(ended).toBe(0);
    c.child.kill('SIGCONT');
    await Promise.all(writes);
    await Promise.all(all.map((member) => progress(member, 100)));
    await Promise.all(all.map((member) => member.stop()));
    await a.call('write', 'key 0', 'last');
    for (const member of [b, c]) await agree(member, a);
    expect(processes.failures()).toEqual([]);
    expectLegal(300);
  });

  test('lets writes time out with an unknown outcome; when it goes on all agree what became of them', async () => {
    const [a, b, c] = await three({ timeout: 1_000 });
    await a.call('write', 'key 0', 'before');
    c.child.kill('SIGSTOP');
    const refused = { code: expect.stringMatching(/^DSM_(TIMEOUT|UNAVAILABLE)$/), outcome: 'unknown' };
    await Promise.all([
      expect(a.call('write', 'key 1', 'of a')).rejects.toMatchObject(refused),
      expect(b.call('write', 'key 1', 'of b')).rejects.toMatchObject(refused),
    ]);
    expect(await b.call('read', 'key 0')).toBe('before');
    c.child.kill('SIGCONT');
    await expect
      .poll(() => a.call('write', 'key 2', 'after').catch(() => undefined), { timeout: 20_000 })
      .toBeTypeOf('string');
    for (const member of [b, c]) await agree(member, a);
    // What was asked for is ordered before what was asked for later at the same member, so it did happen.
    expect(await a.call('read', 'key 1')).toMatch(/^of [ab]$/);
  });
});

describe('a killed member', { timeout }, () => {
  test.runIf(deep)('leaves reads to the others, and their writes end with an error', async () => {
    const [a, b, c] = await three({ timeout: 2_000, suspectAfterMs: 400 });
    await a.call('write', 'key 0', 'before');
    await agree(b, a);
    c.child.kill('SIGKILL');
    await c.ended;
    const state = async () => ((await a.call('status')) as { state: string }).state;
    await expect.poll(state, { timeout: 10_000 }).toBe('suspended');
    await expect(a.call('write', 'key 0', 'after')).rejects.toMatchObject({
      code: 'DSM_UNAVAILABLE',
      outcome: 'unknown',
    });
    for (const member of [a, b]) expect(await member.call('read', 'key 0')).toBe('before');
  });

  test('under load leaves a history that one order explains', async () => {
    const all = await three({ timeout: 2_000 });
    const [a, b, c] = all;
    for (const member of all) await member.load(light);
    await Promise.all(all.map((member) => progress(member, 300)));
    c.child.kill('SIGKILL');
    await c.ended;
    // Every client comes to a write that cannot end, and is done with it.
    await Promise.all([a.stop(), b.stop()]);
    expect(await a.call('read', 'key 0')).toBeDefined();
    expectLegal(900);
  });
});
