import { setImmediate } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Arrivals } from '../../src/load/arrivals.js';
import { Client } from '../../src/load/client.js';
import { closedLoop } from '../../src/load/closed-loop.js';
import { OpenLoop } from '../../src/load/open-loop.js';
import { randomFrom } from '../../src/workload/random.js';
import { benchOver, fakeMemory, SetClock } from './bench.js';

const feed = { next: () => ({ action: 'read', key: 1, bytes: 20 }) as const };

/** A memory that answers in 10 µs but once takes 100 ms, under 1,000 operations. */
function stalling() {
  const clock = new SetClock();
  let operations = 0;
  const takes = (): number => (++operations === 500 ? 100e6 : 10e3);
  const bench = benchOver(fakeMemory(clock, takes), clock);
  return { clock, bench, clients: [{ number: 0, client: new Client(bench) }] };
}

afterEach(() => {
  vi.restoreAllMocks();
});

/** A memory that answers at once, in 1 ms of a clock that is the process's too. */
function busy() {
  const clock = new SetClock();
  vi.spyOn(performance, 'now').mockImplementation(() => clock.now / 1e6);
  const bench = benchOver(
    fakeMemory(clock, () => 1e6),
    clock,
  );
  const clients = [0, 1, 2].map((number) => ({ number, client: new Client(bench) }));
  return { clock, bench, clients };
}

/** How often anything else had its turn while something was under way. */
async function turnsDuring(running: Promise<unknown>): Promise<number> {
  let [turns, over] = [0, false];
  const ended = running.then(() => {
    over = true;
  });
  while (!over) {
    await setImmediate();
    turns += 1;
  }
  await ended;
  return turns;
}

describe('both loops', () => {
  it('let everything else have its turn, though all that is asked is answered at once', async () => {
    const open = busy();
    open.clock.now = 1e9;
    const arrivals = new Arrivals(1_000, 'fixed', 0, randomFrom(1));
    const alarm = { sleep: () => Promise.reject(new Error('nothing to wait for')), close: () => undefined };
    const running = new OpenLoop(open.clients, feed, arrivals, open.clock.read, alarm).run(1e9);
    expect(await turnsDuring(running)).toBeGreaterThan(20);
    expect(open.bench.tally.reads.size).toBe(1_000);

    const closed = busy();
    let steps = 0;
    expect(await turnsDuring(closedLoop(closed.clients, feed, () => ++steps > 1_000))).toBeGreaterThan(20);
  });
});

describe('OpenLoop', () => {
  it('times operations from when they were due: one stall is seen by all that came meanwhile', async () => {
    const { clock, bench, clients } = stalling();
    const alarm = {
      sleep: async (ns: number) => {
        const until = clock.now + ns;
        await setImmediate();
        clock.now = Math.max(clock.now, until);
      },
      close: () => undefined,
    };
    const arrivals = new Arrivals(1_000, 'fixed', 0, randomFrom(1));
    await new OpenLoop(clients, feed, arrivals, clock.read, alarm).run(1e9);

    expect(bench.tally.reads.size).toBe(1_000);
    const { p50, p99 } = bench.tally.reads.percentilesUs();
    expect(p50).toBeLessThan(20);
    // A hundred operations were due during the stall; the tenth of them waited for 90 ms.
    expect(p99).toBeGreaterThan(85_000);
  });

  it('is what a closed loop does not see', async () => {
    const { clock, bench, clients } = stalling();
    let steps = 0;
    await closedLoop(clients, feed, () => ++steps > 1_000);
    expect(bench.tally.reads.size).toBe(1_000);
    expect(bench.tally.reads.percentilesUs().p99).toBeLessThan(20);
    expect(clock.now).toBeGreaterThan(100e6);
  });

  it('gives the operations that are due to as many clients as are idle', async () => {
    const clock = new SetClock();
    const open: (() => void)[] = [];
    const memory = fakeMemory(clock, () => 0, {
      read: () => new Promise<undefined>((resolve) => open.push(() => resolve(undefined))),
    });
    const bench = benchOver(memory, clock);
    const clients = [0, 1, 2].map((number) => ({ number, client: new Client(bench) }));
    clock.now = 10e6;
    const arrivals = new Arrivals(1_000, 'fixed', 0, () => 0);
    const alarm = { sleep: () => Promise.reject(new Error('nothing to wait for')), close: () => undefined };
    const running = new OpenLoop(clients, feed, arrivals, clock.read, alarm).run(10e6);
    let answered = 0;
    while (answered < 10) {
      await setImmediate();
      expect(open.length).toBeLessThanOrEqual(3);
      open.shift()?.();
      answered += 1;
    }
    await running;
    expect(bench.tally.reads.size).toBe(10);
  });
});

describe('what waits when an open loop is over', () => {
  const alarm = { sleep: () => Promise.reject(new Error('nothing to wait for')), close: () => undefined };

  it('is given up after a while, and counted', async () => {
    const { clock, bench, clients } = busy();
    clock.now = 1e9;
    // A million are due, of which one takes a millisecond.
    const arrivals = new Arrivals(1e6, 'fixed', 0, () => 0);
    const unbegun = await new OpenLoop(clients, feed, arrivals, clock.read, alarm).run(1e9, 1.5e9);
    expect(clock.now).toBeLessThan(1.51e9);
    expect(bench.tally.reads.size).toBeGreaterThanOrEqual(500);
    expect(unbegun).toBe(1e6 - bench.tally.reads.size);
  });

  it('is performed where there is time', async () => {
    const { clock, bench, clients } = busy();
    clock.now = 1e9;
    const arrivals = new Arrivals(1_000, 'poisson', 0, randomFrom(1));
    expect(await new OpenLoop(clients, feed, arrivals, clock.read, alarm).run(1e9, 1e12)).toBe(0);
    expect(bench.tally.reads.size).toBeGreaterThan(900);
  });
});

describe('Arrivals', () => {
  it('come at the rate, evenly or at random', () => {
    for (const spread of ['fixed', 'poisson'] as const) {
      const arrivals = new Arrivals(10_000, spread, 5e9, randomFrom(9));
      const gaps: number[] = [];
      let last = arrivals.due;
      expect(last).toBeGreaterThanOrEqual(5e9);
      for (let count = 0; count < 50_000; count++) {
        arrivals.advance();
        gaps.push(arrivals.due - last);
        last = arrivals.due;
      }
      const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
      const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length;
      expect(mean / 100_000).toBeCloseTo(1, 1.5);
      expect(Math.sqrt(variance) / mean).toBeCloseTo(spread === 'fixed' ? 0 : 1, 1.5);
    }
  });
});
