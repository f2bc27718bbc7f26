import { DsmError, everyone, includes, type Key, type Members, type ReplicaId, type View } from '@dsm/core';
import type { Update } from './update.js';

/** Makes one value of two. Commutative, associative, idempotent, and total; the same at every member. */
export type Merge = (one: unknown, other: unknown) => unknown;

/** What the options of `causal` say about keys, and for how many members a write waits. */
export interface Rules {
  /** How many other members must hold a write before it is done. */
  readonly acknowledgements: number;
  /** By key, or pattern such as `'user:*'`. */
  readonly merge: Readonly<Record<string, Merge>>;
  /** By key or pattern, the names of those who hold it; everybody holds what is not named. */
  readonly subscriptions: Readonly<Record<string, readonly string[]>>;
}

/** Finds what is said about a key: by its own name, otherwise by the longest pattern that fits. */
class Table<Said> {
  private readonly exact: ReadonlyMap<Key, Said>;
  private readonly families: readonly (readonly [prefix: string, said: Said])[];

  constructor(rules: Readonly<Record<string, Said>>) {
    const entries = Object.entries(rules);
    this.exact = new Map(entries.filter(([pattern]) => !pattern.endsWith('*')));
    this.families = entries
      .filter(([pattern]) => pattern.endsWith('*'))
      .map(([pattern, said]) => [pattern.slice(0, -1), said] as const)
      .sort(([one], [other]) => other.length - one.length);
  }

  get empty(): boolean {
    return this.exact.size === 0 && this.families.length === 0;
  }

  of(key: Key): Said | undefined {
    const exact = this.exact.get(key);
    if (exact !== undefined || this.families.length === 0) return exact;
    return this.families.find(([prefix]) => key.startsWith(prefix))?.[1];
  }
}

/** The rules in the view of a group: who holds which key, and what becomes of concurrent writes. */
export class Policy {
  readonly acknowledgements: number;
  private readonly merges: Table<Merge>;
  private readonly rules: Rules;
  private subscribers = new Table<Members>({});
  /** Whether every member holds every key. */
  full = true;

  constructor(rules: Rules) {
    this.rules = rules;
    this.acknowledgements = rules.acknowledgements;
    this.merges = new Table(rules.merge);
  }

  /** Names become slots. Throws `DSM_INVALID_OPTION` for the name of nobody. */
  enter({ members }: View): void {
    const slots = new Map(members.map(({ name, slot }) => [name, slot]));
    const slotOfName = (name: string): ReplicaId => {
      const slot = slots.get(name);
      if (slot !== undefined) return slot;
      throw new DsmError('DSM_INVALID_OPTION', `subscriptions names '${name}', which is no member`);
    };
    const entries = Object.entries(this.rules.subscriptions);
    this.subscribers = new Table(
      Object.fromEntries(entries.map(([pattern, names]) => [pattern, everyone(names.map(slotOfName))])),
    );
    this.full = this.subscribers.empty;
  }

  mergeOf(key: Key): Merge | undefined {
    return this.merges.empty ? undefined : this.merges.of(key);
  }

  /** Updates as a member is sent them: without the values of keys that it does not hold. */
  partsFor(member: ReplicaId, updates: readonly Update[]): readonly Update[] {
    if (this.full) return updates;
    return updates.map((update) =>
      this.subscribes(member, update.key) ? update : { ...update, value: undefined },
    );
  }

  subscribes(member: ReplicaId, key: Key): boolean {
    const members = this.full ? undefined : this.subscribers.of(key);
    return members === undefined || includes(members, member);
  }
}
