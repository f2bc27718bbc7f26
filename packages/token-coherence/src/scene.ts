import {
  type Flight,
  homeOf,
  type Key,
  type Member,
  type ReplicaId,
  type Sight,
  type Value,
} from '@dsm/core';
import { Holding, type Versioned } from './holding.js';
import type { Message } from './messages.js';
import type { TokenReplica } from './replica.js';

/** Everything there is of one key between two events: what members hold, and what is in flight. */
export interface Scene {
  readonly key: Key;
  /** In the first view. */
  readonly first: Versioned;
  readonly writes: 'update' | 'migrate';
  /** By slot, of crashed members too. What a member that did not use the key yet would have of it. */
  readonly holdings: readonly Holding[];
  readonly flights: readonly Flight<Message>[];
}

/** The scenes of all keys; none before anybody has entered the view. */
export function scenesOf(sight: Sight<Message, TokenReplica>): readonly Scene[] {
  const { replicas, keys } = sight;
  const members = replicas.find((replica) => replica.members.length > 0)?.members ?? [];
  if (members.length === 0) return [];
  const flights = new Map<Key, Flight<Message>[]>();
  for (const flight of sight.flights()) {
    const { key } = flight.message;
    const known = flights.get(key);
    if (known === undefined) flights.set(key, [flight]);
    else known.push(flight);
  }
  return keys.map((key) => sceneOf(key, replicas, members, flights.get(key) ?? []));
}

function sceneOf(
  key: Key,
  replicas: readonly TokenReplica[],
  members: readonly Member[],
  flights: readonly Flight<Message>[],
): Scene {
  const [replica] = replicas as [TokenReplica, ...TokenReplica[]];
  const first = replica.initial(key);
  const home = homeOf(key, members);
  const holdings = replicas.map(
    ({ holdings: known, self }) => known.get(key) ?? new Holding(key, first, self === home),
  );
  return { key, first, writes: replica.settings.writes, holdings, flights };
}

/** The tokens that a message carries, and whether the owner's is among them. */
export function tokensOf(message: Message): { readonly tokens: number; readonly owner: boolean } {
  switch (message.type) {
    case 'granted':
      return message;
    case 'yielded':
      return { tokens: message.tokens, owner: false };
    case 'share':
      return { tokens: 1, owner: false };
    default:
      return { tokens: 0, owner: false };
  }
}

/** What has the owner token: the newest entry. Undefined where it was lost, with a member. */
export function newestOf({ holdings, flights }: Scene): Versioned | undefined {
  const holding = holdings.find(({ owner }) => owner);
  if (holding !== undefined) return holding.entry;
  for (const { message } of flights) {
    if (message.type === 'granted' && message.owner) return message;
  }
  return undefined;
}

/** Whether some member but one holds a token, or one is in flight that was not sent by that member. */
export function othersHaveTokens({ holdings, flights }: Scene, writer: ReplicaId): boolean {
  return (
    holdings.some(({ tokens }, slot) => slot !== writer && tokens > 0) ||
    flights.some(({ from, message }) => from !== writer && tokensOf(message).tokens > 0)
  );
}

export function sameBytes(one: Value, other: Value): boolean {
  if (one === null || other === null) return one === other;
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}
