/** What one search may spend: a number of steps, and the time until a deadline that somebody else watches. */
export class Budget {
  /** Why the budget ended, in words. Undefined while there is something left. */
  spent: string | undefined;
  readonly total: number;
  private readonly deadline: () => boolean;
  private left: number;
  private nextLook: number;

  constructor(steps: number, deadline: () => boolean) {
    this.total = steps;
    this.deadline = deadline;
    this.left = steps;
    this.nextLook = steps - lookEvery;
    if (deadline()) this.spent = passed;
  }

  /** Whether so many more steps are allowed. Once it said no, it says no for ever. */
  allows(steps: number): boolean {
    this.left -= steps;
    if (this.left < 0) this.spent ??= `undecided after ${this.total} steps`;
    if (this.left < this.nextLook) {
      this.nextLook = this.left - lookEvery;
      if (this.deadline()) this.spent ??= passed;
    }
    return this.spent === undefined;
  }

  /** A budget for one of several attempts, paid from this one by `allows`. */
  slice(steps: number): Budget {
    return new Budget(Math.max(0, Math.min(steps, this.left)), this.deadline);
  }

  /** What was spent so far. */
  get used(): number {
    return this.total - this.left;
  }
}

const lookEvery = 2048;
const passed = 'undecided at the deadline';
