import { Malformed } from '../codec/malformed.js';
import type { Reader } from '../codec/reader.js';
import type { Writer } from '../codec/writer.js';

/** What a member says of itself when it meets another; all but the name must be the same at both. */
export interface Identity {
  readonly group: string;
  readonly name: string;
  readonly protocol: string;
  /** The protocol's options as canonical JSON, of which only the beginning and a hash where it is long. */
  readonly options: string;
  /** What a member does not take would be sent to it again and again, and nothing behind it would arrive. */
  readonly valueBytesMax: number;
  /** The configured members, `name=address` in the order of their slots; none where the group is there already. */
  readonly members: readonly string[];
  /** Where the others dial this member, if it is in no list. */
  readonly address?: string | undefined;
}

export function writeIdentity(identity: Identity, writer: Writer): void {
  writer.string(identity.group);
  writer.string(identity.name);
  writer.string(identity.protocol);
  writer.string(identity.options);
  writer.whole(identity.valueBytesMax);
  writer.byte(identity.members.length);
  for (const member of identity.members) writer.string(member);
  // Otherwise it is in the list.
  if (identity.members.length === 0) writer.string(identity.address ?? '');
}

export function readIdentity(reader: Reader): Identity {
  const group = reader.string();
  const name = reader.string();
  const protocol = reader.string();
  const options = reader.string();
  const valueBytesMax = reader.whole();
  const members: string[] = [];
  for (let left = reader.byte(); left > 0; left -= 1) members.push(reader.string());
  const address = members.length === 0 ? reader.string() : '';
  if (!reader.finished) throw new Malformed('bytes behind an identity');
  const identity = { group, name, protocol, options, valueBytesMax, members };
  return address === '' ? identity : { ...identity, address };
}

/** Where the others dial a member; undefined where it does not say. */
export function addressOf({ name, members, address }: Identity): string | undefined {
  return address ?? members.find((member) => member.startsWith(`${name}=`))?.slice(name.length + 1);
}

/** Why two members cannot be in one group, with what both sides say, or `undefined` if they can. */
export function mismatch(mine: Identity, theirs: Identity): string | undefined {
  const differs = (what: string, ours: string, other: string) =>
    `${what} differs: '${mine.name}' has ${ours}, '${theirs.name}' has ${other}`;
  if (mine.protocol !== theirs.protocol) return differs('the protocol', mine.protocol, theirs.protocol);
  if (mine.options !== theirs.options) return differs('an option', mine.options, theirs.options);
  if (mine.valueBytesMax !== theirs.valueBytesMax) {
    return differs('limits.valueBytesMax', `${mine.valueBytesMax}`, `${theirs.valueBytesMax}`);
  }
  // Whoever comes later is told who the members are.
  if (mine.members.length === 0 || theirs.members.length === 0) return undefined;
  const ours = mine.members.join(', ');
  const other = theirs.members.join(', ');
  if (ours !== other) return differs('the member list', `[${ours}]`, `[${other}]`);
  return undefined;
}
