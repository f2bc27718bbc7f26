import type { Lifecycle } from './lifecycle.js';
import type { Operations } from './operations.js';
import type { Seat } from './seat.js';
import type { Metrics, PeerStatus, Status } from './shared-memory.js';

/** Everything counted at a member, in one snapshot. */
export function metricsOf<Message>(
  node: Seat<Message>,
  operations: Operations,
  watching: { readonly watchers: number; readonly listenerErrors: number },
): Metrics {
  const { counters, others } = node;
  const links = others.flatMap((peer) => peer.link ?? []);
  const sum = (figure: (link: (typeof links)[number]) => number) =>
    links.reduce((total, link) => total + figure(link), 0);
  return {
    operations: operations.counts(),
    messages: { out: { ...counters.messagesOut }, in: counters.messagesIn },
    frames: { out: counters.framesOut, in: counters.framesIn },
    bytes: { out: counters.bytesOut, in: counters.bytesIn },
    retransmissions: sum((link) => link.retransmissions),
    dropped: Object.fromEntries(counters.dropped),
    viewChanges: counters.viewChanges,
    operationsPending: operations.size,
    bytesInFlight: sum((link) => link.bytesInFlight),
    watchers: watching.watchers,
    listenerErrors: watching.listenerErrors + counters.traceErrors,
  };
}

export function statusOf<Message>(node: Seat<Message>, lifecycle: Lifecycle, nowMs: number): Status {
  const view = node.view && { epoch: node.view.epoch, members: node.view.members.map(({ name }) => name) };
  const { state, since, reason } = lifecycle;
  return { state, since, reason, view, peers: peersOf(node, nowMs) };
}

/** Beats of silence up to which a peer counts as connected. */
const connectedBeats = 2;

function peersOf<Message>(node: Seat<Message>, nowMs: number): Record<string, PeerStatus> {
  const entries = node.others.map((peer): [string, PeerStatus] => {
    // The view may name a member that was never heard of here.
    const seen = peer.lastSeenMs !== 0;
    const connected = !node.ended && seen && peer.silentBeats <= connectedBeats;
    const lastSeenMs = seen ? nowMs - peer.lastSeenMs : Number.POSITIVE_INFINITY;
    return [peer.name, { connected, suspected: peer.suspected, lastSeenMs }];
  });
  return Object.fromEntries(entries);
}
