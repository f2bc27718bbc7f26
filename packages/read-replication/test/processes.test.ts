import { checkLinearizable } from '@dsm/checker';
import { type MemberProcess, Processes, progress } from '@dsm/conformance/processes';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const timeout = 90_000;
const names = ['a', 'b', 'c'] as const;
const light = { count: 8, keys: 5, valueBytes: 20, writes: 0.5 };

let processes: Processes;
beforeEach(() => {
  const module = new URL('../dist/index.js', import.meta.url).href;
  processes = new Processes({ module, factory: 'readReplication' });
});
afterEach(() => processes.end());

async function three(options: Record<string, unknown> = {}, protocol: object = {}) {
  const { started } = await processes.group(names, options, protocol);
  return started as [MemberProcess, MemberProcess, MemberProcess];
}

function expectLegal(least: number): void {
  const { verdict, reason, checkedOperations } = checkLinearizable(processes.history());
  expect(`${verdict} ${reason ?? ''}`).toBe('legal ');
  expect(checkedOperations).toBeGreaterThan(least);
}

describe('three processes under load', { timeout }, () => {
  test.each(['invalidate', 'update'])('are linearizable, with policy %s', async (policy) => {
    const all = await three({}, { policy });
    for (const member of all) await member.load(light);
    await Promise.all(all.map((member) => progress(member, 500)));
    await Promise.all(all.map((member) => member.stop()));
    expect(processes.failures()).toEqual([]);
    expectLegal(1_500);
  });
});

describe('a paused member', { timeout }, () => {
  test('makes others wait, and nothing is lost when it goes on in time', async () => {
    const all = await three({ timeout: 60_000 }, { directory: 'c' });
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
    for (let calls = 0; calls < 300; calls += 1) {
      await Promise.all([a, b].map((each) => each.call('status')));
    }
    expect(ended).toBe(0);
    c.child.kill('SIGCONT');
    await Promise.all(writes);
    await Promise.all(all.map((member) => progress(member, 100)));
    await Promise.all(all.map((member) => member.stop()));
    expect(processes.failures()).toEqual([]);
    expectLegal(300);
  });
});

describe('a killed member', { timeout }, () => {
  test('under load leaves a linearizable history, and others whose writes end with an error', async () => {
    const all = await three({ timeout: 2_000, suspectAfterMs: 400 });
    const [a, b, c] = all;
    for (const member of all) await member.load(light);
    await Promise.all(all.map((member) => progress(member, 300)));
    c.child.kill('SIGKILL');
    await c.ended;
    // Every client comes to an operation that cannot end, and is done with it.
    await Promise.all([a.stop(), b.stop()]);
    const state = async () => ((await a.call('status')) as { state: string }).state;
    await expect.poll(state, { timeout: 10_000 }).toBe('suspended');
    const writes = Array.from({ length: 16 }, (_, n) => a.call('write', `key ${n}`, 'after'));
    const errors = (await Promise.allSettled(writes)).flatMap((end) =>
      end.status === 'rejected' ? [end.reason] : [],
    );
    expect(errors.length).toBeGreaterThan(0);
    for (const error of errors) expect(error).toMatchObject({ code: 'DSM_UNAVAILABLE', outcome: 'unknown' });
    expectLegal(900);
  });
});
