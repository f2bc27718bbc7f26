import { ABSENT, type Key, type RawEntry } from '@dsm/core';

/** A key and its value as the gateway shows them; what is zero or empty is left out. */
interface KeyValue {
  readonly key: string;
  readonly value?: string;
  readonly mod_revision: string;
}

interface Header {
  readonly revision: string;
}

export interface RangeAnswer {
  readonly header: Header;
  readonly kvs?: readonly KeyValue[];
  readonly more?: boolean;
}

export interface PutAnswer {
  readonly header: Header;
}

export interface TransactionAnswer {
  readonly header: Header;
  readonly succeeded?: boolean;
  readonly responses?: readonly { readonly response_range?: RangeAnswer }[];
}

export interface StatusAnswer {
  readonly version: string;
}

export interface MembersAnswer {
  readonly members?: readonly unknown[];
}

export interface WatchAnswer {
  readonly result?: {
    readonly created?: boolean;
    readonly canceled?: boolean;
    readonly cancel_reason?: string;
    readonly events?: readonly { readonly kv: KeyValue }[];
  };
  readonly error?: { readonly message?: string };
}

/** The largest revision there can be. */
const revisionMax = 2n ** 63n - 1n;

/** The entry in an answer about one key. Its version is the revision of its last change: no other change has it. */
export function entryIn({ kvs }: RangeAnswer): RawEntry {
  const [found] = kvs ?? [];
  if (found === undefined) return { value: ABSENT, version: '' };
  return { value: Buffer.from(found.value ?? '', 'base64'), version: found.mod_revision };
}

/** The revision that a version stands for, `'0'` for an absent entry; undefined for what no entry ever had. */
export function revisionOf(version: string): string | undefined {
  if (version === '') return '0';
  return /^[1-9]\d{0,18}$/.test(version) && BigInt(version) <= revisionMax ? version : undefined;
}

/** The names of a group's variables at the server: apart from those of every other group. */
export class Names {
  private readonly prefix: string;

  constructor(group: string) {
    // Encoded, so that no group's names begin with those of another.
    this.prefix = `dsm:${encodeURIComponent(group)}:`;
  }

  /** The name of a key, in base64. */
  of(key: Key): string {
    return Buffer.from(this.prefix + key).toString('base64');
  }

  /** The names that begin with this one, as etcd has it: from it on, up to the next name that does not. */
  range(beginning: string): { readonly key: string; readonly range_end: string } {
    const end = Buffer.from(this.prefix + beginning);
    // No byte of UTF-8 is 255.
    end[end.length - 1] = (end[end.length - 1] as number) + 1;
    return { key: this.of(beginning), range_end: end.toString('base64') };
  }

  keyIn({ key }: KeyValue): Key {
    return Buffer.from(key, 'base64').toString().slice(this.prefix.length);
  }
}
