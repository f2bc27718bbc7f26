import type { Operation } from './operation.js';

const capacityFirst = 64;

/** The numbers of a history, one row for each operation. Rows beyond `length` are spare. */
export class Columns {
  length = 0;
  name = new Uint8Array(capacityFirst);
  outcome = new Uint8Array(capacityFirst);
  client = new Int32Array(capacityFirst);
  key = new Int32Array(capacityFirst);
  value = new Int32Array(capacityFirst);
  expected = new Int32Array(capacityFirst);
  startHigh = new Float64Array(capacityFirst);
  startLow = new Int32Array(capacityFirst);
  /** Of an unknown operation: those of the start, so that they do not widen the range of times. */
  endHigh = new Float64Array(capacityFirst);
  endLow = new Int32Array(capacityFirst);
  readonly sessions = new Map<number, string | number>();
  readonly orders = new Map<number, NonNullable<Operation['order']>>();

  /** The number of a new row. */
  grow(): number {
    if (this.length === this.name.length) this.double();
    this.length += 1;
    return this.length - 1;
  }

  private double(): void {
    const capacity = 2 * this.length;
    this.name = bytes(this.name, capacity);
    this.outcome = bytes(this.outcome, capacity);
    this.client = integers(this.client, capacity);
    this.key = integers(this.key, capacity);
    this.value = integers(this.value, capacity);
    this.expected = integers(this.expected, capacity);
    this.startHigh = doubles(this.startHigh, capacity);
    this.startLow = integers(this.startLow, capacity);
    this.endHigh = doubles(this.endHigh, capacity);
    this.endLow = integers(this.endLow, capacity);
  }
}

function bytes(old: Uint8Array, capacity: number): Uint8Array<ArrayBuffer> {
  const column = new Uint8Array(capacity);
  column.set(old);
  return column;
}

function integers(old: Int32Array, capacity: number): Int32Array<ArrayBuffer> {
  const column = new Int32Array(capacity);
  column.set(old);
  return column;
}

function doubles(old: Float64Array, capacity: number): Float64Array<ArrayBuffer> {
  const column = new Float64Array(capacity);
  column.set(old);
  return column;
}
