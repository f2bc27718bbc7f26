import {
  ABSENT,
  type Key,
  Malformed,
  type MessageCodec,
  type Reader,
  type Tag,
  type Value,
  type Writer,
} from '@dsm/core';

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

/** The vocabulary: a verb asks, its participle answers. */
export type Message = Query | Queried | Probe | Probed | Store | Stored;

const codes = ['query', 'queried', 'probe', 'probed', 'store', 'stored'] as const;

/** What stands for a value: none given, a deleted entry, or bytes that follow. */
const values = { omitted: 0, absent: 1, present: 2 } as const;

export const codec: MessageCodec<Message> = {
  encode(message, writer) {
    writer.byte(codes.indexOf(message.type));
    writer.whole(message.round);
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
        writer.string(message.key);
        writer.whole(message.tag);
        writer.byte(message.writeBack ? 1 : 0);
        writeConfirmations(message.confirmed, writer);
        return writeValue(message.value, writer);
      case 'stored':
        return writer.byte(message.writeBack ? 1 : 0);
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
        throw new Malformed('not a message of the register');
    }
  },

  purpose(message) {
    if (message.type === 'query' || message.type === 'queried') return 'read';
    if (message.type === 'probe' || message.type === 'probed') return 'write';
    return message.writeBack ? 'read' : 'write';
  },
};

function readStore(round: Round, reader: Reader): Store {
  const key = reader.string();
  const tag = reader.whole();
  const writeBack = readFlag(reader);
  const confirmed = readConfirmations(reader);
  const value = readValue(reader);
  if (value === undefined) throw new Malformed('a store of nothing');
  return { type: 'store', round, key, tag, value, writeBack, confirmed };
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
