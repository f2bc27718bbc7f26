/**
 * What a client can be told to do. `create` writes only where nothing is; `exchange` replaces what it has read, and
 * where the protocol has no compare-and-swap is a plain write; `modify` reads and then writes in any case.
 */
export type Action = 'read' | 'write' | 'insert' | 'delete' | 'create' | 'exchange' | 'modify';

/** How often each action is drawn. Shares that do not add up to 1, because they were rounded, are scaled. */
export class Mix {
  private readonly actions: Action[] = [];
  private readonly ends: number[] = [];
  /** The action of a mix of one: nothing has to be drawn. */
  readonly sole: Action | undefined;

  constructor(shares: ReadonlyMap<Action, number>) {
    let total = 0;
    for (const share of shares.values()) total += share;
    let end = 0;
    for (const [action, share] of shares) {
      end += share / total;
      this.actions.push(action);
      this.ends.push(end);
    }
    this.sole = this.actions.length === 1 ? this.actions[0] : undefined;
  }

  /** The action at a point of [0, 1). */
  at(point: number): Action {
    const last = this.actions.length - 1;
    for (let index = 0; index < last; index++) {
      if (point < (this.ends[index] as number)) return this.actions[index] as Action;
    }
    return this.actions[last] as Action;
  }
}
