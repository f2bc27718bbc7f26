import {
  everyone,
  homeOf,
  includes,
  type Key,
  type Members,
  majority,
  nobody,
  only,
  type ReplicaId,
  type View,
} from '@dsm/core';

/** Where the variables are, in one view: the home of each key, and its backups. */
export class Places {
  readonly everyone: Members;
  /** Those that were closed. Nobody takes their place before the view changes. */
  gone: Members = nobody;
  private readonly members: View['members'];
  /** The member that is the home of every key, if one was named and is there. */
  private readonly directory: ReplicaId | undefined;
  /** How many members hold each value whatever happens, the home included. */
  private readonly holders: number;

  constructor({ members }: View, options: { directory: string | undefined; replicas: number | undefined }) {
    this.members = members;
    this.everyone = everyone(members.map(({ slot }) => slot));
    this.directory = members.find(({ name }) => name === options.directory)?.slot;
    this.holders = Math.min(options.replicas ?? majority(members.length), members.length);
  }

  homeOf(key: Key): ReplicaId {
    return this.directory ?? homeOf(key, this.members);
  }

  /** Those that would be the home if the home and those before them went. */
  backupsOf(key: Key): Members {
    let backups = nobody;
    let left = this.members.filter(({ slot }) => slot !== this.homeOf(key));
    for (let count = 1; count < this.holders; count += 1) {
      const next = homeOf(key, left);
      backups |= only(next);
      left = left.filter(({ slot }) => slot !== next);
    }
    return backups;
  }

  isBackup(key: Key, member: ReplicaId): boolean {
    return includes(this.backupsOf(key), member);
  }
}
