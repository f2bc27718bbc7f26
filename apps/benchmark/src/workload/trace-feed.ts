import { readTrace, type TraceStep } from './trace.js';
import type { Feed, Place, Step, Workload } from './workload.js';

/** A trace file, and what one pass over it tells. */
export interface Trace {
  readonly file: string;
  readonly operations: number;
  readonly meanBytes: number;
}

/** Reads a trace once, so that a bad line is found before anything is started. */
export async function scanTrace(file: string): Promise<Trace> {
  let operations = 0;
  let bytes = 0;
  for await (const step of readTrace(file)) {
    operations += 1;
    bytes += step.bytes;
  }
  return { file, operations, meanBytes: Math.round(bytes / operations) };
}

/** The replay of a trace, from its first operation to its last, as fast as the clients can. */
export function traceWorkload(name: string, trace: Trace): Workload {
  return {
    name,
    keys: 0,
    keyBytes: 0,
    valueBytes: trace.meanBytes,
    operations: trace.operations,
    notes: [`values of ${trace.meanBytes} bytes on average`],
    swaps: [],
    feed: (place) => new TraceFeed(readTrace(trace.file), place),
  };
}

/** Steps read ahead of the clients at one member. */
const aheadMax = 4_096;

/** Deals a trace out to the clients of one member: each block stays with one client, in the order of the trace. */
export class TraceFeed implements Feed {
  private readonly place: Place;
  private readonly steps: AsyncIterator<TraceStep>;
  /** Steps dealt and not yet taken, by client. */
  private readonly queues = new Map<number, Step[]>();
  private readonly waiting = new Map<number, (step: Step | undefined) => void>();
  private ahead = 0;
  private reading = false;
  private ended = false;
  private failure: unknown;

  constructor(steps: AsyncIterator<TraceStep>, place: Place) {
    this.steps = steps;
    this.place = place;
  }

  next(client: number): Step | undefined | Promise<Step | undefined> {
    const step = this.queues.get(client)?.shift();
    if (step !== undefined) {
      this.ahead -= 1;
      this.read();
      return step;
    }
    if (this.failure !== undefined) throw this.failure;
    if (this.ended) return undefined;
    const promise = new Promise<Step | undefined>((resolve) => this.waiting.set(client, resolve));
    this.read();
    return promise.then((given) => {
      if (given === undefined && this.failure !== undefined) throw this.failure;
      return given;
    });
  }

  close(): void {
    this.ended = true;
    void this.steps.return?.();
    this.release();
  }

  /** Reads on unless it is far enough ahead. */
  private read(): void {
    if (this.reading || this.ended || this.ahead >= aheadMax) return;
    this.reading = true;
    this.deal().then(
      () => {
        this.reading = false;
      },
      (error: unknown) => {
        this.reading = false;
        this.failure = error;
        this.ended = true;
        this.release();
      },
    );
  }

  private async deal(): Promise<void> {
    while (this.ahead < aheadMax && !this.ended) {
      const { done, value } = await this.steps.next();
      if (done === true) {
        this.ended = true;
        this.release();
        return;
      }
      const client = clientOf(value.block, this.place.clients);
      if (client % this.place.members === this.place.member) this.give(client, value);
    }
  }

  private give(client: number, { write, bytes, block }: TraceStep): void {
    const step: Step = { action: write ? 'write' : 'read', key: block, bytes };
    const wake = this.waiting.get(client);
    if (wake !== undefined) {
      this.waiting.delete(client);
      wake(step);
      return;
    }
    const queue = this.queues.get(client);
    if (queue === undefined) this.queues.set(client, [step]);
    else queue.push(step);
    this.ahead += 1;
  }

  private release(): void {
    for (const wake of this.waiting.values()) wake(undefined);
    this.waiting.clear();
  }
}

/** Neighbouring blocks go to different clients (Knuth's multiplicative hash). */
function clientOf(block: number, clients: number): number {
  return (Math.imul((block % 0x1_0000_0000) | 0, 0x9e3779b1) >>> 8) % clients;
}
