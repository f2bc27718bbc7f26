/** What went wrong quietly since the wire was opened. */
export interface ZeromqCounts {
  /** Frames not sent: the peer was absent, its queue full, the asker gone, or the frame larger than allowed. */
  lost: number;
  /** Handshakes that failed, and messages that are not one frame or come from an unproven name. */
  refused: number;
  /** Exceptions thrown by the events this transport reports to. */
  faults: number;
}

export function noCounts(): ZeromqCounts {
  return { lost: 0, refused: 0, faults: 0 };
}
