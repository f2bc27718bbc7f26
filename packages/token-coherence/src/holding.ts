import { ABSENT, type Key, type Members, type OperationId, type RawEntry, type Value } from '@dsm/core';
import type { Command, Outcome } from './command.js';
import type { Request } from './requests.js';

/**
 * How many tokens a key has, one of them the owner's. They cannot run out: between two writes a member asks once for a
 * token to read with, and is given at most one by each other, so that 31 members have fewer than 31 × 31.
 */
export const tokensPerKey = 4_096;

/** A value with its version: how many times the key had been written. */
export interface Versioned extends RawEntry {
  readonly value: Value;
  readonly version: number;
}

/** The round in which a writer shows the others what it is about to write. All tokens stay where they are. */
export interface Round {
  readonly outcome: Outcome;
  /** Of the request that brought the tokens; 0 where none was needed. */
  readonly time: number;
  /** Who keeps the new value. */
  votes: Members;
}

/** What a member has of one key. */
export interface Holding {
  readonly key: Key;
  /** Of all holdings of the key and of what is in flight the sum is `tokensPerKey`. */
  tokens: number;
  /** Whether the owner token is among them. Then the data is valid. */
  owner: boolean;
  /** The newest value that came here; kept when it cannot be read, for the next view. */
  entry: Versioned;
  /** Whether `entry` is the newest there is. Never without a token. */
  valid: boolean;
  /** What a writer has shown and not yet let be read. Only while there is no token here. */
  prepared: Versioned | undefined;
  /** With `migrate`: tokens were taken from others, and nothing written. Their watchers must hear of the next write. */
  untold: boolean;
  /** The newest version heard of, and whether that is a value. */
  heard: number;
  present: boolean;
  /** Requests of all members, this one's too, that are not closed; the oldest first. */
  readonly requests: Request[];
  /** Reads of this member that wait for a token and the data. */
  readonly reads: OperationId[];
  /** Writes of this member that wait for all tokens, in the order in which they were asked for. */
  readonly commands: Command[];
  round: Round | undefined;
}

/** A key as its home has it in the beginning, with all tokens, or as others have it, with none. */
export function holdingOf(key: Key, entry: Versioned, isHome: boolean): Holding {
  return {
    key,
    tokens: isHome ? tokensPerKey : 0,
    owner: isHome,
    entry,
    valid: isHome,
    prepared: undefined,
    untold: false,
    heard: entry.version,
    present: entry.value !== ABSENT,
    requests: [],
    reads: [],
    commands: [],
    round: undefined,
  };
}
