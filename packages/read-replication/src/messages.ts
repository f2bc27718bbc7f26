import type { Expectation, Key, OperationId, RawEntry, ReplicaId, Value } from '@dsm/core';

/** The version of a write, given by the home of its key; they rise there. 0 stands for none. */
export type WriteVersion = number;

/** Names one holding of write access; given by the home. 0 stands for none. */
export type GrantNumber = number;

/** What a member asks a home to do with a variable. */
export type Deed =
  | { readonly kind: 'write'; readonly value: Value }
  | { readonly kind: 'swap'; readonly value: Value; readonly expected: Expectation }
  /** A write by which the member becomes the owner. */
  | { readonly kind: 'share'; readonly value: Value }
  /** Takes the variable and its owner away. */
  | { readonly kind: 'revoke'; readonly value: null };

/** A member without a valid copy asks the home for the value. Answered in the order of asking, like `change`. */
export interface Fetch {
  readonly type: 'fetch';
  readonly key: Key;
}

/** The value. With `keeps` the member is in the copy set from now on: no write is applied before it has halted. */
export interface Fetched {
  readonly type: 'fetched';
  readonly key: Key;
  readonly entry: RawEntry;
  readonly keeps: boolean;
}

/** A holder has dropped its copy of its own accord. */
export interface Forget {
  readonly type: 'forget';
  readonly key: Key;
}

/** A member asks the home for a change. Its own copy is halted from the moment it sends this. */
export interface Change {
  readonly type: 'change';
  readonly key: Key;
  readonly operation: OperationId;
  /** All changes of this member below this one have ended, but for `open`: nobody needs to remember them. */
  readonly floor: OperationId;
  /** Those below it that have not, in order: many others were begun after them. Usually none. */
  readonly open: readonly OperationId[];
  /** The write access under which it is asked for. */
  readonly grant: GrantNumber;
  readonly deed: Deed;
}

/** How a change ended. `unequal`: a swap found something else. `owned`: another member shared it. */
export type Outcome = 'applied' | 'unequal' | 'owned' | 'released';

/** The home has applied the change, or has not: how it ended, and what the sender may now read. */
export interface Changed {
  readonly type: 'changed';
  readonly key: Key;
  readonly operation: OperationId;
  readonly outcome: Outcome;
  /** Of what it wrote; 0 unless it was applied. */
  readonly version: WriteVersion;
  /** Another change of this member was served with this one; its answer follows and has the entry. */
  readonly more: boolean;
  /** Whether anything is new under the key. */
  readonly news: boolean;
  /** What a failed swap found. */
  readonly found: RawEntry | undefined;
  /** What is under the key now, unless it is what this change wrote or found, or `more` follows. */
  readonly entry: RawEntry | undefined;
}

/** The home asks a holder to read its copy no more. With `present` because of a write; otherwise for write access. */
export interface Halt {
  readonly type: 'halt';
  readonly key: Key;
  /** Whether the key has a value after the write. */
  readonly present: boolean | undefined;
}

/** The same to a holder that is given the new value with it; readable after `announce`. */
export interface Update {
  readonly type: 'update';
  readonly key: Key;
  readonly entry: RawEntry;
}

/** A change as those remember it who hold its variable. */
export interface Applied {
  readonly origin: ReplicaId;
  readonly operation: OperationId;
  readonly version: WriteVersion;
}

/** How far a member has come with its changes, as its requests say. */
export interface Progress extends Pick<Change, 'floor' | 'open'> {
  readonly origin: ReplicaId;
}

/** The same to a backup, which holds the value whatever happens; readable after `announce`. */
export interface Store {
  readonly type: 'store';
  readonly key: Key;
  readonly entry: RawEntry;
  readonly owner: ReplicaId | undefined;
  readonly applied: readonly Applied[];
  /** Of all whose changes were decided with these: what need not be remembered any more. */
  readonly progress: readonly Progress[];
}

/** The answer to `halt`, `update` and `store`: nobody reads the old copy here; what came with it is held. */
export interface Halted {
  readonly type: 'halted';
  readonly key: Key;
}

/** What was halted here for write access may be read. */
export interface Resume {
  readonly type: 'resume';
  readonly key: Key;
}

/** A change was applied: tells all who were not asked to halt for it, and those who hold its value already. */
export interface Announce {
  readonly type: 'announce';
  readonly key: Key;
  readonly present: boolean;
  /** What was halted here may be read. */
  readonly resumes: boolean;
}

/** A member asks for write access. */
export interface Acquire {
  readonly type: 'acquire';
  readonly key: Key;
  readonly operation: OperationId;
}

/** It has it, with what is under the key, until it says `release`. */
export interface Granted {
  readonly type: 'granted';
  readonly key: Key;
  readonly operation: OperationId;
  readonly grant: GrantNumber;
  readonly entry: RawEntry;
}

/** The end of write access. */
export interface Release {
  readonly type: 'release';
  readonly key: Key;
  readonly grant: GrantNumber;
}

/** Nobody waits any more for write access that was asked for: it is not given, or taken back. */
export interface Withdraw {
  readonly type: 'withdraw';
  readonly key: Key;
  readonly operation: OperationId;
}

/** The answer: the member does not have what it asked for. */
export interface Withdrawn {
  readonly type: 'withdrawn';
  readonly key: Key;
  readonly operation: OperationId;
}

/** The sender is being closed: it reads nothing any more, has no write access and waits for none. */
export interface Parted {
  readonly type: 'parted';
}

/** The vocabulary: a verb asks or tells, its participle answers. */
export type Message =
  | Fetch
  | Fetched
  | Forget
  | Change
  | Changed
  | Halt
  | Update
  | Store
  | Halted
  | Resume
  | Announce
  | Acquire
  | Granted
  | Release
  | Withdraw
  | Withdrawn
  | Parted;

/** What the home of a key puts into the queue of that key. */
export type Request = Fetch | Change | Acquire | Release | Withdraw;
