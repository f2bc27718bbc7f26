import { Writer } from '../codec/writer.js';
import { DsmError } from '../error.js';
import type { GroupHost } from '../group/group.js';
import { type GroupMessage, writeGroupMessage } from '../group/messages.js';
import type { LinkLimits } from '../link/link.js';
import type { Peer } from './peer.js';

/** What the group does to the world: it speaks to each member, and settles with which process of it. */
export function groupHostOf(
  peers: readonly (Peer | undefined)[],
  limits: LinkLimits,
  effects: Pick<GroupHost, 'send' | 'entered' | 'told' | 'removed'>,
): GroupHost {
  return {
    ...effects,
    broadcast: (message) => {
      for (const slot of peers.keys()) effects.send(slot, message);
    },
    settle: (view) => {
      for (const { slot, incarnation } of view.members) peers[slot]?.settle(incarnation, limits);
    },
  };
}

/** The error of a process whose name an earlier one has taken into the group. */
export function forgotten(name: string): DsmError {
  const text = `the group was formed with an earlier process of '${name}', whose memory is lost`;
  return new DsmError('DSM_REMOVED', text);
}

/** The error of a member one of whose handlers has thrown. Not everything that can be thrown has a text. */
export function stopped(name: string, cause: unknown): DsmError {
  let text = 'something was thrown that has no text';
  try {
    text = String(cause);
  } catch {}
  return new DsmError('DSM_CLOSED', `a handler of '${name}' failed, so the member stops: ${text}`, {
    cause,
    outcome: 'unknown',
  });
}

/** Puts a message of the group into the stream to a peer that was met. */
export function tellOfGroup(peer: Peer | undefined, message: GroupMessage): void {
  if (peer?.link === undefined) return;
  const writer = new Writer();
  writeGroupMessage(message, writer);
  peer.outbox.append('group', writer);
}
