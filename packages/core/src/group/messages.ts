import { Malformed } from '../codec/malformed.js';
import type { Reader } from '../codec/reader.js';
import type { Writer } from '../codec/writer.js';
import type { Member, View } from '../protocol.js';
import type { Tag } from '../tag.js';
import { type Enrolled, readDeparted, readEnrolled, writeDeparted, writeEnrolled } from './roster.js';

/** A round and the slot of the proposer, as one number: a later ballot is larger. */
export type Ballot = Tag;

/** A view that an acceptor accepted in a ballot. */
export interface Proposal {
  readonly ballot: Ballot;
  readonly view: View;
}

/** Who is a member of a group without views, as its sender knows it: what it says is true, and need not be all. */
export interface RosterMessage {
  readonly type: 'roster';
  /** The first view, which forms the group. */
  readonly formed: View;
  readonly members: readonly Enrolled[];
  /** The incarnations of those who have gone. */
  readonly departed: readonly number[];
}

/** The words of Paxos (Lamport, 2001), deciding one view; and what members that come and go later are told. */
export type GroupMessage =
  | { readonly type: 'prepare'; readonly ballot: Ballot; readonly birth: number }
  | { readonly type: 'promised'; readonly ballot: Ballot; readonly accepted: Proposal | undefined }
  | { readonly type: 'outranked'; readonly ballot: Ballot; readonly promised: Ballot }
  | { readonly type: 'accept'; readonly ballot: Ballot; readonly view: View }
  | { readonly type: 'accepted'; readonly ballot: Ballot }
  | { readonly type: 'decided'; readonly view: View }
  | RosterMessage;

const codes = ['prepare', 'promised', 'outranked', 'accept', 'accepted', 'decided', 'roster'] as const;

export function writeGroupMessage(message: GroupMessage, writer: Writer): void {
  writer.byte(codes.indexOf(message.type));
  if (message.type === 'decided') return writeView(message.view, writer);
  if (message.type === 'roster') return writeRoster(message, writer);

  writer.whole(message.ballot);
  if (message.type === 'prepare') writer.whole(message.birth);
  if (message.type === 'accept') writeView(message.view, writer);
  if (message.type === 'outranked') writer.whole(message.promised);
  if (message.type !== 'promised') return;

  const { accepted } = message;
  writer.byte(accepted === undefined ? 0 : 1);
  if (accepted === undefined) return;
  writer.whole(accepted.ballot);
  writeView(accepted.view, writer);
}

export function readGroupMessage(reader: Reader): GroupMessage {
  const type = codes[reader.below(codes.length)];
  if (type === 'decided') return { type, view: readView(reader) };
  if (type === 'roster') {
    return { type, formed: readView(reader), members: readEnrolled(reader), departed: readDeparted(reader) };
  }

  const ballot = reader.whole();
  switch (type) {
    case 'prepare':
      return { type, ballot, birth: reader.whole() };
    case 'accepted':
      return { type, ballot };
    case 'outranked':
      return { type, ballot, promised: reader.whole() };
    case 'accept':
      return { type, ballot, view: readView(reader) };
    case 'promised': {
      const accepted = reader.below(2) === 0 ? undefined : readProposal(reader);
      return { type, ballot, accepted };
    }
    default:
      throw new Malformed('not a message of the group');
  }
}

function writeRoster({ formed, members, departed }: RosterMessage, writer: Writer): void {
  writeView(formed, writer);
  writeEnrolled(members, writer);
  writeDeparted(departed, writer);
}

function readProposal(reader: Reader): Proposal {
  return { ballot: reader.whole(), view: readView(reader) };
}

function writeView(view: View, writer: Writer): void {
  writer.whole(view.epoch);
  writer.whole(view.birth);
  writer.byte(view.members.length);
  for (const member of view.members) {
    writer.string(member.name);
    writer.byte(member.slot);
    writer.whole(member.incarnation);
    writer.whole(member.since);
  }
}

function readView(reader: Reader): View {
  const epoch = reader.whole();
  const birth = reader.whole();
  const members: Member[] = [];
  for (let left = reader.below(32); left > 0; left -= 1) {
    const name = reader.string();
    members.push({ name, slot: reader.below(31), incarnation: reader.whole(), since: reader.whole() });
  }
  if (members.length === 0) throw new Malformed('a view of nobody');
  return { epoch, birth, members };
}
