import { ABSENT, Malformed, type MessageCodec, membersMax, type Reader, type Writer } from '@dsm/core';
import type { Shelved } from './contents.js';
import type { Update } from './update.js';
import { type Vector, zeros } from './vector.js';

/** A write on its way: from its origin, or from a member that was asked for what another one lacks. */
export interface Told extends Update {
  readonly type: 'update';
  /** What the sender has applied. */
  readonly applied: Readonly<Vector>;
}

/** What the sender has applied, for those who keep updates until everybody has them, or wait until some have. */
export interface Applied {
  readonly type: 'applied';
  readonly applied: Readonly<Vector>;
}

/** As `applied`, and asks for the updates that the sender lacks; `answer` asks for the other's vector, too. */
export interface Compare {
  readonly type: 'compare';
  readonly applied: Readonly<Vector>;
  readonly answer: boolean;
}

/** A part of all that the sender holds, for a member that lacks more than logs keep: nothing before all are there. */
export interface State {
  readonly type: 'state';
  /** What the sender has applied; the same in all parts. */
  readonly applied: Readonly<Vector>;
  /** Numbers the transfers of a sender: parts of two of them do not fit together. */
  readonly transfer: number;
  readonly part: number;
  readonly parts: number;
  /** The largest time of any update that the sender has applied. */
  readonly clock: number;
  readonly cells: readonly Shelved[];
}

export type Message = Told | Applied | Compare | State;

const codes = ['update', 'applied', 'compare', 'state'] as const;

/** What stands for a value: one that the receiver does not subscribe to, a deleted entry, or bytes that follow. */
const values = { omitted: 0, absent: 1, present: 2 } as const;

export const codec: MessageCodec<Message> = {
  encode(message, writer) {
    writer.byte(codes.indexOf(message.type));
    writeVector(message.applied, writer);
    if (message.type === 'compare') return writer.byte(message.answer ? 1 : 0);
    if (message.type === 'update') return writeUpdate(message, writer);
    if (message.type === 'state') writeState(message, writer);
  },

  decode(reader) {
    const type = codes[reader.below(codes.length)];
    const applied = readVector(reader);
    switch (type) {
      case 'applied':
        return { type, applied };
      case 'compare':
        return { type, applied, answer: reader.below(2) === 1 };
      case 'update':
        return readTold(applied, reader);
      case 'state':
        return { type, applied, ...readState(reader) };
      default:
        throw new Malformed('not a message of causal memory');
    }
  },

  purpose: () => 'write',
};

function writeUpdate({ origin, sequence, dependencies, time, key, value }: Update, writer: Writer): void {
  writer.byte(origin);
  writer.whole(sequence);
  writeVector(dependencies, writer);
  writer.whole(time);
  writer.string(key);
  writeValue(value, writer);
}

function writeState({ transfer, part, parts, clock, cells }: State, writer: Writer): void {
  for (const figure of [transfer, part, parts, clock, cells.length]) writer.whole(figure);
  for (const { key, value, tag, sequence, merged } of cells) {
    writer.string(key);
    writeValue(value, writer);
    writer.whole(tag);
    writer.whole(sequence);
    writer.byte(merged === undefined ? 0 : 1);
    if (merged !== undefined) writeVector(merged, writer);
  }
}

function readState(reader: Reader): Omit<State, 'type' | 'applied'> {
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
  const value = readValue(reader);
  if (value === undefined) throw new Malformed('a cell without a value');
  const tag = reader.whole();
  const sequence = reader.whole();
  return { key, value, tag, sequence, merged: reader.below(2) === 1 ? readVector(reader) : undefined };
}

function writeValue(value: Update['value'], writer: Writer): void {
  if (value === undefined) return writer.byte(values.omitted);
  if (value === ABSENT) return writer.byte(values.absent);
  writer.byte(values.present);
  writer.blob(value);
}

function readTold(applied: Readonly<Vector>, reader: Reader): Told {
  return {
    type: 'update',
    applied,
    origin: reader.below(membersMax),
    sequence: reader.whole(),
    dependencies: readVector(reader),
    time: reader.whole(),
    key: reader.string(),
    value: readValue(reader),
  };
}

function readValue(reader: Reader): Update['value'] {
  switch (reader.below(3)) {
    case values.omitted:
      return undefined;
    case values.absent:
      return ABSENT;
    default:
      return reader.blob();
  }
}

function writeVector(vector: Readonly<Vector>, writer: Writer): void {
  writer.byte(vector.length);
  for (const sequence of vector) writer.whole(sequence);
}

function readVector(reader: Reader): Vector {
  const vector = zeros(reader.below(membersMax + 1));
  for (let origin = 0; origin < vector.length; origin += 1) vector[origin] = reader.whole();
  return vector;
}
