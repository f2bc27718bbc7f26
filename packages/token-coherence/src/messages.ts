import {
  ABSENT,
  type Key,
  Malformed,
  type MessageCodec,
  type Reader,
  type Value,
  type Writer,
} from '@dsm/core';
import { tokensPerKey } from './holding.js';

/** A member asks all others for tokens of a key: one of the owner to read, or all there are to write. */
export interface Seek {
  readonly type: 'seek';
  readonly key: Key;
  /** When it asked, by its Lamport clock: with its slot, the age of the request. At least 1. */
  readonly time: number;
  readonly reading: boolean;
}

/** Tokens with the data. To a writer all that there are here, the owner token among them; to a reader one. */
export interface Granted {
  readonly type: 'granted';
  readonly key: Key;
  readonly tokens: number;
  readonly owner: boolean;
  readonly version: number;
  readonly value: Value;
}

/** All tokens of a member that has not the owner token, to a writer. They say nothing of the data. */
export interface Yielded {
  readonly type: 'yielded';
  readonly key: Key;
  readonly tokens: number;
}

/** A request has been served: nobody need remember it any longer. */
export interface Close {
  readonly type: 'close';
  readonly key: Key;
  readonly time: number;
  readonly reading: boolean;
  /** The newest version at the member that asked, and whether that is a value. */
  readonly version: number;
  readonly present: boolean;
}

/** The holder of all tokens shows what it is about to write. It cannot be read before the token comes. */
export interface Update {
  readonly type: 'update';
  readonly key: Key;
  readonly version: number;
  readonly value: Value;
}

/** The new value is kept here. */
export interface Updated {
  readonly type: 'updated';
  readonly key: Key;
  readonly version: number;
}

/** One token of a writer that has done, and closes its request: this version may be read. */
export interface Share {
  readonly type: 'share';
  readonly key: Key;
  /** Of the request that is closed; 0 where none was needed. */
  readonly time: number;
  readonly version: number;
}

/** A holder of all tokens created or deleted a key, for which it had to ask nobody. */
export interface Announce {
  readonly type: 'announce';
  readonly key: Key;
  readonly version: number;
  readonly present: boolean;
}

/** The vocabulary: a verb asks or tells, its participle answers. */
export type Message = Seek | Granted | Yielded | Close | Update | Updated | Share | Announce;

const types = ['seek', 'granted', 'yielded', 'close', 'update', 'updated', 'share', 'announce'] as const;

export const codec: MessageCodec<Message> = {
  encode(message, writer) {
    writer.byte(types.indexOf(message.type));
    writer.string(message.key);
    switch (message.type) {
      case 'seek':
        writer.whole(message.time);
        return writer.byte(Number(message.reading));
      case 'granted':
        writer.whole(message.tokens);
        writer.byte(Number(message.owner));
        return writeEntry(message, writer);
      case 'yielded':
        return writer.whole(message.tokens);
      case 'close':
        writer.whole(message.time);
        writer.byte(Number(message.reading));
        return writeNews(message, writer);
      case 'update':
        return writeEntry(message, writer);
      case 'updated':
        return writer.whole(message.version);
      case 'share':
        writer.whole(message.time);
        return writer.whole(message.version);
      case 'announce':
        return writeNews(message, writer);
    }
  },

  decode(reader) {
    const type = types[reader.below(types.length)];
    const key = reader.string();
    switch (type) {
      case 'seek':
        return { type, key, time: readTime(reader), reading: readFlag(reader) };
      case 'granted':
        return readGranted(key, reader);
      case 'yielded':
        return { type, key, tokens: readTokens(reader) };
      case 'close':
        return { type, key, time: readTime(reader), reading: readFlag(reader), ...readNews(reader) };
      case 'update':
        return { type, key, ...readEntry(reader) };
      case 'updated':
        return { type, key, version: reader.whole() };
      case 'share':
        return { type, key, time: reader.whole(), version: reader.whole() };
      case 'announce':
        return { type, key, ...readNews(reader) };
      default:
        throw new Malformed('not a message of token coherence');
    }
  },

  purpose(message) {
    switch (message.type) {
      case 'seek':
      case 'close':
        return message.reading ? 'read' : 'write';
      case 'granted':
        return message.owner ? 'write' : 'read';
      default:
        return 'write';
    }
  },
};

interface News {
  readonly version: number;
  readonly present: boolean;
}

interface Entry {
  readonly version: number;
  readonly value: Value;
}

function writeNews({ version, present }: News, writer: Writer): void {
  writer.whole(version);
  writer.byte(Number(present));
}

function readNews(reader: Reader): News {
  return { version: reader.whole(), present: readFlag(reader) };
}

function writeEntry({ version, value }: Entry, writer: Writer): void {
  writer.whole(version);
  writer.byte(Number(value !== ABSENT));
  if (value !== ABSENT) writer.blob(value);
}

function readEntry(reader: Reader): Entry {
  return { version: reader.whole(), value: readFlag(reader) ? reader.blob() : ABSENT };
}

/** A reader is given one token, and never the owner's. */
function readGranted(key: Key, reader: Reader): Granted {
  const tokens = readTokens(reader);
  const owner = readFlag(reader);
  if (!owner && tokens > 1) throw new Malformed(`${tokens} tokens for a reader`);
  return { type: 'granted', key, tokens, owner, ...readEntry(reader) };
}

function readTokens(reader: Reader): number {
  const tokens = reader.whole();
  if (tokens === 0 || tokens > tokensPerKey) throw new Malformed(`${tokens} tokens`);
  return tokens;
}

function readTime(reader: Reader): number {
  const time = reader.whole();
  if (time === 0) throw new Malformed('a request without a time');
  return time;
}

function readFlag(reader: Reader): boolean {
  return reader.below(2) === 1;
}
