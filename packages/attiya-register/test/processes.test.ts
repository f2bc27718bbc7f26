import { checkLinearizable } from '@dsm/checker';
import { deep } from '@dsm/conformance/chance';
import { freeAddresses } from '@dsm/conformance/free-ports';
import { type MemberProcess, Processes, progress } from '@dsm/conformance/processes';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const source = { module: new URL('../dist/index.js', import.meta.url).href, factory: 'attiyaRegister' };
let processes: Processes;
beforeEach(() => {
  processes = new Processes(source);
});
afterEach(() => processes.end());

const timeout = 90_000;
const names = ['a', 'b', 'c'] as const;
const light = { count: 8, keys: 5, valueBytes: 20, writes: 0.5 };

async function three(options: Record<string, unknown> = {}, from = processes) {
  const { members, started } = await from.group(names, options);
  return { members, started: started as [MemberProcess, MemberProcess, MemberProcess] };
}

function progressOfTime(milliseconds: number): Promise<string> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds, 'still waiting'));
}

interface Footprint {
  readonly rss: number;
  readonly bytesInFlight: number;
  readonly dropped: Readonly<Record<string, number>>;
}

async function footprint(member: MemberProcess): Promise<Footprint> {
  return (await member.metrics()) as Footprint;
}

function expectLegal(least: number, of = processes): void {
  const { verdict, reason, checkedOperations } = checkLinearizable(of.history());
  expect(`${verdict} ${reason ?? ''}`).toBe('legal ');
  expect(checkedOperations).toBeGreaterThan(least);
}

describe('three processes', { timeout }, () => {
  it('share variables, and end by themselves when they are closed', async () => {
    const { started } = await three();
    const [a, b, c] = started;
    const version = await a.call('write', 'x', { n: 1 });
    expect(await b.call('read', 'x')).toEqual({ n: 1 });
    expect(await c.call('entry', 'x')).toEqual({ key: 'x', value: { n: 1 }, version });
    for (const member of started) void member.close().catch(() => undefined);
    expect(await Promise.all(started.map(({ ended }) => ended))).toEqual([0, 0, 0]);
  });

  // Others try in one process what those do in several that are for the deep run alone.
  it.runIf(deep)('wait for one that starts late', async () => {
    const members = await freeAddresses(...names);
    const a = processes.start({ id: 'a', members });
    const b = processes.start({ id: 'b', members });
    const early = await Promise.race([a.joined, b.joined, progressOfTime(1_000)]);
    expect(early).toBe('still waiting');
    const c = processes.start({ id: 'c', members });
    await Promise.all([a, b, c].map(({ joined }) => joined));
    await c.call('write', 'x', 1);
    expect(await a.call('read', 'x')).toBe(1);
  });
});

describe('a member killed under load', { timeout }, () => {
  it('stops nobody, and nothing completed is lost', async () => {
    const { started } = await three();
    const [a, b, c] = started;
    for (const member of started) await member.load(light);
    await Promise.all(started.map((member) => progress(member, 300)));
    c.child.kill('SIGKILL');
    await c.ended;
    await Promise.all([progress(a, 300), progress(b, 300)]);
    await Promise.all([a.stop(), b.stop()]);
    expectLegal(1_000);
  });

  it('is refused when it is started again, and never answers from its empty memory', async () => {
    const { members, started } = await three();
    const [a, b, c] = started;
    await a.call('write', 'x', 1);
    c.child.kill('SIGKILL');
    await c.ended;
    const again = processes.start({ id: 'c', members });
    await expect(again.joined).rejects.toMatchObject({
      code: 'DSM_REMOVED',
      message: expect.stringMatching(/'c'.*memory/),
    });
    expect(await again.ended).toBe(0);
    expect(await b.call('read', 'x')).toBe(1);
    await b.call('write', 'x', 2);
    expect(await a.call('read', 'x')).toBe(2);
  });

  it('with another one leaves a minority, which says so and does not hang', async () => {
    const { started } = await three({ suspectAfterMs: 400, timeout: 1_500 });
    const [a, b, c] = started;
    for (const { child } of [b, c]) child.kill('SIGKILL');
    await Promise.all([b.ended, c.ended]);
    const state = async () => ((await a.call('status')) as { state: string }).state;
    await expect.poll(state, { timeout: 10_000 }).toBe('suspended');
    await expect(a.call('read', 'x')).rejects.toMatchObject({
      code: 'DSM_UNAVAILABLE',
      outcome: 'not-applied',
    });
    await expect(a.call('write', 'x', 1)).rejects.toMatchObject({
      code: 'DSM_UNAVAILABLE',
      outcome: 'unknown',
    });
  });
});

/** The deep run has time for ten seconds. */
const pauseMs = deep ? 10_000 : 1_500;

describe(`a member paused for ${pauseMs / 1_000} seconds under load`, { timeout }, () => {
  // Both at once, since they mostly wait.
  it.concurrent.for([
    { values: 'small values', load: light, bytesInFlightMax: 64 * 1024 * 1024, fills: false },
    {
      values: 'large values that fill the links to it',
      load: { count: 8, keys: 50, valueBytes: 100_000, writes: 0.5 },
      bytesInFlightMax: 4 * 1024 * 1024,
      fills: true,
    },
  ])('stops nobody, loses nothing and goes on: $values', async (paused, { expect, onTestFinished }) => {
    const { load, bytesInFlightMax, fills } = paused;
    const own = new Processes(source);
    onTestFinished(() => own.end());
    const { started } = await three({ timeout: 30_000, limits: { bytesInFlightMax } }, own);
    const [a, b, c] = started;
    for (const member of started) await member.load(load);
    await Promise.all(started.map((member) => progress(member, 100, expect)));
    c.child.kill('SIGSTOP');
    const resumeAt = Date.now() + pauseMs;
    await Promise.all([progress(a, 100, expect), progress(b, 100, expect)]);
    await expect
      .poll(() => Date.now(), { timeout: pauseMs + 1_000, interval: 100 })
      .toBeGreaterThan(resumeAt);
    for (const member of [a, b]) {
      const { rss, bytesInFlight, dropped } = await footprint(member);
      expect(rss).toBeLessThan(700e6);
      // A link takes what is sent until it is full: the last frame may reach beyond.
      expect(bytesInFlight).toBeLessThan(2 * bytesInFlightMax + 200_000);
      expect('link-full' in dropped).toBe(fills);
    }
    c.child.kill('SIGCONT');
    await progress(c, 100, expect);
    await Promise.all(started.map((member) => member.stop()));
    // What it had begun has ended, too.
    expect(own.failures()).toEqual([]);
    expectLegal(500, own);
  });
});

describe('a process that does not belong', { timeout }, () => {
  it.runIf(deep)('is a duplicate while the first of its name lives, and disturbs nobody', async () => {
    const { members, started } = await three();
    const [a, , c] = started;
    const { elsewhere } = await freeAddresses('elsewhere');
    const second = processes.start({ id: 'c', members, listen: elsewhere });
    await expect(second.joined).rejects.toMatchObject({
      code: 'DSM_DUPLICATE_MEMBER',
      message: expect.stringContaining("'c'"),
    });
    await c.call('write', 'x', 1);
    expect(await a.call('read', 'x')).toBe(1);
  });

  it.runIf(deep).each([
    ['another member list', { c: 'tcp://127.0.0.1:1' }, {}],
    ['another option', {}, { reads: 'all' }],
  ])('and the other one reject, each naming both: %s', async (_, more, protocol) => {
    const members = await freeAddresses('a', 'b');
    const a = processes.start({ id: 'a', members });
    const b = processes.start({ id: 'b', members: { ...members, ...more } }, protocol);
    for (const { joined } of [a, b]) {
      await expect(joined).rejects.toMatchObject({
        code: 'DSM_PEER_MISMATCH',
        message: expect.stringMatching(/'a' has .*'b' has|'b' has .*'a' has/),
      });
    }
    expect(await Promise.all([a.ended, b.ended])).toEqual([0, 0]);
  });

  it('cannot take an address in use, nor one beyond this machine without keys', async () => {
    const { members } = await three();
    const same = processes.start({ id: 'a', members });
    await expect(same.joined).rejects.toMatchObject({ code: 'DSM_ADDRESS_IN_USE' });
    const open = processes.start({
      id: 'a',
      members: { a: 'tcp://0.0.0.0:7001', b: 'tcp://192.0.2.1:7001' },
    });
    await expect(open.joined).rejects.toMatchObject({ code: 'DSM_INSECURE' });
  });
});
