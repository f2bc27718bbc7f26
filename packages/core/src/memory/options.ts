import { membersMax } from '../members.js';
import type { Trace } from '../node/trace.js';
import type { Security, Transport } from '../transport/transport.js';
import { DsmError } from './error.js';
import type { Schema } from './schema.js';

/** What bounds a member. Every bound is positive. */
export interface Limits {
  readonly valueBytesMax: number;
  readonly keyBytesMax: number;
  /** Operations begun at this member and not ended; beyond it they fail at once with `DSM_OVERLOADED`. */
  readonly operationsPendingMax: number;
  /** Bytes sent to a peer and not acknowledged. */
  readonly bytesInFlightMax: number;
  /** Frames kept per peer that arrived before an earlier one. */
  readonly framesEarlyMax: number;
  /** Changes a watcher of every change may be behind. */
  readonly watchPendingMax: number;
}

export const defaultLimits: Limits = {
  valueBytesMax: 16 * 1024 * 1024,
  keyBytesMax: 1024,
  operationsPendingMax: 10_000,
  bytesInFlightMax: 64 * 1024 * 1024,
  framesEarlyMax: 64,
  watchPendingMax: 10_000,
};

/** What `join` needs to know. */
export interface JoinOptions<T extends Schema> {
  /** This member's stable name; one of `members`. */
  readonly id: string;
  /** Name to address of the whole first group, the same at every member. */
  readonly members: Readonly<Record<string, string>>;
  /** The group's name; frames of other groups are dropped. Default `'default'`. */
  readonly group?: string | undefined;
  /** The address to bind where it differs from the one others dial. */
  readonly listen?: string | undefined;
  readonly schema?: T | undefined;
  /** Every operation's limit in milliseconds. Default 5,000. */
  readonly timeout?: number | undefined;
  /** Milliseconds until joining fails. Default 60,000. */
  readonly joinTimeout?: number | undefined;
  /** Milliseconds of silence before a member is suspected. Default 2,000. */
  readonly suspectAfterMs?: number | undefined;
  readonly limits?: Partial<Limits> | undefined;
  /** `false` sends every message in a frame of its own, for counting. Default `true`. */
  readonly batch?: boolean | undefined;
  readonly transport?: Transport | undefined;
  /** CURVE keys; without them only addresses of this machine are allowed. */
  readonly security?: Security | undefined;
  /** Allows other addresses without keys. */
  readonly insecure?: boolean | undefined;
  /** Called with what happens at this member, as it happens. */
  readonly trace?: Trace | undefined;
  /** Aborts the joining. */
  readonly signal?: AbortSignal | undefined;
}

/** Options checked and completed. */
export interface Settings {
  readonly id: string;
  /** Member names in the order of their slots. */
  readonly names: readonly string[];
  readonly addresses: readonly string[];
  readonly group: string;
  readonly listen: string;
  readonly timeoutMs: number;
  readonly joinTimeoutMs: number;
  readonly suspectAfterMs: number;
  readonly limits: Limits;
  readonly traced: boolean;
}

const nameLengthMax = 255;
const delayMsMax = 2 ** 31 - 1;

/** Throws `DSM_INVALID_OPTION` for what cannot be meant. */
export function settingsOf(options: JoinOptions<Schema>): Settings {
  if (typeof options !== 'object' || options === null) throw invalid('the options must be an object');
  const { id, members, group = 'default' } = options;
  if (typeof id !== 'string') throw invalid(`id must be a string, not ${typeof id}`);
  checkMembers(members);
  // Slots follow the names, so that every member numbers the group alike.
  const names = Object.keys(members).sort();
  if (!names.includes(id)) throw invalid(`id '${id}' is not one of the members ${names.join(', ')}`);
  if (typeof group !== 'string' || group.length === 0 || group.length > nameLengthMax) {
    throw invalid(`group must be a string of 1 to ${nameLengthMax} characters`);
  }
  const listen = options.listen ?? (members[id] as string);
  if (typeof listen !== 'string') throw invalid('listen must be an address');
  return {
    id,
    names,
    addresses: names.map((name) => members[name] as string),
    group,
    listen,
    timeoutMs: delay('timeout', options.timeout, 5_000),
    joinTimeoutMs: delay('joinTimeout', options.joinTimeout, 60_000),
    suspectAfterMs: delay('suspectAfterMs', options.suspectAfterMs, 2_000),
    limits: limitsOf(options.limits ?? {}),
    traced: options.trace !== undefined,
  };
}

/** A limit in milliseconds: a positive number that a timer can hold. */
export function delay(name: string, value: number | undefined, otherwise: number): number {
  if (value === undefined) return otherwise;
  if (typeof value !== 'number' || !(value > 0)) {
    throw invalid(`${name} must be a positive number of milliseconds, not ${String(value)}`);
  }
  return Math.min(value, delayMsMax);
}

function checkMembers(members: unknown): asserts members is Readonly<Record<string, string>> {
  if (typeof members !== 'object' || members === null) {
    throw invalid('members must be an object of names and addresses');
  }
  const entries = Object.entries(members);
  if (entries.length === 0) throw invalid('members is empty');
  if (entries.length > membersMax) {
    throw invalid(`a group has at most ${membersMax} members, not ${entries.length}`);
  }
  const addresses = new Set<unknown>();
  for (const [name, address] of entries) {
    if (name.length === 0 || name.length > nameLengthMax) throw invalid(`'${name}' is not a member's name`);
    if (typeof address !== 'string' || address.length === 0 || address.length > 1_000) {
      throw invalid(`the address of '${name}' must be a string`);
    }
    if (addresses.has(address)) throw invalid(`two members have the address ${address}`);
    addresses.add(address);
  }
}

function limitsOf(limits: Partial<Limits>): Limits {
  for (const [name, value] of Object.entries(limits)) {
    if (!(name in defaultLimits)) throw invalid(`limits.${name} is not a limit`);
    if (value === undefined) continue;
    if (!Number.isSafeInteger(value) || value <= 0) {
      throw invalid(`limits.${name} must be a positive whole number`);
    }
  }
  const given = Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== undefined));
  return { ...defaultLimits, ...given };
}

function invalid(text: string): DsmError {
  return new DsmError('DSM_INVALID_OPTION', text);
}
