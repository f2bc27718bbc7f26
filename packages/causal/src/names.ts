import type { Cell } from './cell.js';

/** So many keys of an origin have numbers at a time: those that it gave one last. Two bytes of a message. */
export const numberMax = 16_383;

/**
 * What the numbers of an origin stand for, from 1 on. The first update with a number says the key, too, and a number
 * that is given again stands for another key from that update on. Since the updates of an origin are applied in their
 * order, a number means the same to all who have applied as many of them.
 */
export class Names {
  /** By number less one. */
  private cells: (Cell | undefined)[] = [];
  /** The number that was given last. */
  private last = 0;

  /** The number to be given next. */
  get next(): number {
    return this.last === numberMax ? 1 : this.last + 1;
  }

  /** What a number above 0 stands for. */
  at(number: number): Cell | undefined {
    // A read beyond the end is slow, and makes those of others slow.
    return number > this.cells.length ? undefined : this.cells[number - 1];
  }

  /** A number stands for this key from now on. */
  give(number: number, cell: Cell): void {
    while (this.cells.length < number) this.cells.push(undefined);
    this.cells[number - 1] = cell;
    this.last = number;
  }

  clear(): void {
    this.cells = [];
  }

  *[Symbol.iterator](): Iterator<readonly [number: number, cell: Cell]> {
    for (const [index, cell] of this.cells.entries()) if (cell !== undefined) yield [index + 1, cell];
  }
}
