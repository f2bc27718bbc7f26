import type { Entry, Face, OperationKind, OperationOptions } from '../face.js';
import type { Key, RawEntry, Value } from '../protocol.js';
import type { Contents } from './content.js';
import { entryOf } from './entry.js';
import type { Operations } from './operations.js';
import { checkCall } from './options.js';
import type { Seat } from './seat.js';

/** The parts of a memory that a protocol's extras work with. */
export interface FaceParts<Message> {
  readonly operations: Operations;
  readonly contents: Contents;
  readonly node: Seat<Message>;
  check(key: Key): void;
}

/** The number of no operation: how it ends is told nobody. */
const nobodys = 0;

export function faceOf<Message>(id: string, parts: FaceParts<Message>): Face {
  const { operations, contents, node, check } = parts;
  return {
    id,
    check,
    async perform(
      kind: OperationKind,
      request: unknown,
      options?: OperationOptions,
      bytes = 0,
    ): Promise<unknown> {
      checkCall(options);
      return operations.begin({
        kind,
        options,
        bytes,
        start: (operation) => node.invoke((replica, host) => replica.perform?.(operation, request, host)),
        finish: (answer) => (answer.kind === 'answered' ? answer.value : undefined),
      });
    },
    tell: (request: unknown) => node.invoke((replica, host) => replica.perform?.(nobodys, request, host)),
    encoded: (key: Key, value: unknown): Promise<Value> => contents.settled(key, value),
    entry: (key: Key, raw: RawEntry): Entry => entryOf(key, raw),
  };
}
