/** A request is a kind, a key and a value; an answer is a kind and a value. Absent and empty values differ by kind. */
export interface Frame {
  readonly kind: number;
  readonly key: string;
  readonly value: Buffer;
}

export const frameKind = { get: 0, set: 1, delete: 2, found: 3, missing: 4, done: 5 } as const;

/** Length of all that follows (4), kind (1), length of the key (2). */
const headBytes = 7;
const nothing = Buffer.alloc(0);

/** A frame as bytes: a text value is encoded where it will stand. */
export function encoded(kind: number, key = '', value: string | Buffer = nothing): Buffer {
  const keyBytes = Buffer.byteLength(key);
  const valueBytes = Buffer.byteLength(value);
  const frame = Buffer.allocUnsafe(headBytes + keyBytes + valueBytes);
  frame.writeUInt32LE(frame.length - 4);
  frame.writeUInt8(kind, 4);
  frame.writeUInt16LE(keyBytes, 5);
  frame.write(key, headBytes);
  if (typeof value === 'string') frame.write(value, headBytes + keyBytes);
  else frame.set(value, headBytes + keyBytes);
  return frame;
}

/** Cuts a stream of bytes into frames. */
export class Cutter {
  private rest: Buffer = nothing;

  /** The frames that are whole now. Their values are views of what was received: who keeps one copies it. */
  *cut(received: Buffer): Generator<Frame> {
    const bytes = this.rest.length === 0 ? received : Buffer.concat([this.rest, received]);
    let at = 0;
    while (at + 4 <= bytes.length) {
      const end = at + 4 + bytes.readUInt32LE(at);
      if (end > bytes.length) break;
      const keyEnd = at + headBytes + bytes.readUInt16LE(at + 5);
      yield {
        kind: bytes.readUInt8(at + 4),
        key: bytes.toString('utf8', at + headBytes, keyEnd),
        value: bytes.subarray(keyEnd, end),
      };
      at = end;
    }
    this.rest = bytes.subarray(at);
  }
}
