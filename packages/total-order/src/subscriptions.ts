import { DsmError, everyone, type Key, type Members, nobody, type View } from '@dsm/core';

/** Who subscribes to what, by name: a key, or a pattern such as `user:*`. */
export type SubscriptionOptions = Readonly<Record<string, readonly string[]>>;

/** Throws `DSM_INVALID_OPTION` for what cannot be meant. */
export function checkSubscriptions(subscriptions: unknown): void {
  if (typeof subscriptions !== 'object' || subscriptions === null || Array.isArray(subscriptions)) {
    throw invalid('subscriptions must be an object: a key or pattern, and the names of its subscribers');
  }
  for (const [pattern, names] of Object.entries(subscriptions)) {
    const valid =
      Array.isArray(names) &&
      names.length > 0 &&
      names.every((name) => typeof name === 'string' && name !== '');
    if (pattern === '' || !valid)
      throw invalid(`subscriptions['${pattern}'] must be a list of names of members`);
    if (new Set(names).size < names.length) throw invalid(`subscriptions['${pattern}'] names a member twice`);
  }
}

function invalid(text: string): DsmError {
  return new DsmError('DSM_INVALID_OPTION', text);
}

/**
 * The subscribers of each key in one view. A key that is named has those subscribers; another one those of the longest
 * pattern that it fits; any other has everybody. Names of nobody in the view are passed over.
 */
export class Subscriptions {
  private readonly all: Members;
  private readonly keys = new Map<Key, Members>();
  /** The longest first. */
  private readonly families: { readonly prefix: string; readonly members: Members }[] = [];

  constructor(options: SubscriptionOptions, { members }: View) {
    this.all = everyone(members.map(({ slot }) => slot));
    for (const [pattern, names] of Object.entries(options)) {
      const named = members.filter(({ name }) => names.includes(name));
      const subscribers = named.length === 0 ? nobody : everyone(named.map(({ slot }) => slot));
      if (pattern.endsWith('*')) this.families.push({ prefix: pattern.slice(0, -1), members: subscribers });
      else this.keys.set(pattern, subscribers);
    }
    this.families.sort((one, other) => other.prefix.length - one.prefix.length);
  }

  of(key: Key): Members {
    const exact = this.keys.get(key);
    if (exact !== undefined) return exact;
    for (const { prefix, members } of this.families) if (key.startsWith(prefix)) return members;
    return this.all;
  }
}
