import { isWellFormed } from '../codec/text.js';
import { textBytesMax } from '../codec/writer.js';
import { DsmError } from '../error.js';
import { membersMax } from '../members.js';
import type { Trace } from '../node/trace.js';
import type { Security, Transport } from '../transport/transport.js';
import type { Schema } from './schema.js';

/** What bounds a member. Every bound is positive. */
export interface Limits {
  readonly valueBytesMax: number;
  readonly keyBytesMax: number;
  /** Operations begun at this member and not ended; beyond it they fail at once with `DSM_OVERLOADED`. */
  readonly operationsPendingMax: number;
  /**
   * Bytes sent to a peer and not acknowledged; and bytes that operations of this member carry which have not ended:
   * others hold them or pass them on until then. Those beyond it wait.
   */
  readonly bytesInFlightMax: number;
  /** Frames kept per peer that arrived before an earlier one. */
  readonly framesEarlyMax: number;
  /** Changes a watcher of every change may be behind. */
  readonly watchPendingMax: number;
}

const defaultLimits: Limits = {
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
  /** Name to address of the whole first group, the same at every member. Left out where there is a `contact`. */
  readonly members?: Readonly<Record<string, string>> | undefined;
  /**
   * Addresses of members of a group that is there already: any of them takes this member in. Only for protocols whose
   * groups change so, such as `causal`; others reject with `DSM_UNSUPPORTED`.
   */
  readonly contact?: readonly string[] | undefined;
  /** With `contact`: the address that the others dial to reach this member. */
  readonly address?: string | undefined;
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
  readonly limits?: { readonly [L in keyof Limits]?: Limits[L] | undefined } | undefined;
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
  /** Whom to ask to be taken in; then the only name is this member's own. */
  readonly contacts: readonly string[];
  readonly group: string;
  readonly listen: string;
  readonly timeoutMs: number;
  readonly joinTimeoutMs: number;
  readonly suspectAfterMs: number;
  readonly limits: Limits;
  readonly traced: boolean;
}

const nameLengthMax = 255;
const addressLengthMax = 1_000;
/** The longest time that a timer can hold. */
export const delayMsMax = 2 ** 31 - 1;

/** Throws `DSM_INVALID_OPTION` for what cannot be meant. */
export function settingsOf(options: JoinOptions<Schema>): Settings {
  if (!isObject(options)) throw invalid('the options of join must be an object');
  const { id, group = 'default' } = options;
  if (typeof id !== 'string') throw invalid(`id must be a string, not ${kindOf(id)}`);
  checkBuilt(options);
  const { members, contacts } = groupOf(options);
  // Slots follow the names, so that every member numbers the group alike.
  const names = Object.keys(members).sort();
  if (!names.includes(id)) throw invalid(`id '${id}' is not one of the members ${names.join(', ')}`);
  checkText('group', group, nameLengthMax);
  const listen = options.listen ?? (members[id] as string);
  checkText('listen', listen, addressLengthMax);
  checkRest(options);
  return {
    id,
    names,
    addresses: names.map((name) => members[name] as string),
    contacts,
    group,
    listen,
    timeoutMs: delay('timeout', options.timeout, 5_000),
    joinTimeoutMs: delay('joinTimeout', options.joinTimeout, 60_000),
    suspectAfterMs: delay('suspectAfterMs', options.suspectAfterMs, 2_000),
    limits: limitsOf(options.limits),
    traced: options.trace !== undefined,
  };
}

/** The members that are known beforehand, and whom to ask for the others. */
function groupOf({ id, members, contact, address }: JoinOptions<Schema>) {
  if (contact === undefined) {
    if (address !== undefined) throw invalid('address goes with contact; with members it is in the list');
    checkMembers(members);
    return { members, contacts: [] };
  }
  if (members !== undefined) throw invalid('a member has either members or a contact');
  if (!Array.isArray(contact) || contact.length === 0) throw invalid('contact must be a list of addresses');
  for (const one of contact) checkText('contact', one, addressLengthMax);
  const alone = { [id]: address } as Readonly<Record<string, string>>;
  checkMembers(alone);
  return { members: alone, contacts: [...contact] };
}

/** Options that will have a meaning once replicas are durable; until then they must not seem to. */
const notBuilt = ['store'] as const;

function checkBuilt(options: object): void {
  for (const option of notBuilt) {
    if (!(option in options) || Reflect.get(options, option) === undefined) continue;
    const text = `${option} is not supported yet: nothing is stored durably`;
    throw new DsmError('DSM_UNSUPPORTED', text);
  }
}

/** A limit in milliseconds: a positive number; beyond what a timer can hold it stands for that. */
export function delay(name: string, value: number | undefined, otherwise: number): number {
  if (value === undefined) return otherwise;
  if (typeof value !== 'number' || !(value > 0)) {
    throw invalid(`${name} must be a positive number of milliseconds, not ${shown(value)}`);
  }
  return Math.min(value, delayMsMax);
}

/** As `delay`, but never throws: what can be no limit is the usual one. */
export function patience(value: unknown, otherwise: number): number {
  return typeof value === 'number' && value > 0 ? Math.min(value, delayMsMax) : otherwise;
}

/** Throws `DSM_INVALID_OPTION` unless these can be the options of a call; its time limit is checked by `delay`. */
export function checkCall(options: unknown): void {
  if (options === undefined) return;
  if (!isObject(options)) throw invalid(`the options of a call must be an object, not ${kindOf(options)}`);
  checkSignal(options.signal);
}

/** Throws unless it is an `AbortSignal`, of whatever realm or polyfill. */
function checkSignal(signal: unknown): void {
  if (signal === undefined) return;
  if (isObject(signal) && 'aborted' in signal && typeof signal.addEventListener === 'function') return;
  throw invalid(`signal must be an AbortSignal, not ${kindOf(signal)}`);
}

/** Throws `DSM_INVALID_OPTION` for what is no protocol, as when its function was passed instead of called. */
export function checkProtocol(protocol: unknown): void {
  const is = (fits: boolean) => {
    if (!fits) throw invalid(`join takes a protocol, such as causal() returns it, not ${kindOf(protocol)}`);
  };
  is(isObject(protocol));
  const { name, guarantees, options, codec } = protocol as Rest;
  is(typeof name === 'string' && isObject(guarantees) && isObject(options) && isObject(codec));
  const { encode, decode, purpose } = codec as Rest;
  const { replica, answersNeeded, channels, membership, changes } = protocol as Rest;
  is([encode, decode, purpose, replica, answersNeeded].every((part) => typeof part === 'function'));
  is(channels === 'unordered' || channels === 'fifo');
  is(membership === 'views' || membership === 'roster');
  is(changes === 'every' || changes === 'newest');
}

/** Throws `DSM_INVALID_OPTION`, naming the option, unless it is a function. */
export function checkFunction(name: string, value: unknown): void {
  if (typeof value !== 'function') throw invalid(`${name} must be a function, not ${kindOf(value)}`);
}

/** Throws `DSM_INVALID_OPTION`, naming the option, unless it is left out or a boolean. */
export function checkFlag(name: string, value: unknown): void {
  if (value !== undefined && typeof value !== 'boolean') {
    throw invalid(`${name} must be true or false, not ${shown(value)}`);
  }
}

function checkRest(options: JoinOptions<Schema>): void {
  const { transport, security, trace } = options;
  checkFlag('batch', options.batch);
  checkFlag('insecure', options.insecure);
  checkSignal(options.signal);
  if (trace !== undefined) checkFunction('trace', trace);
  if (transport !== undefined && !(isObject(transport) && typeof transport.open === 'function')) {
    throw invalid(`transport must be what zeromq() or memoryNetwork() returns, not ${kindOf(transport)}`);
  }
  if (security !== undefined && !(isObject(security) && isObject(security.members))) {
    throw invalid('security must have a secretKey and members, names with their public keys');
  }
}

function checkMembers(members: unknown): asserts members is Readonly<Record<string, string>> {
  if (!isObject(members) || Array.isArray(members)) {
    throw invalid('members must be an object of names and addresses');
  }
  const entries = Object.entries(members);
  if (entries.length === 0) throw invalid('members is empty');
  if (entries.length > membersMax) {
    throw invalid(`a group has at most ${membersMax} members, not ${entries.length}`);
  }
  const addresses = new Set<unknown>();
  for (const [name, address] of entries) {
    checkText("a member's name", name, nameLengthMax);
    checkText(`the address of '${name}'`, address, addressLengthMax);
    if (addresses.has(address)) throw invalid(`two members have the address ${address}`);
    addresses.add(address);
  }
}

/** Names and addresses are compared as UTF-8 by other members, so they must survive it. */
function checkText(name: string, value: unknown, lengthMax: number): asserts value is string {
  if (typeof value === 'string' && value !== '' && value.length <= lengthMax && isWellFormed(value)) return;
  throw invalid(`${name} must be a string of 1 to ${lengthMax} characters, not ${shown(value)}`);
}

function limitsOf(limits: unknown): Limits {
  if (limits === undefined) return defaultLimits;
  if (!isObject(limits)) throw invalid(`limits must be an object, not ${kindOf(limits)}`);
  const given = Object.entries(limits).filter(([, value]) => value !== undefined);
  for (const [name, value] of given) {
    if (!Object.hasOwn(defaultLimits, name)) throw invalid(`limits.${name} is not a limit`);
    if (!Number.isSafeInteger(value) || (value as number) <= 0) {
      throw invalid(`limits.${name} must be a positive whole number, not ${shown(value)}`);
    }
  }
  const chosen: Limits = { ...defaultLimits, ...Object.fromEntries(given) };
  if (chosen.keyBytesMax > textBytesMax) {
    throw invalid(`limits.keyBytesMax must be at most ${textBytesMax}, not ${chosen.keyBytesMax}`);
  }
  return chosen;
}

type Rest = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Rest {
  return typeof value === 'object' && value !== null;
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  return typeof value === 'object' ? 'an object of another kind' : `a ${typeof value}`;
}

function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 64 ? `${value.slice(0, 64)}…` : value);
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}

export function invalid(text: string): DsmError {
  return new DsmError('DSM_INVALID_OPTION', text);
}
