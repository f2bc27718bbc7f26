import { setTimeout as wait } from 'node:timers/promises';
import type { ServerReport } from '@dsm/core';
import { type Held, judgeConvergence, keysIn } from './convergence.js';
import { PortTaken, withFreePorts } from './free-ports.js';
import { clockFrom } from './load/clock.js';
import { MemberFailure, MemberProcess } from './member-process.js';
import type { Answers, Joined, Order, Totals } from './orders.js';
import type { Server, Usage } from './peers/server.js';
import type { Settings } from './settings.js';
import type { Surroundings } from './surroundings.js';
import { systemNamed } from './systems.js';
import type { Entrant } from './transports.js';
import { type Judgement, judge, levelToCheck } from './verdict.js';
import { KeySpace } from './workload/key-space.js';

const limitsMs = { appear: 30_000, join: 60_000, work: 60_000, settle: 30_000, leave: 10_000 };
/** Members are given so long to hear when a measured phase begins. */
const leadMs = 25;

/** Before entries are weighed this part of as many is written. */
const settlingShare = 0.2;

/** A group that has formed. */
export interface Formed extends Joined {
  /** What the server said to a member, and what is known from how it was started. */
  readonly server?: ServerReport | undefined;
  readonly startUpMs: number;
}

/** A measured phase. */
export interface Phase {
  /** `undefined`: until the workload ends. */
  readonly seconds?: number | undefined;
  /** Arrivals per second of all members; `undefined` is a closed loop. */
  readonly rate?: number | undefined;
  /** Whether the checked sample is to have enough operations of it. */
  readonly sampled: boolean;
}

/** What the members did in a measured phase, and what the server used. */
export interface Observed {
  readonly totals: readonly Totals[];
  readonly beginNs: number;
  readonly before?: Usage | undefined;
  readonly after?: Usage | undefined;
}

/** Entries that were written at the end, and what all members, and the server, grew by. */
export interface Grown {
  readonly entries: number;
  readonly memberBytes: number;
  readonly serverBytes: number;
}

/** The members of one system, with their server if it has one, as who gives them their orders sees them. */
export class LoadedGroup {
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

  /** Starts the server and the members, and has them join. */
  async form(): Promise<Formed> {
    const { settings, entrant } = this;
    this.say('joining');
    const system = await systemNamed(entrant.system, settings.module);
    const began = performance.now();
    this.server = await system.startServer?.();
    const serverMs = performance.now() - began;
    const { joined, joinMs } = await withFreePorts(settings.members, (ports) => this.join(ports));
    const server = reportOf(joined.server, this.server?.report);
    return { ...joined, server, startUpMs: serverMs + joinMs };
  }

  async preload(): Promise<void> {
    this.say('writing the keys');
    await this.everybody({ kind: 'preload' }, limitsMs.work);
  }

  async warmUp(seconds: number): Promise<void> {
    this.say('warming up');
    await this.everybody({ kind: 'warm', seconds }, limitsMs.work + seconds * 1_000);
  }

  /** Has the members work, and says what they did. */
  async observe({ seconds, rate, sampled }: Phase): Promise<Observed> {
    await this.everybody({ kind: 'mark', open: rate !== undefined }, limitsMs.settle);
    const before = await this.server?.usage();
    const beginNs = clockFrom(this.origin)() + leadMs * 1e6;
    const { spread } = this.settings;
    const order = { kind: 'measure', beginNs, seconds, rate, spread, sampled } as const;
    const ticking = this.tick(seconds, rate);
    try {
      await this.everybody(order, limitsMs.work + (seconds ?? 0) * 1_000);
    } finally {
      clearInterval(ticking);
    }
    const totals = await this.everybody({ kind: 'totals' }, limitsMs.settle);
    return { totals, beginNs, before, after: await this.server?.usage() };
  }

  /** Judges everything that the members have recorded, and whether they hold the same. */
  async judge({ guarantees }: Joined, totals: readonly Totals[]): Promise<Judgement> {
    const mangled = totals.find((total) => total.mangled !== undefined)?.mangled;
    if (mangled !== undefined) {
      return { verdict: 'illegal', checkedOperations: 0, reason: `a value that nobody wrote: ${mangled}` };
    }
    if (!this.settings.verify) return { verdict: 'unchecked', checkedOperations: 0 };
    this.say('checking the history');
    const level = levelToCheck(
      totals.map((total) => total.counts),
      totals.map((total) => total.level),
    );
    const samples = await this.everybody({ kind: 'sample', level }, limitsMs.settle);
    await wait(0); // Lets the progress line be drawn: the check does not yield.
    const keys = new KeySpace(this.around.workload.keyBytes);
    const nameOf = (key: number) => keys.nameOf(key);
    const judgement = judge(samples, guarantees.consistency, nameOf);
    this.say('comparing what the members hold');
    const compared = keysIn(samples);
    return judgeConvergence(judgement, compared, () => this.contents(compared), nameOf);
  }

  /** What members and server grow by when so many more entries are written. */
  async grow(entries: number): Promise<Grown> {
    this.say('weighing');
    // What was left of the load and of looking at what the members hold is let go meanwhile.
    const settling = Math.ceil(entries * settlingShare);
    await this.everybody({ kind: 'grow', from: 0, to: settling }, limitsMs.work);
    const before = await this.weigh();
    await this.everybody({ kind: 'grow', from: settling, to: settling + entries }, limitsMs.work);
    const after = await this.weigh();
    // Entries take no less than nothing: clients of a server, which hold none, let go of other things meanwhile.
    const memberBytes = Math.max(0, after.members - before.members);
    return { entries, memberBytes, serverBytes: after.server - before.server };
  }

  async leave(): Promise<void> {
    await this.everybody({ kind: 'leave' }, limitsMs.leave).catch(() => undefined);
  }

  /** Leaves nothing running, whatever has happened. */
  async end(): Promise<void> {
    await this.around.children.stop();
    await this.server?.stop();
  }

  say(text: string, share?: number): void {
    this.around.progress.show(`${this.entrant.label}: ${text}`, share);
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
    const { system, module } = shared;
    await this.everybody({ kind: 'appear', system, module }, limitsMs.appear);
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

  /** Shows how far a measured phase is. */
  private tick(seconds: number | undefined, rate: number | undefined): NodeJS.Timeout {
    const performed = (): number => this.members.reduce((sum, member) => sum + member.performed, 0);
    const [began, already] = [performance.now(), performed()];
    const offered = rate === undefined ? '' : ` of ${Math.round(rate).toLocaleString('en')}/s`;
    return setInterval(() => {
      const elapsed = (performance.now() - began) / 1_000;
      const operations = performed() - already;
      const all = this.around.workload.operations;
      const share = seconds === undefined ? operations / (all ?? operations) : elapsed / seconds;
      this.say(`measuring, ${operations.toLocaleString('en')} operations${offered}`, Math.min(1, share));
    }, 200);
  }

  /** Bytes that are alive in all members, and those that the server holds. */
  private async weigh(): Promise<{ readonly members: number; readonly server: number }> {
    const alive = await this.everybody({ kind: 'weigh' }, limitsMs.settle);
    return {
      members: alive.reduce((sum, bytes) => sum + bytes, 0),
      server: (await this.server?.held()) ?? 0,
    };
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
}

function reportOf(said?: ServerReport, known?: Partial<ServerReport>): ServerReport | undefined {
  if (said === undefined && known === undefined) return undefined;
  return { software: 'not known', durability: 'not known', ...said, ...known };
}

/** a to z, then m26 and on. */
function memberName(index: number): string {
  return index < 26 ? String.fromCharCode('a'.charCodeAt(0) + index) : `m${index}`;
}
