import type { ReplicaId } from '../members.js';
import { Malformed } from './malformed.js';

/** The version of everything on the wire: frames, group messages, values. Members of different versions do not mix. */
export const wireVersion = 1;

/**
 * `hello` says who is there and `refuse` why not; both stand outside the numbered stream. `group` and `protocol`
 * frames carry messages of those layers, `lost` says that messages before it were dropped, `bare` carries nothing
 * but an acknowledgement and a sign of life.
 */
export const frameKinds = ['hello', 'refuse', 'bare', 'group', 'protocol', 'lost'] as const;
export type FrameKind = (typeof frameKinds)[number];

/** What stands before the messages of every frame. */
export interface Header {
  readonly kind: FrameKind;
  readonly from: ReplicaId;
  /** The epoch of the messages; 0 before the first view. */
  readonly epoch: number;
  readonly incarnation: number;
  /** The incarnation the frame is meant for; 0 where the sender does not know it yet. */
  readonly to: number;
  /** The group's birth; 0 before the first view. */
  readonly birth: number;
  /** The frame's number in the stream to this incarnation, from 1; 0 for frames that are not numbered. */
  readonly sequence: number;
  /** Every frame of the opposite stream up to this number has arrived. */
  readonly acknowledged: number;
}

export const headerBytes = 48;

const at = { epoch: 4, incarnation: 8, to: 16, birth: 24, sequence: 32, acknowledged: 40 };

/** Writes a header into the room left for it at the start of a frame. */
export function writeHeader(frame: Uint8Array, header: Header): void {
  const view = new DataView(frame.buffer, frame.byteOffset, headerBytes);
  frame[0] = wireVersion;
  frame[1] = frameKinds.indexOf(header.kind);
  frame[2] = header.from;
  frame[3] = 0;
  view.setUint32(at.epoch, header.epoch);
  view.setFloat64(at.incarnation, header.incarnation);
  view.setFloat64(at.to, header.to);
  view.setFloat64(at.birth, header.birth);
  view.setFloat64(at.sequence, header.sequence);
  view.setFloat64(at.acknowledged, header.acknowledged);
}

/** Reads the header of a frame that arrived. Throws `Malformed` where it cannot be one of ours. */
export function readHeader(frame: Uint8Array): Header {
  if (frame.length < headerBytes) throw new Malformed('shorter than a header');
  const kind = frameKinds[frame[1] as number];
  const from = frame[2] as number;
  if (kind === undefined || from > 30 || frame[3] !== 0) throw new Malformed('not a header');
  const view = new DataView(frame.buffer, frame.byteOffset, headerBytes);
  const incarnation = wholeAt(view, at.incarnation);
  // 0 stands for nobody: a member met under it would keep the place from the one that really comes.
  if (incarnation === 0) throw new Malformed('a frame of nobody');
  return {
    kind,
    from,
    epoch: view.getUint32(at.epoch),
    incarnation,
    to: wholeAt(view, at.to),
    birth: wholeAt(view, at.birth),
    sequence: wholeAt(view, at.sequence),
    acknowledged: wholeAt(view, at.acknowledged),
  };
}

/** Whether the frame was written by a member that speaks this version. */
export function speaksThisVersion(frame: Uint8Array): boolean {
  return frame[0] === wireVersion;
}

function wholeAt(view: DataView, offset: number): number {
  const value = view.getFloat64(offset);
  if (!Number.isSafeInteger(value) || value < 0) throw new Malformed('not a whole number in a header');
  return value;
}
