import type { Cell } from './cells.js';

/** So many keys have numbers at a member: those that it published first. Two bytes of a message. */
export const numberMax = 16_383;

/**
 * The numbers that a member gives to the keys that it publishes, so that those who have heard of a key need neither
 * read nor look up its text again. A number is given once and stands for its key for good: whatever is lost, late or
 * twice there, it means that key or nothing.
 */
export class Numbers {
  /** By number less one: whether the others were told what it stands for. */
  private readonly told: boolean[] = [];

  /** What the key of a cell goes by; 0 if there are no numbers left. */
  of(cell: Cell): number {
    if (cell.number === 0 && this.told.length < numberMax) cell.number = this.told.push(false);
    return cell.number;
  }

  /** Whether the key has to be said with its number. From now on it was. */
  introduces(number: number): boolean {
    if (number === 0) return true;
    const first = this.told[number - 1] !== true;
    this.told[number - 1] = true;
    return first;
  }

  /** Some may not have been told: each key is said once more. */
  introduceAgain(): void {
    this.told.fill(false);
  }
}

/** What the numbers of another member stand for, as far as this one was told. */
export class Names {
  /** By number less one. */
  private readonly cells: (Cell | undefined)[] = [];

  at(number: number): Cell | undefined {
    // A read beyond the end is slow, and makes those of others slow.
    return number > this.cells.length ? undefined : this.cells[number - 1];
  }

  learn(number: number, cell: Cell): void {
    while (this.cells.length < number) this.cells.push(undefined);
    this.cells[number - 1] = cell;
  }
}
