import type { Feed, Step } from '../workload/workload.js';
import type { Alarm } from './alarm.js';
import type { Arrivals } from './arrivals.js';
import { Breath } from './breath.js';
import type { Clock } from './clock.js';
import type { Numbered } from './closed-loop.js';

/**
 * Operations start when they are due, whether or not earlier ones have ended, and are timed from then: one that finds
 * every client busy waits for one, and its wait counts (no coordinated omission). Ends when all that were due before
 * the end have been performed, or when that takes too long: of what is offered beyond what can be served there is no
 * end in sight.
 */
export class OpenLoop {
  private readonly feed: Feed;
  private readonly arrivals: Arrivals;
  private readonly clock: Clock;
  private readonly alarm: Alarm;
  private readonly idle: Numbered[];
  /** The clients that are performing. */
  private readonly busy = new Set<Promise<void>>();
  private readonly breath = new Breath();
  private giveUpNs = Number.POSITIVE_INFINITY;

  constructor(clients: readonly Numbered[], feed: Feed, arrivals: Arrivals, clock: Clock, alarm: Alarm) {
    this.idle = [...clients];
    this.feed = feed;
    this.arrivals = arrivals;
    this.clock = clock;
    this.alarm = alarm;
  }

  /** Gives about how many were due before the end and have not been begun by the time of giving up. */
  async run(endNs: number, giveUpNs = Number.POSITIVE_INFINITY): Promise<number> {
    this.giveUpNs = giveUpNs;
    while (this.arrivals.due < endNs && this.clock() < giveUpNs) {
      const waitNs = this.arrivals.due - this.clock();
      if (waitNs > 0) await this.alarm.sleep(waitNs);
      else if (this.idle.length === 0) await Promise.race(this.busy);
      else this.start(endNs);
    }
    await Promise.all(this.busy);
    return this.arrivals.dueBefore(endNs);
  }

  /** Gives what is due to a client that is idle; the client goes on with what became due meanwhile. */
  private start(endNs: number): void {
    const client = this.idle.pop();
    if (client === undefined) return;
    const performing = this.perform(client, endNs).finally(() => {
      this.busy.delete(performing);
      this.idle.push(client);
    });
    this.busy.add(performing);
  }

  private async perform({ number, client }: Numbered, endNs: number): Promise<void> {
    do {
      const due = this.arrivals.due;
      this.arrivals.advance();
      // Past saturation something is always due, and what is answered at once would let nothing else happen.
      const pause = this.breath.taken();
      if (pause !== undefined) await pause;
      const step = (await this.feed.next(number)) as Step;
      const done = await client.perform(step, due);
      if (done && step.action === 'insert') this.feed.inserted?.(step.key);
    } while (this.isDue(endNs));
  }

  /** Whether an operation waits for a client, and is still to be performed. */
  private isDue(endNs: number): boolean {
    const { due } = this.arrivals;
    const now = this.clock();
    return due <= now && due < endNs && now < this.giveUpNs;
  }
}
