import {
  ABSENT,
  type Key,
  Malformed,
  type MessageCodec,
  membersMax,
  type Reader,
  type Tag,
  type Value,
  type Writer,
} from '@dsm/core';
import type { Passed } from './cells.js';
import type { Serial, Vector } from './frontier.js';
import { numberMax } from './names.js';

/** Names a round at the member that runs it. Answers carry it back. */
export type Round = number;

/** A tag that a majority is known to store: a read that finds it need not write it back. */
export interface Confirmation {
  readonly key: Key;
  readonly tag: Tag;
}

/** A reader asks for tag and value; it has those of `known` already. */
export interface Query {
  readonly type: 'query';
  readonly round: Round;
  readonly key: Key;
  readonly known: Tag;
  readonly confirmed: readonly Confirmation[];
}

/** The answer: the value is left out where the tag is not newer than the one the reader knows. */
export interface Queried {
  readonly type: 'queried';
  readonly round: Round;
  readonly tag: Tag;
  readonly confirmed: boolean;
  readonly value: Value | undefined;
}

/** A writer asks for the tag alone. */
export interface Probe {
  readonly type: 'probe';
  readonly round: Round;
  readonly key: Key;
  readonly confirmed: readonly Confirmation[];
}

export interface Probed {
  readonly type: 'probed';
  readonly round: Round;
  readonly tag: Tag;
}

/** A writer's new pair, or a pair that a reader writes back. */
export interface Store {
  readonly type: 'store';
  readonly round: Round;
  readonly serial: Serial;
  readonly key: Key;
  readonly tag: Tag;
  readonly value: Value;
  readonly writeBack: boolean;
  readonly confirmed: readonly Confirmation[];
}

export interface Stored {
  readonly type: 'stored';
  readonly round: Round;
  readonly writeBack: boolean;
}

/** A new pair. The key is left out where its number was told with it before. */
export interface Publication {
  /** What the key goes by from now on; 0 for nothing but itself. */
  readonly number: number;
  readonly key: Key | undefined;
  readonly value: Value;
}

/** What a writer has to say, all with one tag. Nobody answers: whoever has taken it in says so when it is surveyed. */
export interface Publish {
  readonly type: 'publish';
  /** Of the first; those behind it follow one by one. */
  readonly serial: Serial;
  readonly tag: Tag;
  readonly pairs: readonly Publication[];
}

/** A busy member asks how far another has got, for many operations at once. */
export interface Survey {
  readonly type: 'survey';
  readonly round: Round;
  /** What most of the operations are. */
  readonly about: 'read' | 'write';
}

export interface Surveyed {
  readonly type: 'surveyed';
  readonly round: Round;
  readonly about: 'read' | 'write';
  /** The largest there is here, of whatever key. */
  readonly tag: Tag;
  readonly taken: readonly Serial[];
  /** By slot: the last store of that member that was taken in, though some before it may be missing. */
  readonly seen: readonly Serial[];
}

/** A member that lacks stores asks another for the pairs of all that came behind these, part by part. */
export interface Mend {
  readonly type: 'mend';
  readonly round: Round;
  readonly since: Vector;
  /** Where the part begins: 0, or what the part before ended with. */
  readonly place: number;
}

export interface Mended {
  readonly type: 'mended';
  readonly round: Round;
  /** All stores up to these have been taken in here. */
  readonly taken: Vector;
  readonly pairs: readonly Passed[];
  /** Where the next part begins; 0 if there is none. */
  readonly next: number;
}

/** The vocabulary: a verb asks, its participle answers. */
export type Message =
  | Query
  | Queried
  | Probe
  | Probed
  | Store
  | Stored
  | Publish
  | Survey
  | Surveyed
  | Mend
  | Mended;

const codes = [
  'query',
  'queried',
  'probe',
  'probed',
  'store',
  'stored',
  'publish',
  'survey',
  'surveyed',
  'mend',
  'mended',
] as const;

/** What stands for a value: none given, a deleted entry, or bytes that follow. */
const values = { omitted: 0, absent: 1, present: 2 } as const;
/** What a publication has besides, in the byte that says it of its value. */
const has = { key: 4, number: 8 } as const;
const publicationEnd = 16;

export const codec: MessageCodec<Message> = {
  encode(message, writer) {
    writer.byte(codes.indexOf(message.type));
    writer.whole(message.type === 'publish' ? message.serial : message.round);
    switch (message.type) {
      case 'query':
        writer.string(message.key);
        writer.whole(message.known);
        return writeConfirmations(message.confirmed, writer);
      case 'queried':
        writer.whole(message.tag);
        writer.byte(message.confirmed ? 1 : 0);
        return writeValue(message.value, writer);
      case 'probe':
        writer.string(message.key);
        return writeConfirmations(message.confirmed, writer);
      case 'probed':
        return writer.whole(message.tag);
      case 'store':
        writer.whole(message.serial);
        writer.string(message.key);
        writer.whole(message.tag);
        writer.byte(message.writeBack ? 1 : 0);
        writeConfirmations(message.confirmed, writer);
        return writeValue(message.value, writer);
      case 'stored':
        return writer.byte(message.writeBack ? 1 : 0);
      default:
        return encodeShared(message, writer);
    }
  },

  decode(reader) {
    const type = codes[reader.below(codes.length)];
    const round = reader.whole();
    switch (type) {
      case 'query':
        return {
          type,
          round,
          key: reader.string(),
          known: reader.whole(),
          confirmed: readConfirmations(reader),
        };
      case 'queried':
        return { type, round, tag: reader.whole(), confirmed: readFlag(reader), value: readValue(reader) };
      case 'probe':
        return { type, round, key: reader.string(), confirmed: readConfirmations(reader) };
      case 'probed':
        return { type, round, tag: reader.whole() };
      case 'store':
        return readStore(round, reader);
      case 'stored':
        return { type, round, writeBack: readFlag(reader) };
      default:
        return decodeShared(type, round, reader);
    }
  },

  purpose(message) {
    if (message.type === 'query' || message.type === 'queried') return 'read';
    if (message.type === 'store' || message.type === 'stored') return message.writeBack ? 'read' : 'write';
    if (message.type === 'survey' || message.type === 'surveyed') return message.about;
    return 'write';
  },
};

function readStore(round: Round, reader: Reader): Store {
  const serial = reader.whole();
  const key = reader.string();
  const tag = reader.whole();
  const writeBack = readFlag(reader);
  const confirmed = readConfirmations(reader);
  const value = readValue(reader);
  if (value === undefined) throw new Malformed('a store of nothing');
  return { type: 'store', round, serial, key, tag, value, writeBack, confirmed };
}

/** Messages for operations on many keys at once. */
type Shared = Publish | Survey | Surveyed | Mend | Mended;

function encodeShared(message: Shared, writer: Writer): void {
  switch (message.type) {
    case 'publish':
      writer.whole(message.tag);
      return writePublications(message.pairs, writer);
    case 'survey':
      return writer.byte(abouts.indexOf(message.about));
    case 'surveyed':
      writer.byte(abouts.indexOf(message.about));
      writer.whole(message.tag);
      writeVector(message.taken, writer);
      return writeVector(message.seen, writer);
    case 'mend':
      writeVector(message.since, writer);
      return writer.whole(message.place);
    case 'mended':
      writeVector(message.taken, writer);
      writer.whole(message.next);
      return writePassed(message.pairs, writer);
  }
}

function decodeShared(type: Message['type'] | undefined, round: Round, reader: Reader): Shared {
  switch (type) {
    case 'publish':
      return readPublish(round, reader);
    case 'survey':
      return { type, round, about: readAbout(reader) };
    case 'surveyed': {
      const [about, tag] = [readAbout(reader), reader.whole()];
      return { type, round, about, tag, taken: readVector(reader), seen: readVector(reader) };
    }
    case 'mend':
      return { type, round, since: readVector(reader), place: reader.whole() };
    case 'mended': {
      const [taken, next] = [readVector(reader), reader.whole()];
      return { type, round, taken, next, pairs: readPassed(reader) };
    }
    default:
      throw new Malformed('not a message of the register');
  }
}

function writePublications(pairs: readonly Publication[], writer: Writer): void {
  writer.whole(pairs.length);
  for (const { number, key, value } of pairs) {
    const kind = value === ABSENT ? values.absent : values.present;
    writer.byte(kind | (key === undefined ? 0 : has.key) | (number === 0 ? 0 : has.number));
    if (number !== 0) writer.whole(number);
    if (key !== undefined) writer.string(key);
    if (value !== ABSENT) writer.blob(value);
  }
}

function readPublish(serial: Serial, reader: Reader): Publish {
  const tag = reader.whole();
  const pairs: Publication[] = [];
  for (let left = reader.whole(); left > 0; left -= 1) pairs.push(readPublication(reader));
  return { type: 'publish', serial, tag, pairs };
}

function readPublication(reader: Reader): Publication {
  const flags = reader.below(publicationEnd);
  const number = (flags & has.number) === 0 ? 0 : reader.whole();
  const key = (flags & has.key) === 0 ? undefined : reader.string();
  if (number > numberMax || (number === 0 && key === undefined)) throw new Malformed('a pair of no key');
  const kind = flags & 3;
  if (kind !== values.absent && kind !== values.present) throw new Malformed('a publication of nothing');
  return { number, key, value: kind === values.absent ? ABSENT : reader.slice() };
}

function writePassed(pairs: readonly Passed[], writer: Writer): void {
  writer.whole(pairs.length);
  for (const { key, from, serial, tag, value } of pairs) {
    writer.string(key);
    writer.byte(from);
    writer.whole(serial);
    writer.whole(tag);
    writeValue(value, writer);
  }
}

function readPassed(reader: Reader): readonly Passed[] {
  const pairs: Passed[] = [];
  for (let left = reader.whole(); left > 0; left -= 1) {
    const key = reader.string();
    const from = reader.below(membersMax);
    const [serial, tag, value] = [reader.whole(), reader.whole(), readValue(reader)];
    if (value === undefined) throw new Malformed('a pair of nothing');
    pairs.push({ key, from, serial, tag, value });
  }
  return pairs;
}

const abouts = ['read', 'write'] as const;

function readAbout(reader: Reader): 'read' | 'write' {
  return abouts[reader.below(abouts.length)] as 'read' | 'write';
}

function writeVector(vector: Vector, writer: Writer): void {
  writer.byte(vector.length);
  for (const serial of vector) writer.whole(serial);
}

function readVector(reader: Reader): Vector {
  const vector: Serial[] = [];
  for (let left = reader.below(membersMax + 1); left > 0; left -= 1) vector.push(reader.whole());
  return vector;
}

function readFlag(reader: Reader): boolean {
  return reader.below(2) === 1;
}

function writeValue(value: Value | undefined, writer: Writer): void {
  if (value === undefined) return writer.byte(values.omitted);
  if (value === ABSENT) return writer.byte(values.absent);
  writer.byte(values.present);
  writer.blob(value);
}

function readValue(reader: Reader): Value | undefined {
  const kind = reader.below(3);
  if (kind === values.omitted) return undefined;
  return kind === values.absent ? ABSENT : reader.blob();
}

function writeConfirmations(confirmations: readonly Confirmation[], writer: Writer): void {
  writer.whole(confirmations.length);
  for (const { key, tag } of confirmations) {
    writer.string(key);
    writer.whole(tag);
  }
}

function readConfirmations(reader: Reader): readonly Confirmation[] {
  let left = reader.whole();
  if (left === 0) return none;
  const confirmations: Confirmation[] = [];
  for (; left > 0; left -= 1) confirmations.push({ key: reader.string(), tag: reader.whole() });
  return confirmations;
}

const none: readonly Confirmation[] = [];
