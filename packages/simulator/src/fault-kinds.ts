/**
 * What may go wrong. Below the links: a frame is lost (`drop`), comes twice (`duplicate`), so late that
 * its link sends it again (`delay`), before one that was sent earlier (`reorder`), or meets a link that carries nothing
 * in its direction for a while (`cut`). To a
 * member: it stops for a while (`pause`), or for ever (`crash`), after which a process of its name may come back that
 * has forgotten everything.
 */
export const faultKinds = ['drop', 'duplicate', 'delay', 'reorder', 'cut', 'pause', 'crash'] as const;
export type FaultKind = (typeof faultKinds)[number];

/** How often each has happened. */
export type FaultCounts = Record<FaultKind, number>;

export function noFaults(): FaultCounts {
  return { drop: 0, duplicate: 0, delay: 0, reorder: 0, cut: 0, pause: 0, crash: 0 };
}
