import { parentPort } from 'node:worker_threads';
import type { Slice } from './seed-slices.js';
import { runSlice } from './seed-slices.js';

// A thread that runs the slices it is sent, one after the other, until it is terminated. What throws ends it.
parentPort?.on('message', async (slice: Slice) => parentPort?.postMessage(await runSlice(slice)));
