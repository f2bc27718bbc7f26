import { createHash } from 'node:crypto';
import type { Key } from '@dsm/core';

/** Longer names of groups are hashed: subject, key and all must fit into the 4,096 bytes of a line of the protocol. */
const groupLengthMax = 64;

/** The subjects of a group's variables in a bucket: apart from those of every other group. */
export class Names {
  private readonly prefix: string;

  constructor(bucket: string, group: string) {
    this.prefix = `$KV.${bucket}.${groupToken(group)}.`;
  }

  /** The subjects of all keys. */
  get all(): string {
    return `${this.prefix}>`;
  }

  of(key: Key): string {
    return this.prefix + escaped(key);
  }

  /** The key of a subject; undefined where none has this one, so that somebody else has chosen it. */
  keyIn(subject: string): Key | undefined {
    if (!subject.startsWith(this.prefix)) return undefined;
    try {
      const key = decodeURIComponent(subject.slice(this.prefix.length).replaceAll('=', '%'));
      return key !== '' && this.of(key) === subject ? key : undefined;
    } catch {
      return undefined;
    }
  }
}

/** What the server and its tools take in the key of a bucket stands for itself; other bytes are written `=2E`. */
function escaped(text: string): string {
  const rest = (character: string) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
  return encodeURIComponent(text)
    .replace(/[.!~*'()]/g, rest)
    .replaceAll('%', '=');
}

function groupToken(group: string): string {
  const token = escaped(group);
  if (token !== '' && token.length <= groupLengthMax) return token;
  // Nothing that is escaped begins so.
  return `==${createHash('sha256').update(group).digest('base64url')}`;
}
