import {
  ABSENT,
  type Expectation,
  equalValues,
  type Key,
  noTag,
  type RawEntry,
  type RawVersion,
  type Result,
} from '@dsm/core';
import type { Command } from './messages.js';

/** What a command came to where it was delivered: the same at every subscriber. */
export interface Outcome {
  /** False for a swap that found another value. */
  readonly applied: boolean;
  /** What is new under its key, if anything is. */
  readonly change: RawEntry | undefined;
  /** For its initiator. */
  readonly result: Result;
}

const absent: RawEntry = { value: ABSENT, version: noTag };

/** The variables as they are after everything that was delivered at a member. */
export class Entries {
  readonly present = new Map<Key, RawEntry>();

  at(key: Key): RawEntry {
    return this.present.get(key) ?? absent;
  }

  /** Performs a command that gives what it writes this version. */
  perform(command: Command, version: RawVersion): Outcome {
    const { kind, key } = command;
    const current = this.at(key);
    if (kind === 'read') return { applied: true, change: undefined, result: { kind, entry: current } };

    const applied = kind === 'write' || matches(current, command.expected);
    const change = applied ? { value: command.value, version } : undefined;
    if (change !== undefined) this.put(key, change);
    if (kind === 'write') return { applied, change, result: { kind: 'written', version } };
    return { applied, change, result: { kind: 'swapped', ok: applied, entry: change ?? current } };
  }

  private put(key: Key, entry: RawEntry): void {
    if (entry.value === ABSENT) this.present.delete(key);
    else this.present.set(key, entry);
  }
}

/** Every subscriber comes to the same answer, since all hold the same entry at this place of the order. */
function matches(current: RawEntry, expected: Expectation): boolean {
  if ('version' in expected) {
    return expected.version === (current.value === ABSENT ? '' : String(current.version));
  }
  return equalValues(current.value, expected.value);
}
