import { ABSENT, Malformed, type MessageCodec, type Reader, type Writer } from '@dsm/core';
import type { Shelved } from './contents.js';
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
}

export type Message = Told | Applied | Compare | State;

/** Who came later, where nobody did. */
const nobody: readonly number[] = [];

/** Vectors are no longer: so many origins there are not even in a group that lives long and changes often. */
const originsMax = 65_536;

const codes = ['update', 'applied', 'compare', 'state'] as const;
const codeOf = { update: 0, applied: 1, compare: 2, state: 3 } as const;

/** What stands for a value: one that the receiver does not subscribe to, a deleted entry, or bytes that follow. */
const values = { omitted: 0, absent: 1, present: 2 } as const;

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
    if (message.type === 'update') return writeUpdate(message, writer);
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
        return readTold(later, applied, reader);
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
    const origin = translation.origin(message.origin);
    const dependencies = translation.vector(message.dependencies);
    return origin === undefined ? undefined : { ...message, applied, origin, dependencies };
  }
  const cells: Shelved[] = [];
  for (const cell of message.cells) {
    const origin = translation.origin(cell.origin);
    if (origin === undefined) return undefined;
    cells.push({ ...cell, origin, merged: cell.merged && translation.vector(cell.merged) });
  }
  return { ...message, later, applied, cells };
}

function writeUpdate({ origin, sequence, dependencies, time, key, value }: Update, writer: Writer): void {
  writer.whole(origin);
  writer.whole(sequence);
  writeVector(dependencies, writer);
  writer.whole(time);
  writer.string(key);
  writeValue(value, writer);
}

function writeState({ transfer, part, parts, clock, cells }: State, writer: Writer): void {
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
  return { transfer, part, parts, clock, cells };
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

function readTold(later: Said['later'], applied: Said['applied'], reader: Reader): Told {
  return {
    type: 'update',
    later,
    applied,
    origin: readOrigin(reader),
    sequence: reader.whole(),
    dependencies: readVector(reader),
    time: reader.whole(),
    key: reader.string(),
    value: readKind(reader) && reader.slice(),
  };
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
