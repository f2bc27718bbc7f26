import {
  ABSENT,
  type Answer,
  type Expectation,
  type Key,
  type OperationId,
  type Result,
} from '../protocol.js';
import type { Content } from './content.js';
import { entryIn, entryOf } from './entry.js';
import type { Task } from './operation.js';
import { invalid } from './options.js';
import type { Seat } from './seat.js';
import type { OperationOptions, Swap } from './shared-memory.js';

/** No version that is given out is longer. */
const versionLengthMax = 256;

/** A compare-and-swap as an operation. */
export class Exchange<Message> implements Task<Swap> {
  readonly kind = 'swap';
  readonly options: OperationOptions | undefined;
  private readonly node: Seat<Message>;
  private readonly key: Key;
  private readonly expected: Expectation;
  private readonly content: Content;

  constructor(
    node: Seat<Message>,
    key: Key,
    [expected, content]: readonly [Expectation, Content],
    options: OperationOptions | undefined,
  ) {
    this.node = node;
    this.key = key;
    this.expected = expected;
    this.content = content;
    this.options = options;
  }

  get prepare(): Task<Swap>['prepare'] {
    return this.content.prepare;
  }

  get bytes(): number {
    const expected = 'value' in this.expected ? this.expected.value : ABSENT;
    return (expected?.length ?? 0) + (this.content.bytes?.length ?? 0);
  }

  start(id: OperationId): void {
    const { key, expected, content } = this;
    this.node.invoke((replica, host) => replica.swap?.(id, key, expected, content.bytes, host));
  }

  finish(result: Result | Answer): Swap {
    const current = entryOf(this.key, entryIn(result));
    const ok = result.kind === 'swapped' && result.ok;
    return ok ? { ok, version: current.version } : { ok: false, current };
  }
}

/** What `writeIf` compares with. */
export function atVersion(version: unknown): Expectation {
  if (typeof version === 'string' && version.length <= versionLengthMax) return { version };
  throw invalid("a version is a string that an entry or a write gave, or '' for an absent entry");
}
