import {
  ABSENT,
  type Expectation,
  type MessageCodec,
  membersMax,
  type OperationId,
  type RawEntry,
  type Reader,
  type ReplicaId,
  type Value,
  type Writer,
} from '@dsm/core';
import type {
  Announce,
  Applied,
  Change,
  Changed,
  Deed,
  Message,
  Outcome,
  Parted,
  Progress,
  Store,
} from './messages.js';

const types = [
  ...(['fetch', 'fetched', 'forget', 'change', 'changed', 'halt', 'update'] as const),
  ...(['store', 'halted', 'resume', 'announce', 'acquire', 'granted', 'release'] as const),
  ...(['withdraw', 'withdrawn', 'parted'] as const),
] as const;
type AboutKey = Exclude<Message, Parted>;

const deeds = ['write', 'swap', 'share', 'revoke'] as const;
const outcomes: readonly Outcome[] = ['applied', 'unequal', 'owned', 'released'];
/** Whether a key has a value: unsaid, no, yes. */
const presences = [undefined, false, true] as const;

export const codec: MessageCodec<Message> = {
  encode(message, writer) {
    writer.byte(types.indexOf(message.type));
    if (message.type === 'parted') return;
    writer.string(message.key);
    writeRest(message, writer);
  },

  decode(reader) {
    const type = types[reader.below(types.length)] as Message['type'];
    return type === 'parted' ? { type } : readRest(type, reader.string(), reader);
  },

  purpose({ type }) {
    return type === 'fetch' || type === 'fetched' || type === 'forget' ? 'read' : 'write';
  },
};

function writeRest(message: AboutKey, writer: Writer): void {
  switch (message.type) {
    case 'fetch':
    case 'forget':
    case 'halted':
    case 'resume':
      return;
    case 'fetched':
      writer.byte(message.keeps ? 1 : 0);
      return writeEntry(message.entry, writer);
    case 'change':
      return writeChange(message, writer);
    case 'changed':
      return writeChanged(message, writer);
    case 'halt':
      return writer.byte(presences.indexOf(message.present));
    case 'update':
      return writeEntry(message.entry, writer);
    case 'store':
      return writeStore(message, writer);
    case 'announce':
      return writer.byte((message.present ? 1 : 0) + (message.resumes ? 2 : 0));
    case 'acquire':
    case 'withdraw':
    case 'withdrawn':
      return writer.whole(message.operation);
    case 'granted':
      writer.whole(message.operation);
      writer.whole(message.grant);
      return writeEntry(message.entry, writer);
    case 'release':
      return writer.whole(message.grant);
  }
}

function readRest(type: AboutKey['type'], key: string, reader: Reader): Message {
  switch (type) {
    case 'fetch':
    case 'forget':
    case 'halted':
    case 'resume':
      return { type, key };
    case 'fetched': {
      const keeps = readFlag(reader);
      return { type, key, entry: readEntry(reader), keeps };
    }
    case 'change':
      return readChange(key, reader);
    case 'changed':
      return readChanged(key, reader);
    case 'halt':
      return { type, key, present: presences[reader.below(presences.length)] };
    case 'update':
      return { type, key, entry: readEntry(reader) };
    case 'store':
      return readStore(key, reader);
    case 'announce':
      return readAnnounce(key, reader);
    case 'acquire':
    case 'withdraw':
    case 'withdrawn':
      return { type, key, operation: reader.whole() };
    case 'granted':
      return { type, key, operation: reader.whole(), grant: reader.whole(), entry: readEntry(reader) };
    case 'release':
      return { type, key, grant: reader.whole() };
  }
}

function writeChange({ operation, floor, open, grant, deed }: Change, writer: Writer): void {
  writer.whole(operation);
  writer.whole(floor);
  writeOpen(open, writer);
  writer.whole(grant);
  writer.byte(deeds.indexOf(deed.kind));
  if (deed.kind === 'revoke') return;
  writeValue(deed.value, writer);
  if (deed.kind === 'swap') writeExpectation(deed.expected, writer);
}

function readChange(key: string, reader: Reader): Change {
  const [operation, floor] = [reader.whole(), reader.whole()];
  const open = readOpen(reader);
  return { type: 'change', key, operation, floor, open, grant: reader.whole(), deed: readDeed(reader) };
}

function readDeed(reader: Reader): Deed {
  const kind = deeds[reader.below(deeds.length)] as Deed['kind'];
  if (kind === 'revoke') return { kind, value: ABSENT };
  const value = readValue(reader);
  return kind === 'swap' ? { kind, value, expected: readExpectation(reader) } : { kind, value };
}

function writeChanged(message: Changed, writer: Writer): void {
  const { operation, outcome, version, more, news, found, entry } = message;
  writer.whole(operation);
  writer.byte(outcomes.indexOf(outcome));
  writer.whole(version);
  const entries = (found === undefined ? 0 : 4) + (entry === undefined ? 0 : 8);
  writer.byte((more ? 1 : 0) + (news ? 2 : 0) + entries);
  if (found !== undefined) writeEntry(found, writer);
  if (entry !== undefined) writeEntry(entry, writer);
}

function readChanged(key: string, reader: Reader): Changed {
  const operation = reader.whole();
  const outcome = outcomes[reader.below(outcomes.length)] as Outcome;
  const version = reader.whole();
  const flags = reader.below(16);
  const [more, news] = [(flags & 1) !== 0, (flags & 2) !== 0];
  const found = (flags & 4) === 0 ? undefined : readEntry(reader);
  const entry = (flags & 8) === 0 ? undefined : readEntry(reader);
  return { type: 'changed', key, operation, outcome, version, more, news, found, entry };
}

function readAnnounce(key: string, reader: Reader): Announce {
  const flags = reader.below(4);
  return { type: 'announce', key, present: (flags & 1) !== 0, resumes: (flags & 2) !== 0 };
}

function writeOpen(open: readonly OperationId[], writer: Writer): void {
  writer.whole(open.length);
  for (const operation of open) writer.whole(operation);
}

function readOpen(reader: Reader): readonly OperationId[] {
  return readAll(reader, () => reader.whole());
}

function writeStore({ entry, owner, applied, progress }: Store, writer: Writer): void {
  writeEntry(entry, writer);
  writer.byte(owner === undefined ? membersMax : owner);
  writer.whole(applied.length);
  for (const { origin, operation, version } of applied) {
    writer.byte(origin);
    writer.whole(operation);
    writer.whole(version);
  }
  writer.whole(progress.length);
  for (const { origin, floor, open } of progress) {
    writer.byte(origin);
    writer.whole(floor);
    writeOpen(open, writer);
  }
}

function readStore(key: string, reader: Reader): Store {
  const [entry, owner] = [readEntry(reader), readOwner(reader)];
  const applied = readAll(reader, (): Applied => {
    const origin = reader.below(membersMax);
    return { origin, operation: reader.whole(), version: reader.whole() };
  });
  const progress = readAll(reader, (): Progress => {
    const origin = reader.below(membersMax);
    return { origin, floor: reader.whole(), open: readOpen(reader) };
  });
  return { type: 'store', key, entry, owner, applied, progress };
}

/** Never trusts the count for the size of anything: each one takes bytes of its own. */
function readAll<One>(reader: Reader, read: () => One): readonly One[] {
  const all: One[] = [];
  for (let left = reader.whole(); left > 0; left -= 1) all.push(read());
  return all;
}

function readOwner(reader: Reader): ReplicaId | undefined {
  const owner = reader.below(membersMax + 1);
  return owner === membersMax ? undefined : owner;
}

function writeExpectation(expected: Expectation, writer: Writer): void {
  writer.byte('value' in expected ? 1 : 0);
  if ('value' in expected) writeValue(expected.value, writer);
  else writer.string(expected.version);
}

function readExpectation(reader: Reader): Expectation {
  return readFlag(reader) ? { value: readValue(reader) } : { version: reader.string() };
}

/** Versions here are numbers. An absent entry has version 0, and nothing else does. */
function writeEntry({ value, version }: RawEntry, writer: Writer): void {
  writer.whole(Number(version));
  if (value !== ABSENT) writer.blob(value);
}

function readEntry(reader: Reader): RawEntry {
  const version = reader.whole();
  return { version, value: version === 0 ? ABSENT : reader.blob() };
}

function writeValue(value: Value, writer: Writer): void {
  writer.byte(value === ABSENT ? 0 : 1);
  if (value !== ABSENT) writer.blob(value);
}

function readValue(reader: Reader): Value {
  return readFlag(reader) ? reader.blob() : ABSENT;
}

function readFlag(reader: Reader): boolean {
  return reader.below(2) === 1;
}
