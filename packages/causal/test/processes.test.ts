import { checkCausal } from '@dsm/checker';
import { deep } from '@dsm/conformance/chance';
import { freeAddresses } from '@dsm/conformance/free-ports';
import { type MemberProcess, Processes, progress } from '@dsm/conformance/processes';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const timeout = 90_000;
const names = ['a', 'b', 'c'] as const;
const light = { count: 4, keys: 5, valueBytes: 20, writes: 0.5 };
const keys = Array.from({ length: light.keys }, (_, index) => `key ${index}`);

let processes: Processes;
beforeEach(() => {
  const module = new URL('../dist/index.js', import.meta.url).href;
  processes = new Processes({ module, factory: 'causal' });
});
afterEach(() => processes.end());

async function three(options: Record<string, unknown> = {}) {
  const { started } = await processes.group(names, options);
  return started as [MemberProcess, MemberProcess, MemberProcess];
}

const entriesAt = (member: MemberProcess) => Promise.all(keys.map((key) => member.call('entry', key)));

/** Waits until all hold the same, versions included. Nobody may be writing. */
async function converged(...members: MemberProcess[]): Promise<void> {
  const all = () => Promise.all(members.map(entriesAt));
  await expect
    .poll(async () => new Set((await all()).map((entries) => JSON.stringify(entries))).size, {
      timeout: 20_000,
    })
    .toBe(1);
}

function expectLegal(least: number): void {
  const { verdict, reason, checkedOperations } = checkCausal(processes.history());
  expect(`${verdict} ${reason ?? ''}`).toBe('legal ');
  expect(checkedOperations).toBeGreaterThan(least);
}

describe('three processes under load', { timeout }, () => {
  test('have a causal history, and converge', async () => {
    const all = await three();
    for (const member of all) await member.load(light);
    await Promise.all(all.map((member) => progress(member, 300)));
    await Promise.all(all.map((member) => member.stop()));
    await converged(...all);
    expect(processes.failures()).toEqual([]);
    expectLegal(900);
  });
});

describe('a paused member', { timeout }, () => {
  test('stops nobody, and converges when it goes on', async () => {
    const all = await three({ suspectAfterMs: 400 });
    const [a, b, c] = all;
    for (const member of all) await member.load(light);
    await Promise.all(all.map((member) => progress(member, 100)));
    c.child.kill('SIGSTOP');
    const alone = async () => {
      const { peers } = (await a.call('status')) as { peers: Record<string, { suspected: boolean }> };
      return peers.c?.suspected;
    };
    await expect.poll(alone, { timeout: 10_000 }).toBe(true);
    await Promise.all([progress(a, 300), progress(b, 300)]);
    c.child.kill('SIGCONT');
    await progress(c, 100);
    await Promise.all(all.map((member) => member.stop()));
    await converged(...all);
    expect(processes.failures()).toEqual([]);
    expectLegal(800);
  });
});

describe('a killed member', { timeout }, () => {
  test('stops nobody: the others write at once, see each other, and converge', async () => {
    const all = await three({ suspectAfterMs: 400 });
    const [a, b, c] = all;
    for (const member of all) await member.load(light);
    await Promise.all(all.map((member) => progress(member, 100)));
    c.child.kill('SIGKILL');
    await c.ended;
    await Promise.all([progress(a, 300), progress(b, 300)]);
    await Promise.all([a.stop(), b.stop()]);
    // Or what is written now may not know of a write that is newer.
    await converged(a, b);
    await a.call('write', 'key 0', 'afterwards');
    await expect.poll(() => b.call('read', 'key 0'), { timeout: 10_000 }).toBe('afterwards');
    expect(((await a.call('status')) as { state: string }).state).not.toBe('suspended');
    expect(
      processes.failures().filter((failure) => !String((failure as { id: string }).id).startsWith('c')),
    ).toEqual([]);
    expectLegal(700);
  });

  // Others try in one process what this tries in several.
  test.runIf(deep)(
    'keeps those waiting that asked for its acknowledgement, whose writes are applied all the same',
    async () => {
      const { started } = await processes.group(names, { timeout: 1_500 }, { acknowledgements: 2 });
      const [a, b, c] = started as [MemberProcess, MemberProcess, MemberProcess];
      await a.call('write', 'x', 'before');
      c.child.kill('SIGKILL');
      await c.ended;
      await expect(a.call('write', 'x', 'after')).rejects.toMatchObject({ outcome: 'unknown' });
      expect(await a.call('read', 'x')).toBe('after');
      await expect.poll(() => b.call('read', 'x'), { timeout: 10_000 }).toBe('after');
    },
  );
});

// Others try in one process what this tries in several.
describe.runIf(deep)('a group that changes under load', { timeout }, () => {
  test('takes in who comes later and who has lost its memory, lets go who leaves, and converges', async () => {
    const { members, started } = await processes.group(names, { suspectAfterMs: 400 });
    const [a, b, c] = started as [MemberProcess, MemberProcess, MemberProcess];
    for (const member of started) await member.load(light);
    await Promise.all(started.map((member) => progress(member, 100)));
    c.child.kill('SIGKILL');
    await c.ended;

    const { d: address } = await freeAddresses('d');
    const d = processes.start({ id: 'd', contact: [members.a], address, suspectAfterMs: 400 });
    const again = processes.start({ id: 'c', members, suspectAfterMs: 400 });
    await Promise.all([d.joined, again.joined]);
    for (const member of [d, again]) await member.load(light);
    await Promise.all([d, again].map((member) => progress(member, 100)));

    await b.stop();
    void b.close().catch(() => undefined); // It ends before it can say so.
    expect(await b.ended).toBe(0);
    await Promise.all([a, d, again].map((member) => progress(member, 100)));
    await Promise.all([a, d, again].map((member) => member.stop()));
    await converged(a, d, again);
    for (const member of [a, d, again]) {
      const { view } = (await member.call('status')) as { view: { members: string[] } };
      expect([...view.members].sort()).toEqual(['a', 'c', 'd']);
    }
    expectLegal(600);
  });
});
