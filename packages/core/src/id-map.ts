const smallestCapacity = 64;
/** The key of a free place. */
const free = 0;

/**
 * Things that are under way, by the number each was given: a `Map` whose keys are whole numbers above 0, most of them
 * consecutive, and whose entries do not stay long.
 *
 * A `Map` is slow at just this. Every few hundred insertions it moves to a new table, and V8 lets the old one point to
 * the new one for the sake of running iterators; once one of them has grown old, all that follow it are kept until the
 * next full collection, with whatever was under way in them. Under load that was most of what the collector did.
 */
export class IdMap<Value> {
  /** Open addressing, nearest last (Celis: Robin Hood hashing, 1986): consecutive numbers are all at home. */
  private ids: number[] = new Array(smallestCapacity).fill(free);
  private values: (Value | undefined)[] = new Array(smallestCapacity).fill(undefined);
  private mask = smallestCapacity - 1;
  private held = 0;
  /** The most entries there were at once since there were none. */
  private peak = 0;

  get size(): number {
    return this.held;
  }

  get(id: number): Value | undefined {
    const at = this.find(id);
    return at < 0 ? undefined : this.values[at];
  }

  has(id: number): boolean {
    return this.find(id) >= 0;
  }

  set(id: number, value: Value): void {
    const at = this.find(id);
    if (at >= 0) {
      this.values[at] = value;
      return;
    }
    this.held += 1;
    if (this.held > this.peak) this.peak = this.held;
    if (this.held * 2 > this.ids.length) this.resize(this.ids.length * 2);
    this.insert(id, value);
  }

  delete(id: number): boolean {
    const at = this.find(id);
    if (at < 0) return false;
    this.vacate(at);
    this.held -= 1;
    if (this.held === 0) this.relax();
    return true;
  }

  clear(): void {
    this.held = 0;
    this.peak = 0;
    this.resize(smallestCapacity);
  }

  /** The entries there were when this was called, by ascending number. */
  private entries(): (readonly [id: number, value: Value])[] {
    const all: [number, Value][] = [];
    this.ids.forEach((id, at) => {
      if (id !== free) all.push([id, this.values[at] as Value]);
    });
    return all.sort(([one], [other]) => one - other);
  }

  [Symbol.iterator](): Iterator<readonly [id: number, value: Value]> {
    return this.entries()[Symbol.iterator]();
  }

  /** What a burst needed is let go of, by and by, once less is needed. */
  private relax(): void {
    const capacity = this.ids.length;
    if (capacity > smallestCapacity * 16 && this.peak * 8 < capacity) this.resize(capacity / 2);
    this.peak = 0;
  }

  /** Where a number is; -1 if it is not there: one that is nearer to its home than it would be ends the search. */
  private find(id: number): number {
    if (id === free) return -1;
    const { ids, mask } = this;
    let at = id & mask;
    for (let steps = 0; ; steps += 1) {
      const other = ids[at] as number;
      if (other === id) return at;
      if (other === free || ((at - other) & mask) < steps) return -1;
      at = (at + 1) & mask;
    }
  }

  /** Puts in a number that is not there: it takes the place of any that is nearer to its home, which moves on. */
  private insert(newId: number, newValue: Value | undefined): void {
    const { ids, values, mask } = this;
    let [id, value] = [newId, newValue];
    let at = id & mask;
    for (let steps = 0; ids[at] !== free; steps += 1) {
      const other = ids[at] as number;
      const itsSteps = (at - other) & mask;
      if (itsSteps < steps) {
        const itsValue = values[at];
        ids[at] = id;
        values[at] = value;
        [id, value, steps] = [other, itsValue, itsSteps];
      }
      at = (at + 1) & mask;
    }
    ids[at] = id;
    values[at] = value;
  }

  /** Frees a place; those behind it that are not at home move up, up to the first that is. */
  private vacate(at: number): void {
    const { ids, values, mask } = this;
    let hole = at;
    for (;;) {
      const next = (hole + 1) & mask;
      const id = ids[next] as number;
      if (id === free || ((next - id) & mask) === 0) break;
      ids[hole] = id;
      values[hole] = values[next];
      hole = next;
    }
    ids[hole] = free;
    values[hole] = undefined;
  }

  private resize(capacity: number): void {
    const { ids, values } = this;
    this.ids = new Array(capacity).fill(free);
    this.values = new Array(capacity).fill(undefined);
    this.mask = capacity - 1;
    if (this.held === 0) return;
    ids.forEach((id, at) => {
      if (id !== free) this.insert(id, values[at]);
    });
  }
}
