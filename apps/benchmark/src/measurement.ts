import { setTimeout as wait } from 'node:timers/promises';
import type { Guarantees, ServerReport } from '@dsm/core';
import type { Children } from './children.js';
import { type Held, judgeConvergence, keysIn } from './convergence.js';
import { figuresOf } from './figures.js';
import { answersAwaited, measureFloor } from './floor/floor.js';
import { PortTaken, withFreePorts } from './free-ports.js';
import { clockFrom } from './load/clock.js';
import type { Histogram } from './load/histogram.js';
import { MemberFailure, MemberProcess } from './member-process.js';
import type { Answers, Joined, Order, Totals } from './orders.js';
import type { Server, Usage } from './peers/server.js';
import type { Progress } from './progress.js';
import type { Measured } from './run.js';
import type { Settings } from './settings.js';
import { systemNamed } from './systems.js';
import type { Entrant } from './transports.js';
import { type Judgement, judge, levelToCheck } from './verdict.js';
import { KeySpace } from './workload/key-space.js';
import type { Workload } from './workload/workload.js';

const limitsMs = { appear: 30_000, join: 60_000, work: 60_000, settle: 30_000, leave: 10_000 };
/** The floor takes this part of the measured phase, before and after it, but no more than a second. */
const floorShare = 0.25;
const floorMsMax = 1_000;
/** Members are given so long to hear when the measured phase begins. */
const leadMs = 25;

/** What a measurement needs of its surroundings. */
export interface Surroundings {
  readonly children: Children;
  readonly progress: Progress;
  readonly workload: Workload;
  /** Collects the round trips of the floor, before and after. */
  readonly floor: Histogram;
}

/** What the members did in the measured phase, and what the server used. */
interface Observed {
  readonly totals: readonly Totals[];
  readonly beginNs: number;
  readonly before?: Usage | undefined;
  readonly after?: Usage | undefined;
}

/** One run of one system: its members and their load, from joining to the verdict. */
export class Measurement {
  private readonly settings: Settings;
  private readonly entrant: Entrant;
  private readonly around: Surroundings;
  private readonly origin = process.hrtime.bigint();
  private members: MemberProcess[] = [];
  private server: Server | undefined;

  constructor(settings: Settings, entrant: Entrant, around: Surroundings) {
    this.settings = settings;
    this.entrant = entrant;
    this.around = around;
  }

  /** Measures, and leaves nothing running whatever happens. */
  async perform(): Promise<Measured> {
    const { settings, around, entrant } = this;
    try {
      this.say('joining');
      const system = await systemNamed(entrant.system, settings.module);
      const began = performance.now();
      this.server = await system.startServer?.();
      const serverMs = performance.now() - began;
      const { joined, joinMs } = await withFreePorts(settings.members, (ports) => this.join(ports));
      const { guarantees, swaps } = joined;
      this.say('writing the keys');
      await this.everybody({ kind: 'preload' }, limitsMs.work);
      await this.measureFloor(guarantees);
      const observed = await this.observe();
      await this.measureFloor(guarantees);
      const judgement = await this.judge(guarantees, observed.totals);
      await this.everybody({ kind: 'leave' }, limitsMs.leave).catch(() => undefined);
      const about = { system: entrant.label, settings, workload: around.workload, guarantees, swaps };
      const server = reportOf(joined.server, this.server?.report);
      return figuresOf(about, { ...observed, startUpMs: serverMs + joinMs, server }, judgement);
    } finally {
      await around.children.stop();
      await this.server?.stop();
    }
  }

  private async join(ports: readonly number[]): Promise<{ joined: Joined; joinMs: number }> {
    const { settings, around } = this;
    await around.children.stop();
    const addresses = ports.map((port, index) => [memberName(index), `tcp://127.0.0.1:${port}`] as const);
    const members = Object.fromEntries(addresses);
    this.members = addresses.map(
      ([id]) => new MemberProcess(id, around.children.start(new URL('./member.js', import.meta.url))),
    );
    const shared = {
      kind: 'join',
      system: this.entrant.system,
      transport: this.entrant.transport,
      module: settings.module,
      clients: settings.clients,
      busy: settings.busy ?? settings.members,
      workload: settings.workload,
      seed: settings.seed,
      verify: settings.verify,
      origin: this.origin,
    } as const;
    const server = this.server?.address;
    await this.everybody({ kind: 'appear' }, limitsMs.appear);
    const began = performance.now();
    const asked = this.members.map((member, index) =>
      member.ask({ ...shared, seat: { id: member.name, members, server }, member: index }, limitsMs.join),
    );
    try {
      const [joined] = (await Promise.all(asked)) as [Joined];
      return { joined, joinMs: performance.now() - began };
    } catch (error) {
      const taken = error instanceof MemberFailure && error.code === 'DSM_ADDRESS_IN_USE';
      throw taken ? new PortTaken(error) : error;
    }
  }

  private async observe(): Promise<Observed> {
    const { warmSeconds, seconds, rate, spread } = this.settings;
    const endless = this.around.workload.operations === undefined;
    if (endless && warmSeconds > 0) {
      this.say('warming up');
      await this.everybody({ kind: 'warm', seconds: warmSeconds }, limitsMs.work + warmSeconds * 1_000);
    }
    await this.everybody({ kind: 'mark' }, limitsMs.settle);
    const before = await this.server?.usage();
    const beginNs = clockFrom(this.origin)() + leadMs * 1e6;
    const order = { kind: 'measure', beginNs, seconds: endless ? seconds : undefined, rate, spread } as const;
    const ticking = this.tick(endless ? seconds : undefined);
    try {
      await this.everybody(order, limitsMs.work + (endless ? seconds * 1_000 : 0));
    } finally {
      clearInterval(ticking);
    }
    const totals = await this.everybody({ kind: 'totals' }, limitsMs.settle);
    return { totals, beginNs, before, after: await this.server?.usage() };
  }

  /** Shows how far the measured phase is. */
  private tick(seconds: number | undefined): NodeJS.Timeout {
    const performed = (): number => this.members.reduce((sum, member) => sum + member.performed, 0);
    const [began, already] = [performance.now(), performed()];
    return setInterval(() => {
      const elapsed = (performance.now() - began) / 1_000;
      const operations = performed() - already;
      const all = this.around.workload.operations;
      const share = seconds === undefined ? operations / (all ?? operations) : elapsed / seconds;
      this.say(`measuring, ${operations.toLocaleString('en')} operations`, Math.min(1, share));
    }, 200);
  }

  private async measureFloor(guarantees: Guarantees): Promise<void> {
    const { settings, around } = this;
    if (!settings.floor) return;
    this.say('measuring the floor');
    const answers = answersAwaited(guarantees, settings.members);
    const order = {
      members: settings.members,
      answers,
      bytes: around.workload.valueBytes,
      milliseconds: Math.min(floorMsMax, settings.seconds * 1_000 * floorShare),
    };
    around.floor.add(await measureFloor(around.children, order));
  }

  private async judge({ consistency }: Guarantees, totals: readonly Totals[]): Promise<Judgement> {
    const mangled = totals.find((total) => total.mangled !== undefined)?.mangled;
    if (mangled !== undefined) {
      return { verdict: 'illegal', checkedOperations: 0, reason: `a value that nobody wrote: ${mangled}` };
    }
    if (!this.settings.verify) return { verdict: 'unchecked', checkedOperations: 0 };
    this.say('checking the history');
    const counts = totals.map((total) => total.counts);
    const level = levelToCheck(
      counts,
      totals.map((total) => total.level),
    );
    const samples = await this.everybody({ kind: 'sample', level }, limitsMs.settle);
    await wait(0); // Lets the progress line be drawn: the check does not yield.
    const keys = new KeySpace(this.around.workload.keyBytes);
    const nameOf = (key: number) => keys.nameOf(key);
    const judgement = judge(samples, consistency, nameOf);
    this.say('comparing what the members hold');
    const compared = keysIn(samples);
    return judgeConvergence(judgement, compared, () => this.contents(compared), nameOf);
  }

  private async contents(keys: Float64Array): Promise<readonly Held[]> {
    const answers = await this.everybody({ kind: 'contents', keys }, limitsMs.work);
    return answers.map((values, member) => ({ member: this.members[member]?.name ?? '', values }));
  }

  private everybody<Kind extends Order['kind']>(
    order: Extract<Order, { kind: Kind }>,
    limitMs: number,
  ): Promise<Answers[Kind][]> {
    return Promise.all(this.members.map((member) => member.ask(order, limitMs)));
  }

  private say(text: string, share?: number): void {
    this.around.progress.show(`${this.entrant.label}: ${text}`, share);
  }
}

/** What the server said to a member, and what is known from how it was started. */
function reportOf(said?: ServerReport, known?: Partial<ServerReport>): ServerReport | undefined {
  if (said === undefined && known === undefined) return undefined;
  return { software: 'not known', durability: 'not known', ...said, ...known };
}

/** a to z, then m26 and on. */
function memberName(index: number): string {
  return index < 26 ? String.fromCharCode('a'.charCodeAt(0) + index) : `m${index}`;
}
