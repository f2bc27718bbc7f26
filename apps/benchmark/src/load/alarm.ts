import { Worker } from 'node:worker_threads';

/** Sleeps for less than a millisecond, which timers cannot. */
export interface Alarm {
  sleep(ns: number): Promise<void>;
  close(): void;
}

/** The cells that an alarm shares with its thread. */
export const alarmCell = { rung: 0, never: 1 } as const;

/** An alarm that sleeps on a thread of its own, so that the event loop neither spins nor is late by a millisecond. */
export class ThreadAlarm implements Alarm {
  private readonly cells = new Int32Array(new SharedArrayBuffer(8));
  private readonly sleepMs = new Float64Array(new SharedArrayBuffer(8));
  private readonly thread: Worker;
  private wake: (() => void) | undefined;

  constructor() {
    const workerData = { cells: this.cells, sleepMs: this.sleepMs };
    this.thread = new Worker(new URL('./alarm-thread.js', import.meta.url), { workerData });
    this.thread.on('message', () => this.wake?.());
  }

  sleep(ns: number): Promise<void> {
    return new Promise((resolve) => {
      this.wake = resolve;
      this.sleepMs[0] = ns / 1e6;
      Atomics.add(this.cells, alarmCell.rung, 1);
      Atomics.notify(this.cells, alarmCell.rung);
    });
  }

  close(): void {
    void this.thread.terminate();
    this.wake?.();
  }
}
