import { setTimeout as wait } from 'node:timers/promises';
import { ThreadAlarm } from './load/alarm.js';
import { Arrivals } from './load/arrivals.js';
import { type Bench, Client } from './load/client.js';
import { boundsFrom, quickClockFrom } from './load/clock.js';
import { closedLoop, type Numbered } from './load/closed-loop.js';
import { contentsAt } from './load/contents.js';
import { OpenLoop } from './load/open-loop.js';
import { levels, Recorder } from './load/recorder.js';
import { Tally } from './load/tally.js';
import { Values } from './load/values.js';
import { weighed, writeMore } from './load/weight.js';
import type { Traffic } from './memory.js';
import type { Answers, Order, Totals } from './orders.js';
import { systemNamed } from './systems.js';
import { transports } from './transports.js';
import { workloadOf } from './workload/catalogue.js';
import { KeySpace } from './workload/key-space.js';
import { randomFrom } from './workload/random.js';
import type { Feed, Place, Workload } from './workload/workload.js';

type Joining = Extract<Order, { kind: 'join' }>;
type Measuring = Extract<Order, { kind: 'measure' }>;

/** What exists once a member has joined. */
interface Joined {
  readonly workload: Workload;
  readonly place: Place;
  readonly bench: Bench;
  readonly clients: readonly Numbered[];
  readonly feed: Feed;
}

/** Operations in flight while the keys are written. */
const preloaders = 32;
/** Messages have stopped when two looks so far apart see the same counts. */
const settleMs = 20;
const looksMax = 50;

/** Operations that wait when a measured phase is over are performed for as long again, or for so long. */
const drainNsMin = 10e9;

/** Only a history that is checked compares the times of several members. */
function clocksFor({ origin, verify }: Joining): Pick<Bench, 'clock' | 'startClock'> {
  if (!verify) {
    const clock = quickClockFrom(origin);
    return { clock, startClock: clock };
  }
  const { notAfter, notBefore } = boundsFrom(origin);
  return { clock: notBefore, startClock: notAfter };
}

/** One member of the system under load, with its share of the clients. */
export class LoadedMember {
  private joined: Joined | undefined;
  private marked: Traffic | undefined;
  /** Where there is an open loop, from its first measured phase to the end. */
  private alarm: ThreadAlarm | undefined;
  /** CPU time at the beginning of the measured phase. */
  private cpu = { user: 0, system: 0 };
  /** Operations of the measured phase that were due and have never been begun. */
  private unbegun = 0;

  /** Operations so far, in any phase. */
  get performed(): number {
    return this.joined?.bench.tally.performed ?? 0;
  }

  async obey(order: Order): Promise<Answers[Order['kind']]> {
    switch (order.kind) {
      case 'appear':
        return this.appear(order);
      case 'join':
        return this.join(order);
      case 'preload':
        return this.preload();
      case 'warm':
        return this.warm(order.seconds);
      case 'mark':
        return this.mark(order.open);
      case 'measure':
        return this.measure(order);
      case 'totals':
        return this.totals();
      case 'sample':
        return (this.state.bench.recorder as Recorder).sample(order.level);
      case 'contents':
        return contentsAt(this.state.bench, order.keys);
      case 'weigh':
        await this.settledTraffic();
        return weighed();
      case 'grow':
        return this.grow(order.from, order.to);
      default:
        this.alarm?.close();
        await this.state.bench.memory.close();
        return null;
    }
  }

  private get state(): Joined {
    if (this.joined === undefined) throw new Error('This member has not joined.');
    return this.joined;
  }

  private async appear({ system, module }: Extract<Order, { kind: 'appear' }>): Promise<null> {
    const { load } = await systemNamed(system, module);
    await load?.();
    return null;
  }

  private async join(order: Joining): Promise<Answers['join']> {
    const workload = workloadOf(order.workload);
    const system = await systemNamed(order.system, order.module);
    const transport = order.transport && transports[order.transport]();
    const memory = await system.join({ ...order.seat, ...(transport && { transport }) });
    const place = {
      member: order.member,
      members: Object.keys(order.seat.members).length,
      clients: order.clients,
      seed: order.seed,
    };
    const bench: Bench = {
      memory,
      keys: new KeySpace(workload.keyBytes),
      values: new Values(order.member, workload.valueBytes),
      ...clocksFor(order),
      tally: new Tally(),
      recorder: order.verify ? new Recorder() : undefined,
      measuring: false,
      sampling: false,
      latest: 0,
      nextClient: 0,
    };
    const clients: Numbered[] = [];
    const first = place.member < order.busy ? place.member : place.clients;
    for (let number = first; number < place.clients; number += order.busy) {
      clients.push({ number, client: new Client(bench) });
    }
    this.joined = { workload, place, bench, clients, feed: workload.feed(place) };
    const swaps = memory.compareAndSwap !== undefined;
    return { guarantees: memory.guarantees, swaps, server: memory.server?.() };
  }

  /** Writes this member's share of the keys, each until it is written. */
  private async preload(): Promise<null> {
    const { workload, place, bench } = this.state;
    bench.recorder?.touch();
    let next = place.member;
    const writeOn = async (): Promise<void> => {
      const client = new Client(bench);
      while (next < workload.keys) {
        const step = { action: 'write', key: next, bytes: workload.valueBytes } as const;
        next += place.members;
        if (!(await client.perform(step))) {
          const [code] = [...bench.tally.failures.keys()];
          throw new Error(
            `${bench.keys.nameOf(step.key)} could not be written before the load began: ${code}`,
          );
        }
      }
    };
    await Promise.all(Array.from({ length: preloaders }, writeOn));
    return null;
  }

  private async warm(seconds: number): Promise<null> {
    const { bench, clients, feed } = this.state;
    const end = bench.clock() + seconds * 1e9;
    await closedLoop(clients, feed, () => bench.latest >= end);
    return null;
  }

  private async mark(open: boolean): Promise<null> {
    if (open && this.alarm === undefined) {
      this.alarm = new ThreadAlarm();
      // A thread takes tens of milliseconds to start, and the first arrivals would wait for it.
      await this.alarm.sleep(0);
    }
    this.marked = await this.settledTraffic();
    this.state.bench.tally.begin();
    return null;
  }

  private async measure(order: Measuring): Promise<null> {
    const { bench, feed } = this.state;
    await wait(Math.max(0, (order.beginNs - bench.clock()) / 1e6));
    this.cpu = process.cpuUsage();
    this.unbegun = 0;
    bench.measuring = true;
    bench.sampling = order.sampled;
    try {
      await this.load(order);
    } finally {
      bench.measuring = false;
      bench.sampling = false;
      feed.close?.();
    }
    return null;
  }

  private async load({ beginNs, seconds, rate, spread }: Measuring): Promise<void> {
    const { place, bench, clients, feed } = this.state;
    const endNs = seconds === undefined ? Number.POSITIVE_INFINITY : beginNs + seconds * 1e9;
    if (rate === undefined) return closedLoop(clients, feed, () => bench.latest >= endNs);
    if (clients.length === 0) return;
    const random = randomFrom(place.seed * 1_000 + 500 + place.member);
    const arrivals = new Arrivals((rate * clients.length) / place.clients, spread, beginNs, random);
    if (this.alarm === undefined) throw new Error('Nothing has been readied for an open loop.');
    const giveUpNs = endNs + Math.max(drainNsMin, endNs - beginNs);
    this.unbegun = await new OpenLoop(clients, feed, arrivals, bench.clock, this.alarm).run(endNs, giveUpNs);
  }

  private async grow(from: number, to: number): Promise<null> {
    const { bench, workload, place } = this.state;
    await writeMore(bench, { from, to }, workload.valueBytes, place);
    return null;
  }

  private async totals(): Promise<Totals> {
    const { tally, recorder } = this.state.bench;
    // Until now, not until its own clients were done: it has served the others too.
    const cpu = process.cpuUsage(this.cpu);
    // What the history takes is the benchmark's own: it would hide what small systems differ by.
    const residentBytes = process.memoryUsage.rss() - (recorder?.bytes ?? 0);
    const traffic = await this.settledTraffic();
    return {
      reads: tally.reads.counts,
      writes: tally.writes.counts,
      swaps: tally.swaps,
      lostSwaps: tally.lostSwaps,
      lastEnd: tally.lastEnd,
      unbegun: this.unbegun,
      failures: tally.failures,
      mangled: tally.mangled,
      cpuSeconds: (cpu.user + cpu.system) / 1e6,
      residentBytes,
      traffic: traffic === undefined ? undefined : since(this.marked, traffic),
      level: recorder?.level ?? 0,
      counts: recorder?.counts() ?? new Array<number>(levels).fill(0),
    };
  }

  /** What went out, once the answers to the last operations have gone too. */
  private async settledTraffic(): Promise<Traffic | undefined> {
    const { memory } = this.state.bench;
    let traffic = memory.traffic?.();
    for (let looks = 0; traffic !== undefined && looks < looksMax; looks++) {
      await wait(settleMs);
      const later = memory.traffic?.();
      const { read, write } = traffic.messages;
      if (later?.messages.read === read && later.messages.write === write) return later;
      traffic = later;
    }
    return traffic;
  }
}

function since(before: Traffic | undefined, after: Traffic): Traffic {
  return {
    messages: {
      read: after.messages.read - (before?.messages.read ?? 0),
      write: after.messages.write - (before?.messages.write ?? 0),
    },
    bytes: after.bytes - (before?.bytes ?? 0),
  };
}
