import { Malformed } from '../codec/malformed.js';
import type { Reader } from '../codec/reader.js';
import type { Writer } from '../codec/writer.js';

/** What a member says of itself when it meets another; all but the name must be the same at both. */
export interface Identity {
  readonly group: string;
  readonly name: string;
  readonly protocol: string;
  /** The protocol's options as canonical JSON. */
  readonly options: string;
  /** The configured members, `name=address` in the order of their slots. */
  readonly members: readonly string[];
}

export function writeIdentity(identity: Identity, writer: Writer): void {
  writer.string(identity.group);
  writer.string(identity.name);
  writer.string(identity.protocol);
  writer.string(identity.options);
  writer.byte(identity.members.length);
  for (const member of identity.members) writer.string(member);
}

export function readIdentity(reader: Reader): Identity {
  const group = reader.string();
  const name = reader.string();
  const protocol = reader.string();
  const options = reader.string();
  const members: string[] = [];
  for (let left = reader.byte(); left > 0; left -= 1) members.push(reader.string());
  if (!reader.finished) throw new Malformed('bytes behind an identity');
  return { group, name, protocol, options, members };
}

/** Why two members cannot be in one group, with what both sides say, or `undefined` if they can. */
export function mismatch(mine: Identity, theirs: Identity): string | undefined {
  const differs = (what: string, ours: string, other: string) =>
    `${what} differs: '${mine.name}' has ${ours}, '${theirs.name}' has ${other}`;
  if (mine.protocol !== theirs.protocol) return differs('the protocol', mine.protocol, theirs.protocol);
  if (mine.options !== theirs.options) return differs('an option', mine.options, theirs.options);
  const ours = mine.members.join(', ');
  const other = theirs.members.join(', ');
  if (ours !== other) return differs('the member list', `[${ours}]`, `[${other}]`);
  return undefined;
}
