import type { Feed } from '../workload/workload.js';
import { Breath } from './breath.js';
import type { Client } from './client.js';

/** A client and the number under which a feed knows it. */
export interface Numbered {
  readonly number: number;
  readonly client: Client;
}

/** Every client begins its next step when the one before has ended, until `over()` or until there is nothing left. */
export async function closedLoop(
  clients: readonly Numbered[],
  feed: Feed,
  over: () => boolean,
): Promise<void> {
  const breath = new Breath();
  await Promise.all(clients.map((client) => oneAfterTheOther(client, feed, over, breath)));
}

async function oneAfterTheOther(
  { number, client }: Numbered,
  feed: Feed,
  over: () => boolean,
  breath: Breath,
): Promise<void> {
  while (!over()) {
    const pause = breath.taken();
    if (pause !== undefined) await pause;
    const next = feed.next(number);
    const step = next instanceof Promise ? await next : next;
    if (step === undefined) return;
    if (step.action !== 'read' && step.action !== 'write') {
      const done = await client.perform(step);
      if (done && step.action === 'insert') feed.inserted?.(step.key);
      continue;
    }
    let result: unknown;
    try {
      result = await client.begin(step);
    } catch (error) {
      await client.fail(error);
      continue;
    }
    client.end(result);
  }
}
