import { type Header, headerBytes } from '../codec/frame.js';
import { Malformed } from '../codec/malformed.js';
import type { Reader } from '../codec/reader.js';
import { readGroupMessage } from '../group/messages.js';
import type { MessageCodec } from '../protocol.js';

/** The decoded messages of a numbered frame, waiting for their turn in the stream. */
export interface Delivery {
  readonly kind: 'group' | 'protocol' | 'lost';
  readonly epoch: number;
  readonly messages: readonly unknown[];
}

/** The messages of a frame, all or none: what does not decode is not acknowledged. Undefined for a bare frame. */
export function readDelivery<Message>(
  { kind, epoch, sequence }: Header,
  reader: Reader,
  codec: MessageCodec<Message>,
): Delivery | undefined {
  if (sequence === 0) return undefined;
  if (kind !== 'group' && kind !== 'protocol' && kind !== 'lost') throw new Malformed('a number too many');

  const messages: unknown[] = [];
  reader.at = headerBytes;
  while (!reader.finished) {
    const { at } = reader;
    messages.push(kind === 'group' ? readGroupMessage(reader) : codec.decode(reader));
    if (reader.at === at) throw new Malformed('a message of no bytes');
  }
  return { kind, epoch, messages };
}
