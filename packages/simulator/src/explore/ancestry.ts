import type { Action } from './action.js';

const smallestCapacity = 1 << 12;

/** How each state was reached first: from which one, by which action. Eight bytes each. */
export class Ancestry {
  /** How many states there are; the number that the next one gets. */
  size = 0;
  private parents = new Int32Array(smallestCapacity);
  private actions = new Int32Array(smallestCapacity);

  /** A new state; the first one is its own parent. */
  add(parent: number, action: Action): number {
    if (this.size === this.parents.length) {
      this.parents = doubled(this.parents);
      this.actions = doubled(this.actions);
    }
    this.parents[this.size] = parent;
    this.actions[this.size] = action;
    this.size += 1;
    return this.size - 1;
  }

  /** The actions that lead from the first state to this one. */
  pathTo(state: number): Action[] {
    const path: Action[] = [];
    for (let at = state; at !== 0; at = this.parents[at] as number) path.push(this.actions[at] as Action);
    return path.reverse();
  }
}

function doubled(column: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const longer = new Int32Array(column.length * 2);
  longer.set(column);
  return longer;
}
