/** What went wrong quietly since the wire was opened. */
export interface TcpCounts {
  /** Frames not sent: the peer was absent, its queue full, the asker gone, or the frame larger than allowed. */
  lost: number;
  /** Connections cut off because they do not speak this protocol or announce too much, and those beyond the limit. */
  refused: number;
  /** Exceptions thrown by the events this transport reports to. */
  faults: number;
}

export function noCounts(): TcpCounts {
  return { lost: 0, refused: 0, faults: 0 };
}
