import type { Guarantees } from '@dsm/core';
import { figuresOf } from './figures.js';
import { answersAwaited, measureFloor } from './floor/floor.js';
import { type Formed, type Grown, LoadedGroup, type Observed } from './loaded-group.js';
import type { Measured } from './run.js';
import type { Settings } from './settings.js';
import type { Surroundings } from './surroundings.js';
import { type Entrant, transportOf } from './transports.js';
import type { Judgement } from './verdict.js';

/** The floor takes this part of the measured phase, before and after it, but no more than half a second. */
const floorShare = 0.1;
const floorMsMax = 500;
/** Each rate of a curve is offered for this part of the measured phase. */
const offeredShare = 0.25;

/** What is measured once the closed loop has been. */
export interface Beyond {
  /** Arrivals per second, one after the other, given what the closed loop reached. */
  readonly rates?: ((throughput: number) => readonly number[]) | undefined;
  /** Entries to be written at the end, to see what memory they take. */
  readonly entries?: number | undefined;
}

/** What one group showed. */
export interface Results {
  readonly measured: Measured;
  /** At the given rates, in their order. */
  readonly offered: readonly { readonly rate: number; readonly measured: Measured }[];
}

/** One run of one system: its members and their load, from joining to the verdict. */
export class Measurement {
  private readonly settings: Settings;
  private readonly entrant: Entrant;
  private readonly around: Surroundings;
  private readonly group: LoadedGroup;

  constructor(settings: Settings, entrant: Entrant, around: Surroundings) {
    this.settings = settings;
    this.entrant = entrant;
    this.around = around;
    this.group = new LoadedGroup(settings, entrant, around);
  }

  /** Measures, and leaves nothing running whatever happens. */
  async perform(beyond: Beyond = {}): Promise<Results> {
    const { group } = this;
    try {
      const formed = await group.form();
      await group.preload();
      await this.measureFloor(formed.guarantees);
      const main = await this.observe();
      await this.measureFloor(formed.guarantees);
      const throughput = this.figures(formed, main, unjudged).run.throughput;
      const offered = await this.offer(beyond.rates?.(throughput) ?? []);
      const judgement = await group.judge(formed, (offered.at(-1)?.observed ?? main).totals);
      const grown = await this.grow(beyond.entries);
      await group.leave();
      return {
        measured: this.figures(formed, main, judgement, { grown }),
        offered: offered.map(({ rate, observed }) => ({
          rate,
          measured: this.figures(formed, observed, judgement, { rate }),
        })),
      };
    } finally {
      await group.end();
    }
  }

  private async observe(): Promise<Observed> {
    const { warmSeconds, seconds, rate } = this.settings;
    const endless = this.around.workload.operations === undefined;
    if (endless && warmSeconds > 0) await this.group.warmUp(warmSeconds);
    return this.group.observe({ seconds: endless ? seconds : undefined, rate, sampled: true });
  }

  private async offer(rates: readonly number[]): Promise<{ rate: number; observed: Observed }[]> {
    const seconds = this.settings.seconds * offeredShare;
    const offered: { rate: number; observed: Observed }[] = [];
    for (const rate of rates) {
      offered.push({ rate, observed: await this.group.observe({ seconds, rate, sampled: false }) });
    }
    return offered;
  }

  private async grow(entries: number | undefined): Promise<Grown | undefined> {
    return entries === undefined ? undefined : this.group.grow(entries);
  }

  private figures(
    formed: Formed,
    observed: Observed,
    judgement: Judgement,
    besides: { readonly rate?: number; readonly grown?: Grown | undefined } = {},
  ): Measured {
    const { entrant, around } = this;
    const settings = { ...this.settings, ...('rate' in besides && { rate: besides.rate }) };
    const { guarantees, swaps, server, startUpMs } = formed;
    const about = {
      system: entrant.label,
      transport: transportOf(entrant),
      settings,
      workload: around.workload,
      guarantees,
      swaps,
    };
    return figuresOf(about, { ...observed, startUpMs, server, grown: besides.grown }, judgement);
  }

  private async measureFloor(guarantees: Guarantees): Promise<void> {
    const { settings, around } = this;
    if (!settings.floor) return;
    this.group.say('measuring the floor');
    const order = {
      members: settings.members,
      answers: answersAwaited(guarantees, settings.members),
      bytes: around.workload.valueBytes,
      milliseconds: Math.min(floorMsMax, settings.seconds * 1_000 * floorShare),
    };
    around.floor.add(await measureFloor(around.children, order));
  }
}

const unjudged: Judgement = { verdict: 'unchecked', checkedOperations: 0 };
