import { spawnSync } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { attiyaRegister, join } from '@dsm/attiya-register';
import { causal, join as joinCausal } from '@dsm/causal';
import { type ServerReport, types, type Variables } from '@dsm/core';
import { join as joinReadReplication, readReplication } from '@dsm/read-replication';
import { join as joinTokenCoherence, tokenCoherence } from '@dsm/token-coherence';
import { join as joinTotalOrder, totalOrder } from '@dsm/total-order';
import { placeOf } from '@dsm/total-order/inspection';
import type { Memory, Seat } from './memory.js';
import { etcdProgram, startEtcd } from './peers/etcd-server.js';
import { natsProgram, startNats } from './peers/nats-server.js';
import { redisProgram, startRedis } from './peers/redis-server.js';
import { MissingProgram, type Server } from './peers/server.js';
import { single, startSingle } from './peers/single/single.js';

/** Something that can be measured: how a member joins it, and the server it needs, if it needs one. */
export interface System {
  join(seat: Seat): Promise<Memory>;
  startServer?(): Promise<Server>;
  /** Loads the code that joining takes, where that is not loaded already. */
  load?(): Promise<unknown>;
  /** A program that has to be on PATH. */
  readonly program?: string | undefined;
}

const schema = types<Record<string, string>>();

/** The protocols of this project: one line each. */
export const protocols: Readonly<Record<string, System>> = {
  'attiya-register': { join: async (seat) => variables(await join(attiyaRegister(), { ...seat, schema })) },
  causal: { join: async (seat) => variables(await joinCausal(causal(), { ...seat, schema })) },
  'token-coherence': {
    join: async (seat) => variables(await joinTokenCoherence(tokenCoherence(), { ...seat, schema })),
  },
  'token-coherence migrate': {
    join: async (seat) =>
      variables(await joinTokenCoherence(tokenCoherence({ writes: 'migrate' }), { ...seat, schema })),
  },
  'read-replication': {
    join: async (seat) => variables(await joinReadReplication(readReplication(), { ...seat, schema })),
  },
  'total-order': {
    join: async (seat) => orderedVariables(await joinTotalOrder(totalOrder(), { ...seat, schema })),
  },
};

/** Ways to run a protocol that only comparisons name. */
const others: Readonly<Record<string, System>> = {
  'attiya-register by key': {
    join: async (seat) =>
      variables(await join(attiyaRegister({ busyRounds: Number.POSITIVE_INFINITY }), { ...seat, schema })),
  },
};

// Clients of servers are loaded by who measures them: it takes longer than to load all else.
const clientsOfRedis = () => import('./peers/redis-memory.js');
const ourRedis = () => import('@dsm/redis');
const ourEtcd = () => import('@dsm/etcd');
const ourNats = () => import('@dsm/nats');

/** What people would use instead: each group is named by `--peers`. */
export const peers: Readonly<Record<string, Readonly<Record<string, System>>>> = {
  redis: {
    'redis (node-redis)': {
      load: clientsOfRedis,
      join: async (seat) => (await clientsOfRedis()).nodeRedis(seat),
      startServer: startRedis,
      program: redisProgram,
    },
    'redis (ioredis)': {
      load: clientsOfRedis,
      join: async (seat) => (await clientsOfRedis()).ioredis(seat),
      startServer: startRedis,
      program: redisProgram,
    },
    'redis (@dsm/redis)': {
      load: ourRedis,
      join: async ({ id, server: url }) => {
        const { join, redis } = await ourRedis();
        return engineVariables(await join(redis({ url }), { id, schema }));
      },
      startServer: startRedis,
      program: redisProgram,
    },
  },
  etcd: {
    'etcd (@dsm/etcd)': {
      load: ourEtcd,
      join: async ({ id, server: hosts }) => {
        const { etcd, join } = await ourEtcd();
        return engineVariables(await join(etcd({ hosts }), { id, schema }));
      },
      startServer: startEtcd,
      program: etcdProgram,
    },
  },
  nats: {
    'nats (@dsm/nats)': {
      load: ourNats,
      join: async ({ id, server: servers }) => {
        const { join, nats } = await ourNats();
        return engineVariables(await join(nats({ servers }), { id, schema }));
      },
      startServer: startNats,
      program: natsProgram,
    },
  },
  single: { single: { join: single, startServer: startSingle } },
};

/** The systems that the module of a user exports as `systems`. */
export async function systemsOf(module: string): Promise<Readonly<Record<string, System>>> {
  const { systems } = (await import(pathToFileURL(module).href)) as { systems?: Record<string, System> };
  if (systems === undefined) throw new TypeError(`${module} does not export \`systems\`.`);
  return systems;
}

/** The system of a name. */
export async function systemNamed(name: string, module: string | undefined): Promise<System> {
  const named = module === undefined ? {} : await systemsOf(module);
  const system = [named, protocols, others, ...Object.values(peers)]
    .filter((systems) => Object.hasOwn(systems, name))
    .map((systems) => systems[name])[0];
  if (system === undefined) throw new RangeError(`There is no system ${name}.`);
  return system;
}

/** Throws `MissingProgram` unless all of these systems can be started here. */
export async function assertInstalled(names: readonly string[], module: string | undefined): Promise<void> {
  for (const name of names) {
    const { program } = await systemNamed(name, module);
    if (program === undefined) continue;
    if (spawnSync(program, ['--version']).error !== undefined) throw new MissingProgram(program, name);
  }
}

/** What `join` of any protocol gives, as a benchmark sees it. */
type SwappingVariables = Variables<Record<string, string>> & {
  compareAndSwap?(
    key: string,
    expected: string | undefined,
    value: string,
  ): Promise<{ readonly ok: boolean; readonly version?: string | undefined }>;
};

/** A member of any protocol, as a memory to be measured. */
function variables(memory: SwappingVariables): Memory {
  const swap = memory.guarantees.compareAndSwap ? memory.compareAndSwap : undefined;
  return {
    guarantees: memory.guarantees,
    read: (key) => memory.read(key),
    write: (key, value) => memory.write(key, value),
    delete: (key) => memory.delete(key),
    ...(swap !== undefined && {
      compareAndSwap: (key, expected, value) => swap.call(memory, key, expected, value),
    }),
    traffic: () => {
      const { messages, bytes } = memory.metrics();
      return { messages: { read: messages.out.read, write: messages.out.write }, bytes: bytes.out };
    },
    close: () => memory.close(),
  };
}

/** A client of a server behind our face: the server counts the bytes. */
function engineVariables(memory: SwappingVariables & { server(): ServerReport }): Memory {
  const { traffic: _, ...others } = variables(memory);
  return { ...others, server: () => memory.server() };
}

/** A member of total order: only with the places of its writes can so long a history be judged. */
function orderedVariables(memory: SwappingVariables): Memory {
  // As one number: 31 slots, and batches of at most 128.
  const numbered = (version: string): number => {
    const [time, slot, index] = placeOf(version) ?? [0, 0, 0];
    return (time * 32 + slot) * 128 + index;
  };
  return {
    ...variables(memory),
    placeOf: (version) => (typeof version === 'string' ? numbered(version) : 0),
  };
}
