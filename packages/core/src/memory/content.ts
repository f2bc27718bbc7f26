import { decodeValue, encodeValue } from '../codec/value.js';
import type { Key, Value } from '../protocol.js';
import { ABSENT } from '../protocol.js';
import type { Shape } from './shape.js';

/** What a write puts, as bytes: known at once, or once code of the user's has answered. */
export interface Content {
  bytes: Value;
  /** Waits for that code, and sets the bytes. The operation counts as pending meanwhile, and may end before. */
  readonly prepare?: (() => Promise<void>) | undefined;
}

/** What a delete puts. */
export const nothing: Content = { bytes: ABSENT };

/** Checks and encodes the values of a memory. */
export class Contents {
  private readonly shape: Shape;
  private readonly valueBytesMax: number;

  constructor(shape: Shape, valueBytesMax: number) {
    this.shape = shape;
    this.valueBytesMax = valueBytesMax;
  }

  /** The value as it is now. Throws where it cannot be stored, or its schema refuses it. */
  of(key: Key, value: unknown): Content {
    const encoded = this.encoded(value);
    const schema = this.shape.schemaOf(key);
    if (schema === undefined) return { bytes: encoded };

    // The schema gets a value of its own: what it does to it does not reach the caller.
    const accepted = this.shape.accept(key, schema, decodeValue(encoded));
    if (!(accepted instanceof Promise)) return { bytes: this.encoded(accepted.value) };
    // The operation may be refused before anybody waits for the schema.
    accepted.catch(() => undefined);
    const content: Content = {
      bytes: ABSENT,
      prepare: async () => {
        content.bytes = this.encoded((await accepted).value);
      },
    };
    return content;
  }

  /** The bytes of a value, once its schema has answered. */
  async settled(key: Key, value: unknown): Promise<Value> {
    const content = this.of(key, value);
    await content.prepare?.();
    return content.bytes;
  }

  /** What a function of the user's will have returned. */
  from(key: Key, produce: () => unknown): Content {
    const content: Content = {
      bytes: ABSENT,
      prepare: async () => {
        const produced = this.of(key, await produce());
        await produced.prepare?.();
        content.bytes = produced.bytes;
      },
    };
    return content;
  }

  encoded(value: unknown): Uint8Array {
    return encodeValue(value, this.valueBytesMax);
  }
}
