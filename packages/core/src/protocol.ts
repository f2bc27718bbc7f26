import type { Reader } from './codec/reader.js';
import type { Writer } from './codec/writer.js';
import type { DsmErrorCode, DsmOutcome } from './error.js';
import type { Face } from './face.js';
import type { Members, ReplicaId } from './members.js';

/** One to 1,024 bytes of UTF-8. */
export type Key = string;

/** A value, encoded once at the memory face; replicas neither read nor change it. `ABSENT` stands for no value. */
export type Value = Uint8Array | null;
export const ABSENT = null;

/** Names one operation at the member that invoked it. Never used twice by one incarnation. */
export type OperationId = number;

/** What a user sees as the opaque version of an entry, before it is made a string. */
export type RawVersion = number | string;

/** The value of a key together with the version that names this very write of it. */
export interface RawEntry {
  readonly value: Value;
  readonly version: RawVersion;
}

/** What a compare-and-swap compares with: an encoded value, or the version of an entry ('' for an absent one). */
export type Expectation = { readonly value: Value } | { readonly version: string };

/** How an operation ended at the replica. */
export type Result =
  | { readonly kind: 'read'; readonly entry: RawEntry }
  | { readonly kind: 'written'; readonly version: RawVersion }
  | { readonly kind: 'swapped'; readonly ok: boolean; readonly entry: RawEntry };

/** How an operation ended that is no read, write or swap, or that the protocol does not do. */
export type Answer =
  | { readonly kind: 'answered'; readonly value: unknown }
  /** The user gets an error of this code. It was not applied, unless the outcome says that nobody knows. */
  | {
      readonly kind: 'refused';
      readonly code: DsmErrorCode;
      readonly text: string;
      readonly outcome?: DsmOutcome | undefined;
    };

/** What a replica may do to the world. A host never calls back from inside one of these. */
export interface Host<Message> {
  /** Sends to one member; to itself too, which arrives in the same turn, after the running handler. */
  send(to: ReplicaId, message: Message): void;
  /** Sends to everybody of the view, itself included as the papers assume, or to a set. Encoded once. */
  broadcast(message: Message, to?: Members): void;
  /** Ends an operation of this member, exactly once. */
  complete(operation: OperationId, result: Result | Answer): void;
  /** Wakes the watchers of a key: with the entry where it may be shown now and in order, otherwise they read. */
  changed(key: Key, entry?: RawEntry): void;
  /**
   * Calls `timeout(timer)` once after the delay; after none, when this turn ends and before what it sent leaves, so
   * that one message can stand for all of the turn. Setting it again replaces it.
   */
  setTimer(timer: string, delayMs: number): void;
}

/** One protocol at one member, as plain data and events: no clock, no chance, no promise, no I/O. */
export interface Replica<Message, Sealed = unknown> {
  read(operation: OperationId, key: Key, host: Host<Message>): void;
  /** A delete is a write of `ABSENT`. */
  write(operation: OperationId, key: Key, value: Value, host: Host<Message>): void;
  swap?(operation: OperationId, key: Key, expected: Expectation, value: Value, host: Host<Message>): void;
  /** An operation of the protocol's own, begun by its `extras`. */
  perform?(operation: OperationId, request: unknown, host: Host<Message>): void;
  receive(from: ReplicaId, message: Message, host: Host<Message>): void;
  timeout?(timer: string, host: Host<Message>): void;
  /** Messages to and from a member were dropped: ask it again for what is still waited for. For `unordered` only. */
  repeat?(to: ReplicaId, host: Host<Message>): void;
  /**
   * Another member gives no sign of life any more. Perhaps it has crashed, and what it had sent has reached some only;
   * perhaps it is heard of again. Told once in each silence.
   */
  silent?(member: ReplicaId, host: Host<Message>): void;
  /** The keys this replica holds a value of. */
  keys(): Iterable<Key>;
  /**
   * What a read that begins now may be answered with, with no message. For `reads: 'local'` always an entry, of an
   * absent key `ABSENT`; for `reads: 'cached'` undefined where it has to ask. It is used at once: its value need not be
   * there any more when the replica has handled the next event.
   */
  peek?(key: Key): RawEntry | undefined;
  /** Whether this member takes part in a key; all keys where it is left out. */
  subscribes?(key: Key): boolean;
  /** What the next view must know. The group has stopped this epoch before it asks. */
  seal(): Sealed;
  /**
   * For groups without views: who is a member now, by the slots they have here. A member that comes later is never in
   * the first view, `formed`, and enters by this; it is not `ready` before others have given it what they hold.
   * `departed` are the incarnations of all who have gone, those too who went before this member came.
   */
  roster?(members: readonly Member[], formed: View, host: Host<Message>, departed: readonly number[]): void;
  readonly ready?: boolean | undefined;
  /** This member wants to depart. True once enough of those in reach hold all that it holds; asked again until then. */
  leave?(host: Host<Message>, inReach: Members): boolean;
  /** This member is being closed: it may tell the others not to wait for it. No answer arrives any more. */
  closing?(host: Host<Message>): void;
  /** Starts an epoch from the merge of what was sealed; the first view has nothing sealed. */
  enter(view: View, sealed: readonly Sealed[], host: Host<Message>): void;
}

/** A process with a memory: the same name with another incarnation has forgotten everything. */
export interface Member {
  readonly name: string;
  readonly slot: ReplicaId;
  readonly incarnation: number;
  /** The epoch in which it joined. */
  readonly since: number;
}

/** Who is a member, agreed by the members of the view before. */
export interface View {
  readonly epoch: number;
  /** Drawn when the group is formed; tells this group from an earlier one of the same name. */
  readonly birth: number;
  readonly members: readonly Member[];
}

/** What a protocol promises: data for people, types, tests and tools. The checker picks its test from it. */
export interface Guarantees {
  consistency: 'linearizable' | 'sequential' | 'causal' | 'none';
  compareAndSwap: boolean;
  reads: 'local' | 'cached' | 'quorum' | 'all' | 'ordered' | 'server';
  writes: 'local' | 'home' | 'quorum' | 'all' | 'ordered' | 'server';
  /** Crashes that lose no completed operation. */
  survives: 'none' | 'minority' | 'any' | { crashes: number };
  /** `minority-stops`: who does not reach `answersNeeded` members waits; in both parts, where that is all of them. */
  onPartition: 'minority-stops' | 'all-continue';
}

/** How messages become bytes. Decoding throws at anything but a well-formed message, so `receive` never sees it. */
export interface MessageCodec<Message> {
  encode(message: Message, writer: Writer): void;
  decode(reader: Reader): Message;
  /** The kind of operation that caused a message: what "messages per read" and "per write" count. */
  purpose(message: Message): 'read' | 'write';
}

/** What a protocol promises, and the weakest world it promises it in: all that a sixth protocol has to declare. */
export interface Protocol<G extends Guarantees, Message, Extras extends object = object> {
  readonly name: string;
  readonly guarantees: G;
  /** Chosen options that every member must share; compared when members meet. */
  readonly options: Readonly<Record<string, unknown>>;
  /** The members that the options name: `join` refuses a name that is none of its `members`. */
  readonly mentions?: readonly string[] | undefined;
  /** `unordered`: messages may be lost, repeated and reordered, and the replica repeats its own requests. */
  readonly channels: 'unordered' | 'fifo';
  readonly membership: 'views' | 'roster';
  /** Whether watchers can be shown every change in an agreed order, or the newest value after a change. */
  readonly changes: 'every' | 'newest';
  /** How many members have to answer before an operation can end; with fewer in reach the memory is suspended. */
  answersNeeded(size: number): number;
  /**
   * For protocols whose reads and writes wait for no message: how many milliseconds one may wait for others to share
   * its frame, while frames follow each other sooner than that. Default 0.
   */
  readonly lingerMs?: number | undefined;
  /**
   * Whether what a frame of much causes waits for one more turn, as long as turns are short, so that fewer frames leave
   * under load: for protocols of which a message may stand for many operations, or that pass on what they are asked,
   * so that one operation takes several frames. Default false.
   */
  readonly gathers?: boolean | undefined;
  replica(self: ReplicaId): Replica<Message>;
  readonly codec: MessageCodec<Message>;
  /** Methods that the shared memory of this protocol has besides the usual ones. */
  extras?(face: Face): Extras;
}
