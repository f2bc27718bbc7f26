import { type Draft, none, observedCell } from './program.js';
import { refusal, writes } from './register.js';

/**
 * What must go with an operation for the rest to stay explicable without real time: a write takes along everything
 * that may have observed it. Whatever explains the whole explains the rest, so that a shrunk history accuses nobody.
 */
export class RowRemoval {
  private readonly draft: Draft;
  /** Events by the cell that they may have observed; then the refused ones of each key, which may have seen any. */
  private readonly observers = new Map<number, number[]>();
  private readonly refusals = new Map<number, number[]>();

  constructor(draft: Draft) {
    this.draft = draft;
    for (let at = 0; at < draft.size; at += 1) {
      const cell = observedCell(draft, at);
      if (cell !== none) append(this.observers, cell, at);
      if (draft.kind[at] === refusal) append(this.refusals, draft.key[at] as number, at);
    }
  }

  /** Removes from the events kept those at the places given, with all that depends on them. */
  remove(kept: Uint8Array, places: readonly number[]): void {
    const { kind, value, key } = this.draft;
    const leaving = [...places];
    for (let at = leaving.pop(); at !== undefined; at = leaving.pop()) {
      if (kept[at] === 0) continue;
      kept[at] = 0;
      if (!writes(kind[at] as number)) continue;
      leaving.push(...this.staying(kept, this.observers.get(value[at] as number)));
      leaving.push(...this.staying(kept, this.refusals.get(key[at] as number)));
    }
  }

  private staying(kept: Uint8Array, events: readonly number[] = []): number[] {
    return events.filter((at) => kept[at] === 1);
  }
}

function append(groups: Map<number, number[]>, name: number, at: number): void {
  const group = groups.get(name);
  if (group === undefined) groups.set(name, [at]);
  else group.push(at);
}
