import { ABSENT, type Key, Malformed, type MessageCodec, type Reader, type Writer } from '@dsm/core';
import type { Named, Shelved } from './contents.js';
import { numberMax } from './names.js';
import type { Translation } from './origins.js';
import type { Update } from './update.js';
import { nothing, type Vector, zeros } from './vector.js';

/** What every message says. Its vectors, and whatever else names an origin, are in the numbers of its sender. */
interface Said {
  /** What the sender has applied. An update says nothing of it where all was said before, or will be. */
  readonly applied: Readonly<Vector>;
  /** The incarnations of those who came later than the first view, in the order of the sender's numbers. */
  readonly later: readonly number[];
}

/** A write on its way: from its origin, or from a member that was asked for what another one lacks. */
export interface Told extends Update, Said {
  readonly type: 'update';
}

/** What was written in one turn, in the order of its sequences. */
export interface Batch extends Said {
  readonly type: 'updates';
  readonly updates: readonly Update[];
}

/** What the sender has applied, for those who keep updates until everybody has them, or wait until some have. */
export interface Applied extends Said {
  readonly type: 'applied';
}

/** As `applied`, and asks for the updates that the sender lacks; `answer` asks for the other's vector, too. */
export interface Compare extends Said {
  readonly type: 'compare';
  readonly answer: boolean;
  /** The origins that have departed, as the sender knows. */
  readonly departed: readonly number[];
}

/** A part of all that the sender holds, for a member that lacks more than logs keep: nothing before all are there. */
export interface State extends Said {
  readonly type: 'state';
  /** Numbers the transfers of a sender: parts of two of them do not fit together. */
  readonly transfer: number;
  readonly part: number;
  readonly parts: number;
  /** The largest time of any update that the sender has applied. */
  readonly clock: number;
  readonly cells: readonly Shelved[];
  readonly names: readonly Named[];
}

export type Message = Told | Batch | Applied | Compare | State;

/** Who came later, where nobody did. */
const nobody: readonly number[] = [];

/** Vectors are no longer: so many origins there are not even in a group that lives long and changes often. */
const originsMax = 65_536;

const codes = ['update', 'applied', 'compare', 'state', 'updates'] as const;
const codeOf = { update: 0, applied: 1, compare: 2, state: 3, updates: 4 } as const;

/** What stands for a value: one that the receiver does not subscribe to, a deleted entry, or bytes that follow. */
const values = { omitted: 0, absent: 1, present: 2 } as const;
const valueMask = 3;

/** What an update has in common with the one before it, and so does not say; and which of its fields it has. */
const common = { origin: 4, dependencies: 8, time: 16 } as const;
const has = { key: 32, number: 64 } as const;
const flagsEnd = 128;

/** What stands before the first update of a message. */
const before: Update = {
  origin: 0,
  sequence: 0,
  dependencies: nothing,
  time: 0,
  key: '',
  number: 0,
  value: undefined,
};

export const codec: MessageCodec<Message> = {
  encode(message, writer) {
    const { type, later, applied } = message;
    writer.byte(codeOf[type] + (later.length > 0 ? codes.length : 0));
    if (later.length > 0) writeVector(later, writer);
    writeVector(applied, writer);
    if (message.type === 'compare') {
      writer.byte(message.answer ? 1 : 0);
      return writeVector(message.departed, writer);
    }
    if (message.type === 'update') return writeUpdate(message, before, writer);
    if (message.type === 'updates') return writeUpdates(message.updates, writer);
    if (message.type === 'state') writeState(message, writer);
  },

  decode(reader) {
    const code = reader.below(2 * codes.length);
    const type = codes[code % codes.length];
    const later = code < codes.length ? nobody : readVector(reader);
    const applied = readVector(reader);
    switch (type) {
      case 'applied':
        return { type, later, applied };
      case 'compare':
        return { type, later, applied, answer: reader.below(2) === 1, departed: readVector(reader) };
      case 'update':
        return { type, later, applied, ...readUpdate(before, reader) };
      case 'updates':
        return { type, later, applied, updates: readUpdates(reader) };
      case 'state':
        return { type, later, applied, ...readState(reader) };
      default:
        throw new Malformed('not a message of causal memory');
    }
  },

  purpose: () => 'write',
};

/** The message in the numbers of its receiver; undefined where it is about an origin that it does not name. */
export function translated(message: Message, translation: Translation): Message | undefined {
  const { later } = message;
  const applied = translation.vector(message.applied);
  if (message.type === 'applied') return { ...message, applied };
  if (message.type === 'compare') {
    const departed = message.departed.flatMap((one) => translation.origin(one) ?? []);
    return { ...message, applied, departed };
  }
  if (message.type === 'update') {
    const update = translatedUpdate(message, translation);
    return update && { ...message, ...update, applied };
  }
  if (message.type === 'updates') {
    const updates = all(message.updates, (update) => translatedUpdate(update, translation));
    return updates && { ...message, applied, updates };
  }
  const cells = all(message.cells, (cell) => {
    const origin = translation.origin(cell.origin);
    return origin === undefined
      ? undefined
      : { ...cell, origin, merged: cell.merged && translation.vector(cell.merged) };
  });
  const names = all(message.names, (named) => {
    const origin = translation.origin(named.origin);
    return origin === undefined ? undefined : { ...named, origin };
  });
  return cells && names && { ...message, later, applied, cells, names };
}

function translatedUpdate(update: Update, translation: Translation): Update | undefined {
  const origin = translation.origin(update.origin);
  const dependencies = translation.vector(update.dependencies);
  return origin === undefined ? undefined : { ...update, origin, dependencies };
}

/** What becomes of every item; undefined if it is undefined for one. */
function all<Item, Other>(
  items: readonly Item[],
  become: (item: Item) => Other | undefined,
): Other[] | undefined {
  const others: Other[] = [];
  for (const item of items) {
    const other = become(item);
    if (other === undefined) return undefined;
    others.push(other);
  }
  return others;
}

function writeUpdates(updates: readonly Update[], writer: Writer): void {
  writer.whole(updates.length);
  let last = before;
  for (const update of updates) {
    writeUpdate(update, last, writer);
    last = update;
  }
}

/** An update behind another one, of which it does not repeat what is the same or the next. */
function writeUpdate(update: Update, last: Update, writer: Writer): void {
  const { origin, sequence, dependencies, time, key, number, value } = update;
  const follows = origin === last.origin && sequence === last.sequence + 1;
  let flags: number =
    value === undefined ? values.omitted : value === ABSENT ? values.absent : values.present;
  if (follows) flags |= common.origin;
  if (dependencies === last.dependencies) flags |= common.dependencies;
  if (time === last.time + 1) flags |= common.time;
  if (key !== '') flags |= has.key;
  if (number !== 0) flags |= has.number;
  writer.byte(flags);
  if (!follows) writer.whole(origin);
  if (!follows) writer.whole(sequence);
  if (dependencies !== last.dependencies) writeVector(dependencies, writer);
  if (time !== last.time + 1) writer.whole(time);
  if (key !== '') writer.string(key);
  if (number !== 0) writer.whole(number);
  if (value !== undefined && value !== ABSENT) writer.blob(value);
}

function writeState({ transfer, part, parts, clock, cells, names }: State, writer: Writer): void {
  for (const figure of [transfer, part, parts, clock, cells.length]) writer.whole(figure);
  for (const { key, value, tag, origin, sequence, merged } of cells) {
    writer.string(key);
    writeValue(value, writer);
    writer.whole(tag);
    writer.whole(origin);
    writer.whole(sequence);
    writer.byte(merged === undefined ? 0 : 1);
    if (merged !== undefined) writeVector(merged, writer);
  }
  writer.whole(names.length);
  for (const { origin, number, key } of names) {
    writer.whole(origin);
    writer.whole(number);
    writer.string(key);
  }
}

function readState(reader: Reader): Omit<State, 'type' | keyof Said> {
  const transfer = reader.whole();
  const part = reader.whole();
  const parts = reader.whole();
  if (part >= parts) throw new Malformed('a part beyond the last one');
  const clock = reader.whole();
  const count = reader.whole();
  const cells: Shelved[] = [];
  while (cells.length < count) cells.push(readCell(reader));
  const named = reader.whole();
  const names: Named[] = [];
  while (names.length < named) {
    names.push({ origin: readOrigin(reader), number: readNumber(reader), key: reader.string() });
  }
  return { transfer, part, parts, clock, cells, names };
}

function readCell(reader: Reader): Shelved {
  const key = reader.string();
  const value = readKind(reader) && reader.blob();
  if (value === undefined) throw new Malformed('a cell without a value');
  const tag = reader.whole();
  const origin = readOrigin(reader);
  const sequence = reader.whole();
  return {
    key,
    value,
    tag,
    origin,
    sequence,
    merged: reader.below(2) === 1 ? readVector(reader) : undefined,
  };
}

function writeValue(value: Update['value'], writer: Writer): void {
  if (value === undefined) return writer.byte(values.omitted);
  if (value === ABSENT) return writer.byte(values.absent);
  writer.byte(values.present);
  writer.blob(value);
}

function readOrigin(reader: Reader): number {
  const origin = reader.whole();
  if (origin >= originsMax) throw new Malformed('an origin of too many');
  return origin;
}

function readNumber(reader: Reader): number {
  const number = reader.whole();
  if (number === 0 || number > numberMax) throw new Malformed('a number that no key has');
  return number;
}

function readUpdates(reader: Reader): Update[] {
  const count = reader.whole();
  const updates: Update[] = [];
  let last = before;
  while (updates.length < count) {
    last = readUpdate(last, reader);
    updates.push(last);
  }
  return updates;
}

function readUpdate(last: Update, reader: Reader): Update {
  const flags = reader.below(flagsEnd);
  const kind = flags & valueMask;
  if (kind > values.present) throw new Malformed('a kind of value that does not exist');
  if ((flags & (has.key | has.number)) === 0) throw new Malformed('an update of no key');
  const follows = (flags & common.origin) !== 0;
  return {
    origin: follows ? last.origin : readOrigin(reader),
    sequence: follows ? last.sequence + 1 : reader.whole(),
    dependencies: (flags & common.dependencies) !== 0 ? last.dependencies : readVector(reader),
    time: (flags & common.time) !== 0 ? last.time + 1 : reader.whole(),
    key: (flags & has.key) !== 0 ? readKey(reader) : '',
    number: (flags & has.number) !== 0 ? readNumber(reader) : 0,
    value: kind === values.present ? reader.slice() : kind === values.absent ? ABSENT : undefined,
  };
}

/** An empty one would stand for no key. */
function readKey(reader: Reader): Key {
  const key = reader.string();
  if (key === '') throw new Malformed('an update of no key');
  return key;
}

/** The kind of a value whose bytes follow; otherwise what stands for it. */
function readKind(reader: Reader): typeof values.present | null | undefined {
  const kind = reader.below(3);
  if (kind === values.present) return kind;
  return kind === values.absent ? ABSENT : undefined;
}

function writeVector(vector: Readonly<Vector>, writer: Writer): void {
  writer.whole(vector.length);
  for (let origin = 0; origin < vector.length; origin += 1) writer.whole(vector[origin] as number);
}

function readVector(reader: Reader): Readonly<Vector> {
  const size = reader.whole();
  if (size === 0) return nothing;
  if (size > originsMax) throw new Malformed('a vector of too many');
  const vector = zeros(size);
  for (let origin = 0; origin < vector.length; origin += 1) vector[origin] = reader.whole();
  return vector;
}
