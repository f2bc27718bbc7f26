import { randomUUID } from 'node:crypto';
import { type Engine, type Guarantees, joinEngine } from '@dsm/core';
import { describe, test } from 'vitest';
import type { AnyProtocol, Case } from '../case.js';
import { casesOf, topicCases } from '../cases.js';
import { type Face, type Ground, Stage } from '../face/stage.js';
import { type ConformanceOptions, settingsOf } from '../options.js';
import { Detour } from './detour.js';

/** An adapter, and a server for it. */
export interface EngineSubject {
  /** The engine that speaks to a server at this port of loopback. */
  readonly engine: (port: number) => Engine;
  /** The port of the server, asked for when a case begins. It should not hold what others have written. */
  readonly port: () => number;
}

export type EngineOptions = Pick<ConformanceOptions, 'sizes' | 'leaveOut' | 'patienceMs'>;

/** Beyond the patience of every case: what hangs is reported by the case itself. */
const timeout = 300_000;

/**
 * Registers with vitest what every memory must do for its users, tried on clients of a server. The way from a client to
 * the server can be blocked. What does not apply is shown as skipped, with the reason.
 */
export function engineConformance(subject: EngineSubject, options: EngineOptions = {}): void {
  const { name } = subject.engine(1);
  describe(`conformance of ${name}`, { timeout }, () => {
    for (const { title, skipped, run } of engineCases(subject, options)) {
      if (skipped === undefined) test(title, run);
      else test.skip(title, run);
    }
  });
}

/** The same cases as data, for another test runner. */
export function engineCases(subject: EngineSubject, options: EngineOptions = {}): readonly Case[] {
  const { sizes, leaveOut, patienceMs } = settingsOf({ sizes: [1, 3], ...options });
  const { name, guarantees } = subject.engine(1);
  const protocol = manifestOf(name, guarantees);
  const ground = groundOf(subject);
  const drafts = sizes.flatMap((size) =>
    topicCases({ protocol }, size, 'server', () => new Stage({ protocol }, size, ground, patienceMs)),
  );
  return casesOf(drafts, leaveOut);
}

/** What cases ask of a protocol. A client that is cut off goes on no more than a member without the others. */
function manifestOf(name: string, guarantees: Guarantees): AnyProtocol {
  const nothing = () => {
    throw new Error('an engine has no replicas and no messages');
  };
  return {
    name,
    guarantees,
    options: {},
    channels: 'fifo',
    membership: 'roster',
    changes: 'newest',
    answersNeeded: (size) => Math.min(size, 2),
    replica: nothing,
    codec: { encode: nothing, decode: nothing, purpose: nothing },
  };
}

/** Clients of a server, each with a detour of its own, and for each group variables of its own. */
function groundOf({ engine, port }: EngineSubject): Ground {
  const join = joinEngine();
  return {
    keepsBack: true,
    async site(names) {
      const group = randomUUID();
      const made = names.map(async (name) => [name, await Detour.to(port())] as const);
      const detours = new Map(await Promise.all(made));
      const detourOf = (name: string) => detours.get(name) as Detour;
      return {
        join: async (_, options) => {
          const to = engine(detourOf(options.id).port);
          return (await join(to, { ...options, group })) as unknown as Face;
        },
        isolate: (name) => detourOf(name).block(),
        heal: () => {
          for (const detour of detours.values()) detour.heal();
        },
        close: async () => {
          await Promise.all([...detours.values()].map((detour) => detour.close()));
        },
      };
    },
  };
}
