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

  constructor(member: number, bytesMax: number) {
    this.member = member;
    this.grow(bytesMax);
  }

  /** A value of this many bytes, or of as many as its name needs. */
  make(bytes: number): Written {
    const length = Math.max(bytes, idBytes);
    const counter = this.counter++;
    const head = this.member.toString(36) + digits(counter, counterDigits) + digits(length, lengthDigits);
    return { id: counter * members + this.member, value: head + this.fillerOf(counter, length) };
  }

  /** The name of a value that was read, or why it has none. */
  identify(value: unknown): ValueId {
    if (value === undefined) return absent;
    if (typeof value !== 'string' || value.length < idBytes) return mangled;
    const member = Number.parseInt(value.slice(0, 1), 36);
    const counter = Number.parseInt(value.slice(1, 1 + counterDigits), 36);
    const length = Number.parseInt(value.slice(1 + counterDigits, idBytes), 36);
    const whole = length === value.length && member < members && counter >= 0;
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

/** With leading zeros: the digits of a number that has one more, without that. */
function digits(value: number, width: number): string {
  return (36 ** width + value).toString(36).slice(1);
}

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
