import type { TransportEvents } from '@dsm/core';

/**
 * For a transport that stands before another one and looks at what is sent: also what could go back on the connection
 * that frames came on is sent. What only an answer can bring, to somebody who may not be a member, stays one.
 */
export function throughSend(events: TransportEvents): TransportEvents {
  return {
    ...events,
    frame: (frame, answer, from) =>
      events.frame(frame, (back, lost) => (lost === undefined ? answer(back) : lost()), from),
  };
}
