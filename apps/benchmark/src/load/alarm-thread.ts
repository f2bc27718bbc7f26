import { parentPort, workerData } from 'node:worker_threads';
import { alarmCell } from './alarm.js';

const { cells, sleepMs } = workerData as { cells: Int32Array<SharedArrayBuffer>; sleepMs: Float64Array };

// Waits to be asked, sleeps for as long as it was asked to, and says so; until it is terminated.
let asked = 0;
for (;;) {
  Atomics.wait(cells, alarmCell.rung, asked);
  asked = Atomics.load(cells, alarmCell.rung);
  Atomics.wait(cells, alarmCell.never, 0, sleepMs[0]);
  parentPort?.postMessage(asked);
}
