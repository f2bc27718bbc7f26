import {
  ABSENT,
  type Expectation,
  type Key,
  Malformed,
  type MessageCodec,
  type Reader,
  type Value,
  type Writer,
} from '@dsm/core';

/** What is put into the order: a write, a compare-and-swap, or a read that is to be linearizable. */
export type Command =
  | { readonly kind: 'read'; readonly key: Key }
  | { readonly kind: 'write'; readonly key: Key; readonly value: Value }
  | { readonly kind: 'swap'; readonly key: Key; readonly value: Value; readonly expected: Expectation };

/** The number of a batch at its initiator: they rise in the order in which it was asked for their commands. */
export type BatchNumber = number;

/** The initiator asks every other subscriber for a time; its own proposal rides on it. */
export interface Propose {
  readonly type: 'propose';
  readonly number: BatchNumber;
  readonly time: number;
  /** All of one subscriber group; ordered one behind the other. At least one. */
  readonly commands: readonly Command[];
}

/** The answer: the time that this subscriber proposes. */
export interface Proposed {
  readonly type: 'proposed';
  readonly number: BatchNumber;
  readonly time: number;
  /** The last batch of the initiator that was delivered here; 0 for none. */
  readonly delivered: BatchNumber;
  /** The batch has nothing but reads; so in the messages below. */
  readonly reading: boolean;
}

/** The final time: the largest that was proposed. */
export interface Commit {
  readonly type: 'commit';
  readonly number: BatchNumber;
  readonly time: number;
  /** All batches of this initiator to the same subscribers before this one were delivered by all of them. */
  readonly floor: BatchNumber;
  readonly reading: boolean;
}

/** The final time is stored here. Only where delivery waits for that. */
export interface Committed {
  readonly type: 'committed';
  readonly number: BatchNumber;
  readonly delivered: BatchNumber;
  readonly reading: boolean;
}

/** So many subscribers store the final time that it cannot be lost. */
export interface Stable {
  readonly type: 'stable';
  readonly number: BatchNumber;
  readonly reading: boolean;
}

/** The vocabulary: a verb asks or tells, its participle answers. */
export type Message = Propose | Proposed | Commit | Committed | Stable;

/** Whether nothing but reads is ordered by it. */
export function isReading(commands: readonly Command[]): boolean {
  return commands.every(({ kind }) => kind === 'read');
}

const types = ['propose', 'proposed', 'commit', 'committed', 'stable'] as const;
const kinds = ['read', 'write', 'swap'] as const;

export const codec: MessageCodec<Message> = {
  encode(message, writer) {
    writer.byte(types.indexOf(message.type));
    writer.whole(message.number);
    if (message.type === 'propose') {
      writer.whole(message.time);
      writer.whole(message.commands.length);
      for (const command of message.commands) writeCommand(command, writer);
      return;
    }
    writer.byte(message.reading ? 1 : 0);
    if (message.type === 'proposed' || message.type === 'commit') writer.whole(message.time);
    if (message.type === 'proposed' || message.type === 'committed') writer.whole(message.delivered);
    if (message.type === 'commit') writer.whole(message.floor);
  },

  decode(reader) {
    const type = types[reader.below(types.length)];
    const number = reader.whole();
    if (type === 'propose') return { type, number, time: reader.whole(), commands: readCommands(reader) };
    const reading = reader.below(2) === 1;
    switch (type) {
      case 'proposed':
        return { type, number, time: reader.whole(), delivered: reader.whole(), reading };
      case 'commit':
        return { type, number, time: reader.whole(), floor: reader.whole(), reading };
      case 'committed':
        return { type, number, delivered: reader.whole(), reading };
      case 'stable':
        return { type, number, reading };
      default:
        throw new Malformed('not a message of total order');
    }
  },

  purpose(message) {
    const reading = message.type === 'propose' ? isReading(message.commands) : message.reading;
    return reading ? 'read' : 'write';
  },
};

function writeCommand(command: Command, writer: Writer): void {
  writer.byte(kinds.indexOf(command.kind));
  writer.string(command.key);
  if (command.kind === 'read') return;
  writeValue(command.value, writer);
  if (command.kind === 'write') return;
  const { expected } = command;
  writer.byte('value' in expected ? 1 : 0);
  if ('value' in expected) writeValue(expected.value, writer);
  else writer.string(expected.version);
}

/** Never trusts the count for the size of anything: each command takes bytes of its own. */
function readCommands(reader: Reader): readonly Command[] {
  const count = reader.whole();
  if (count === 0) throw new Malformed('a batch of nothing');
  const commands: Command[] = [];
  for (let left = count; left > 0; left -= 1) commands.push(readCommand(reader));
  return commands;
}

function readCommand(reader: Reader): Command {
  const kind = kinds[reader.below(kinds.length)] as Command['kind'];
  const key = reader.string();
  if (kind === 'read') return { kind, key };
  const value = readValue(reader);
  return kind === 'write' ? { kind, key, value } : { kind, key, value, expected: readExpectation(reader) };
}

function readExpectation(reader: Reader): Expectation {
  return reader.below(2) === 1 ? { value: readValue(reader) } : { version: reader.string() };
}

function writeValue(value: Value, writer: Writer): void {
  writer.byte(value === ABSENT ? 0 : 1);
  if (value !== ABSENT) writer.blob(value);
}

function readValue(reader: Reader): Value {
  return reader.below(2) === 0 ? ABSENT : reader.blob();
}
