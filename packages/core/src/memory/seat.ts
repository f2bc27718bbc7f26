import type { Node } from '../node/node.js';
import type { Peer } from '../node/peer.js';
import type { Guarantees, Host, Protocol, Replica } from '../protocol.js';
import type { List } from './listing.js';

/** What begins the operations of a memory. */
export type Performer<Message> = Pick<
  Replica<Message>,
  'read' | 'write' | 'swap' | 'perform' | 'keys' | 'peek' | 'subscribes' | 'closing'
>;

/** What a memory needs to know of its protocol. */
export type Manifest<Message> = Pick<
  Protocol<Guarantees, Message>,
  'name' | 'guarantees' | 'changes' | 'answersNeeded'
>;

type NodeParts = 'admits' | 'leased' | 'ended' | 'view' | 'inReach' | 'counters' | 'trace' | 'close';

/** What a memory needs of whoever does its operations: a member of a group, or a client of a server. */
export interface Seat<Message> extends Pick<Node<Message>, NodeParts> {
  readonly replica: Performer<Message>;
  readonly others: readonly Pick<Peer, 'name' | 'link' | 'suspected' | 'lastSeenMs' | 'silentBeats'>[];
  invoke(act: (replica: Performer<Message>, host: Host<Message>) => void): void;
  /** Departs, where members can; calls back when that is done. */
  leave?(left: () => void): void;
  /** Where members come and go. */
  readonly company?: { remove(name: string): boolean } | undefined;
  /** Asks for the keys with a prefix, where nobody here knows them all. */
  readonly list?: List | undefined;
}

/** Why the promised consistency cannot be given with those who are in reach; undefined where it can. */
export function shortage(inReach: number, needed: number): string | undefined {
  return inReach >= needed ? undefined : `${inReach} of the ${needed} members needed are in reach`;
}
