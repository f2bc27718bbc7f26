/** Names one written value: which member wrote it, and the how-manieth of its values it is. */
export type ValueId = number;

/** No value was there. */
export const absent: ValueId = -1;
/** What was read is no value that anybody wrote: cut off, mixed up or of another kind. */
export const mangled: ValueId = -2;

/** Member (1), counter (6) and length (5), as base-36 digits. */
export const idBytes = 12;
const counterDigits = 6;
const lengthDigits = 5;
/** Members are slots 0 to 30. */
const members = 32;
/** The filler starts at one of so many places, so that a header with the filler of another value is noticed. */
const offsets = 61;

/** A new value and its name. */
export interface Written {
  readonly id: ValueId;
  readonly value: string;
}

/** Makes values that are all different and recognises them when they are read. */
export class Values {
  private readonly member: number;
  private counter = 0;
  private filler = '';
  /** What the names of many values in a row have in common: made once, since a name costs more than a quick write. */
  private front = { block: -1, length: -1, head: '', tail: '' };

  constructor(member: number, bytesMax: number) {
    this.member = member;
    this.grow(bytesMax);
  }

  /** A value of this many bytes, or of as many as its name needs. */
  make(bytes: number): Written {
    const length = Math.max(bytes, idBytes);
    const counter = this.counter++;
    const { head, tail } = this.frontOf(Math.floor(counter / pairs.length), length);
    const value = head + pairs[counter % pairs.length] + tail + this.fillerOf(counter, length);
    return { id: counter * members + this.member, value };
  }

  /** What stands before and behind the last two digits of a counter. */
  private frontOf(block: number, length: number): Values['front'] {
    const { front } = this;
    if (front.block === block && front.length === length) return front;
    const head = this.member.toString(36) + digits(block, counterDigits - 2);
    this.front = { block, length, head, tail: digits(length, lengthDigits) };
    return this.front;
  }

  /**
   * The name of a value that was read, or why it has none. None is kept to be compared with the next of its key: that
   * is no quicker, and what is kept has to be moved by the garbage collector.
   */
  identify(value: unknown): ValueId {
    if (value === undefined) return absent;
    if (typeof value !== 'string' || value.length < idBytes) return mangled;
    return this.named(value);
  }

  private named(value: string): ValueId {
    const member = numberIn(value, 0, 1);
    const counter = numberIn(value, 1, 1 + counterDigits);
    const length = numberIn(value, 1 + counterDigits, idBytes);
    const whole = length === value.length && member >= 0 && member < members && counter >= 0;
    if (!whole || value.slice(idBytes) !== this.fillerOf(counter, length)) return mangled;
    return counter * members + member;
  }

  private fillerOf(counter: number, length: number): string {
    if (length + offsets > this.filler.length) this.grow(length);
    const offset = counter % offsets;
    return this.filler.slice(offset, offset + length - idBytes);
  }

  private grow(bytes: number): void {
    this.filler = block.repeat(Math.ceil((bytes + offsets) / block.length));
  }
}

/** The number that stands in some places of a text, as base-36 digits; −1 where it is none. */
function numberIn(text: string, from: number, to: number): number {
  let number = 0;
  for (let at = from; at < to; at++) {
    const code = text.charCodeAt(at);
    const digit = code >= 48 && code <= 57 ? code - 48 : code >= 97 && code <= 122 ? code - 87 : Number.NaN;
    number = number * 36 + digit;
  }
  return Number.isNaN(number) ? -1 : number;
}

function digits(value: number, width: number): string {
  return value.toString(36).padStart(width, '0');
}

/** Two digits. */
const pairs = Array.from({ length: 36 ** 2 }, (_, pair) => digits(pair, 2));

/** 4,093 bytes (a prime, so that no power of two of it looks the same shifted) that do not compress to nothing. */
const block = fillerBlock(4_093);

function fillerBlock(length: number): string {
  let state = 1;
  let text = '';
  while (text.length < length) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    text += (state % 36).toString(36);
  }
  return text;
}
