// A member in a process of its own, told by its parent what to do. Its one argument is an `Assignment` in JSON.
import { openSync, writeSync } from 'node:fs';
import type { DsmError } from '@dsm/core';
import type { Begun, Ended } from './log.js';
import type { Assignment, Load, Request, Told } from './member-process.js';

/** As much of a shared memory as is needed here; other methods are called by their names. */
interface Memory {
  read(key: string): Promise<string | undefined>;
  write(key: string, value: string): Promise<string>;
  metrics(): object;
  close(): Promise<void>;
}

const assignment = JSON.parse(process.argv[2] ?? '') as Assignment;
// A name that no other process has, nor one of the same member that comes later.
const self = `${assignment.options.id} ${process.pid}`;
let memory: Memory;
let loading = false;
let operations = 0;
let clients: readonly Promise<void>[] = [];

/** Each operation is logged before it begins and when it ends: what a killed process had begun is known. */
function load(order: Load): void {
  const log = openSync(assignment.historyFile, 'a');
  const note = (event: Begun | Ended) => writeSync(log, `${JSON.stringify(event)}\n`);
  loading = true;
  clients = Array.from({ length: order.count }, async (_, client) => {
    while (loading && (await perform(`${self} ${client}`, order, note)));
  });
}

/** One operation of a client. False where it failed: its outcome may be unknown, and the client is no more. */
async function perform(
  client: string,
  { keys, writes, valueBytes }: Load,
  note: (event: Begun | Ended) => void,
): Promise<boolean> {
  operations += 1;
  const id = `${self} ${operations}`;
  const key = `key ${Math.floor(Math.random() * keys)}`;
  const value = Math.random() < writes ? id : undefined;
  note({ id, client, key, value, start: now() });
  try {
    if (value === undefined) {
      const read = (await memory.read(key))?.replace(/\.*$/, '');
      note({ id, read, end: now() });
    } else {
      const version = await memory.write(key, value.padEnd(valueBytes, '.'));
      note({ id, version, end: now() });
    }
    return true;
  } catch (error) {
    note({ id, failed: (error as DsmError).outcome, end: now() });
    return false;
  }
}

function now(): string {
  return String(process.hrtime.bigint());
}

const commands: Readonly<Record<string, (order: never) => unknown>> = {
  call: ({ method, args }: { method: string; args: unknown[] }) => {
    const called = (memory as unknown as Record<string, (...given: unknown[]) => unknown>)[method];
    return called?.apply(memory, args);
  },
  load,
  metrics: () => ({ ...memory.metrics(), rss: process.memoryUsage().rss }),
  stop: async () => {
    loading = false;
    await Promise.all(clients);
  },
  close: async () => {
    await memory.close();
    // Nothing but the channel to the parent is left: the process must end by itself.
    process.disconnect();
  },
};

function told({ code, outcome, message }: DsmError): Told {
  return { code, outcome, message };
}

process.on('message', async ({ id, command, order }: Request) => {
  try {
    const result = await commands[command]?.(order as never);
    if (process.connected) process.send?.({ id, result });
  } catch (error) {
    process.send?.({ id, error: told(error as DsmError) });
  }
});
try {
  const { join, [assignment.factory]: factory } = (await import(assignment.module)) as {
    join(protocol: unknown, options: object): Promise<Memory>;
    [name: string]: (...given: never[]) => unknown;
  };
  memory = await join(factory?.(assignment.protocol as never), assignment.options);
  process.send?.({ id: 0, result: 'joined' });
} catch (error) {
  process.send?.({ id: 0, error: told(error as DsmError) }, () => process.disconnect());
}
