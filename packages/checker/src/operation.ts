import { HistoryError } from './history-error.js';
import { type Instant, instantText, isInstant, parseInstant, writtenTimes } from './instant.js';
import { canonicalText, type Json } from './value.js';

export type OperationName = 'read' | 'write' | 'cas' | 'delete';

/**
 * One operation of one client on one key, from its invocation to its response.
 *
 * An operation that surely had no effect (a refused write, a request that was never sent) is not recorded at all.
 * One whose outcome is unknown (timed out, client killed) has `end: null`: it may have taken effect at any time after
 * `start`, or never. Its client goes on under a new name.
 */
export interface Operation {
  readonly client: string | number;
  readonly op: OperationName;
  readonly key: string;
  /** What was written, or read; what a cas writes. Undefined is absent. The value of an unknown read is ignored. */
  readonly value?: Json | undefined;
  /** What a cas compares with. Undefined is absent. */
  readonly expected?: Json | undefined;
  /** Of a finished cas: false when it compared unequal and changed nothing. Ignored when `end` is null. */
  readonly ok?: boolean | undefined;
  /** Taken before the request is sent. */
  readonly start: Instant;
  /** Taken after the answer is received, or null when the outcome is unknown. */
  readonly end: Instant | null;
  /** The session of the client, for the models weaker than linearizability. */
  readonly session?: string | number | undefined;
  /** Time, slot and sequence: the place of a write in a total order that the protocol knows. */
  readonly order?: readonly [time: number, slot: number, sequence: number] | undefined;
}

const names: ReadonlySet<unknown> = new Set<OperationName>(['read', 'write', 'cas', 'delete']);

/** The operation on one line of a history. Throws `HistoryError`, and nothing else, when it is malformed. */
export function parseOperation(line: string): Operation {
  const operation = operationOf(line);
  const fault = faultOf(operation);
  if (fault !== undefined) throw new HistoryError(fault);
  return operation;
}

/** One line of a history, without its end of line. Throws `HistoryError` when the operation is malformed. */
export function serialiseOperation(operation: Operation): string {
  const fault = faultOf(operation);
  if (fault !== undefined) throw new HistoryError(fault);
  const { client, op, key, value, expected, ok, start, end, session, order } = operation;
  let line = `{"client":${JSON.stringify(client)},"op":"${op}","key":${JSON.stringify(key)}`;
  if (value !== undefined) line += `,"value":${canonicalText(value)}`;
  if (expected !== undefined) line += `,"expected":${canonicalText(expected)}`;
  if (ok !== undefined) line += `,"ok":${ok}`;
  line += `,"start_ns":${instantText(start)},"end_ns":${end === null ? 'null' : instantText(end)}`;
  if (session !== undefined) line += `,"session":${JSON.stringify(session)}`;
  if (order !== undefined) line += `,"order":[${order.join(',')}]`;
  return `${line}}`;
}

/** The operation that a line spells, its members not yet checked against each other: `faultOf` does that. */
export function operationOf(line: string): Operation {
  const members = membersOf(line);
  const start = timeOf(members, 'start_ns', line);
  const end = members.end_ns === null ? null : timeOf(members, 'end_ns', line);
  return {
    client: members.client as Operation['client'],
    op: members.op as OperationName,
    key: members.key as string,
    value: members.value as Json | undefined,
    expected: members.expected as Json | undefined,
    ok: (members.ok ?? undefined) as boolean | undefined,
    start,
    end,
    session: members.session as Operation['session'],
    order: members.order as Operation['order'],
  };
}

/** What is wrong with an operation, in words, or undefined. */
export function faultOf(operation: Operation): string | undefined {
  const { client, op, key, value, ok, start, end, session, order } = operation;
  if (!isName(client)) return 'client is neither a string nor a number';
  if (!names.has(op)) return 'op is none of read, write, cas and delete';
  if (typeof key !== 'string') return 'key is not a string';
  if (!isInstant(start)) return 'start is not an integer that is exact';
  if (end !== null && !isInstant(end)) return 'end is neither null nor an integer that is exact';
  if (end !== null && end < start) return 'the operation ends before it starts';
  if (op === 'write' && value === undefined) return 'a write has no value; to make a key absent, use delete';
  if (op === 'delete' && value !== undefined) return 'a delete has a value';
  if (ok !== undefined && typeof ok !== 'boolean') return 'ok is not a boolean';
  if (op === 'cas' && end !== null && ok === undefined) return 'a finished cas must say whether it was ok';
  if (op !== 'cas' && end !== null && ok === false) {
    return `a ${op} that is not ok: leave it out when it surely had no effect, else give it an unknown end`;
  }
  if (session !== undefined && !isName(session)) return 'session is neither a string nor a number';
  if (order !== undefined && !isOrder(order)) return 'order is not three safe integers: time, slot, sequence';
  return undefined;
}

function membersOf(line: string): Record<string, unknown> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch (error) {
    throw new HistoryError(`not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) {
    return parsed as Record<string, unknown>;
  }
  throw new HistoryError('not a JSON object');
}

function timeOf(members: Record<string, unknown>, name: 'start_ns' | 'end_ns', line: string): Instant {
  const raw = members[name];
  const rounded = typeof raw === 'number' && !Number.isSafeInteger(raw);
  const instant = parseInstant(rounded ? writtenTimes(line).get(name) : raw);
  if (instant === undefined) throw new HistoryError(`${name} is not an integer of at most 24 digits`);
  return instant;
}

function isName(raw: unknown): raw is string | number {
  return typeof raw === 'string' || (typeof raw === 'number' && Number.isFinite(raw));
}

function isOrder(raw: unknown): boolean {
  return Array.isArray(raw) && raw.length === 3 && raw.every((part) => Number.isSafeInteger(part));
}
