import type { Guarantees, Inspection, Protocol, Replica } from '@dsm/core';

/** A protocol to be tried, with what is known of its inside. */
export interface Subject<Message = unknown, R extends Replica<Message> = Replica<Message>> {
  readonly protocol: Protocol<Guarantees, Message>;
  readonly inspection?: Inspection<Message, R> | undefined;
}
