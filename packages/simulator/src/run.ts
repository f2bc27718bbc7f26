import type { Operation } from '@dsm/checker';
import type { Inspection } from '@dsm/core';
import type { FaultCounts } from './fault-kinds.js';
import { judgeHistory } from './judge.js';
import type { Deed, Ledger } from './ledger.js';
import type { Plan } from './plan.js';
import type { Story } from './story.js';
import type { Subject } from './subject.js';
import { versioned } from './versioned.js';
import { Violation } from './violation.js';
import { LinkedWorld } from './world/linked-world.js';
import { TinyWorld } from './world/tiny-world.js';

/** What one run of a plan did. */
export interface Run {
  readonly operations: number;
  readonly events: number;
  readonly faults: FaultCounts;
  /** How often each situation was met. */
  readonly sometimes: ReadonlyMap<string, number>;
  /** Of everything that happened, in order: equal for equal seeds, in any process. */
  readonly hash: string;
  /** The checker found no answer in time. */
  readonly undecided: boolean;
  readonly violation?: { readonly property: string; readonly detail: string } | undefined;
  /** If it was asked for. */
  readonly story?: Story | undefined;
}

export interface WorldOptions {
  /** Whether it tells a story. */
  readonly tells: boolean;
  /** Whether messages are followed from sender to receiver, which costs time. */
  readonly follows: boolean;
}

/** Inspections that look at messages in flight, as their first run has shown. */
const following = new WeakSet<object>();

/** A run in progress, in one world or the other. */
export interface World {
  readonly ledger: Ledger;
  readonly sometimes: ReadonlyMap<string, number>;
  readonly faults: FaultCounts;
  readonly events: number;
  readonly digest: string;
  readonly story: Story | undefined;
  /** Its inspector asked for messages in flight, and was shown none. */
  readonly missed: boolean;
  /** Safety, with faults, then liveness, without. Throws a `Violation`. */
  perform(): void;
}

/** Performs a plan, and judges its history by what the protocol promises. */
export function perform(subject: Subject, plan: Plan, tells = false): Run {
  const { inspection } = subject;
  const options = { tells, follows: inspection !== undefined && following.has(inspection) };
  const world: World =
    plan.size === 'tiny' ? new TinyWorld(subject, plan, options) : new LinkedWorld(subject, plan, options);
  let violation: Run['violation'];
  let undecided = false;
  try {
    world.perform();
    undecided = judge(subject, world.ledger);
  } catch (error) {
    if (!(error instanceof Violation)) throw error;
    const { property, message } = error;
    violation = { property, detail: message.slice(property.length + 2) };
  }
  if (world.missed && inspection !== undefined) {
    following.add(inspection);
    return perform(subject, plan, tells);
  }
  const { ledger, sometimes, faults, events, digest, story } = world;
  return {
    operations: ledger.deeds.length,
    events,
    faults,
    sometimes,
    hash: digest,
    undecided,
    violation,
    story,
  };
}

/** Whether the checker came to no answer. Where no operation has ended there is nothing to judge. */
function judge({ protocol, inspection }: Subject, { operations: all, deeds }: Ledger): boolean {
  const { consistency } = protocol.guarantees;
  const operations =
    consistency === 'causal'
      ? versioned(deeds)
      : inspection?.placeOf
        ? deeds.map((deed) => placed(deed, inspection))
        : all;
  if (operations.every(({ end }) => end === null)) return false;
  const { verdict, reason } = judgeHistory(consistency, operations);
  if (verdict === 'illegal') throw new Violation(consistency, reason ?? 'the history is illegal');
  return verdict === 'unknown';
}

/** With the place of what it wrote, where there is an order of all writes. */
function placed({ operation, result }: Deed, inspection: Inspection): Operation {
  const wrote = result?.kind === 'written' || (result?.kind === 'swapped' && result.ok);
  const version = result?.kind === 'written' ? result.version : result?.entry.version;
  const order = wrote && version !== undefined ? inspection.placeOf?.(version) : undefined;
  return order === undefined ? operation : { ...operation, order };
}
