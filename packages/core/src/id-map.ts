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
  /** Open addressing with linear probing; consecutive numbers never collide. */
  private ids: number[] = new Array(smallestCapacity).fill(free);
  private values: (Value | undefined)[] = new Array(smallestCapacity).fill(undefined);
  private mask = smallestCapacity - 1;
  private held = 0;

  get size(): number {
    return this.held;
  }

  get(id: number): Value | undefined {
    return this.values[this.place(id)];
  }

  has(id: number): boolean {
    return this.ids[this.place(id)] === id;
  }

  set(id: number, value: Value): void {
    let at = this.place(id);
    if (this.ids[at] !== id) {
      this.held += 1;
      if (this.held * 2 > this.ids.length) {
        this.resize(this.ids.length * 2);
        at = this.place(id);
      }
    }
    this.ids[at] = id;
    this.values[at] = value;
  }

  delete(id: number): boolean {
    const at = this.place(id);
    if (this.ids[at] !== id) return false;
    this.vacate(at);
    this.held -= 1;
    // What a burst needed is let go of.
    if (this.held === 0 && this.ids.length > smallestCapacity * 16) this.resize(smallestCapacity);
    return true;
  }

  clear(): void {
    this.held = 0;
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

  /** Where a number is, or would be put. */
  private place(id: number): number {
    let at = id & this.mask;
    while (this.ids[at] !== id && this.ids[at] !== free) at = (at + 1) & this.mask;
    return at;
  }

  /** Frees a place; what was put behind it because of it moves up, so that no probe ends too early. */
  private vacate(at: number): void {
    let hole = at;
    for (let next = (at + 1) & this.mask; this.ids[next] !== free; next = (next + 1) & this.mask) {
      const home = (this.ids[next] as number) & this.mask;
      if (((next - home) & this.mask) < ((next - hole) & this.mask)) continue;
      this.ids[hole] = this.ids[next] as number;
      this.values[hole] = this.values[next];
      hole = next;
    }
    this.ids[hole] = free;
    this.values[hole] = undefined;
  }

  private resize(capacity: number): void {
    const { ids, values } = this;
    this.ids = new Array(capacity).fill(free);
    this.values = new Array(capacity).fill(undefined);
    this.mask = capacity - 1;
    ids.forEach((id, at) => {
      if (id === free || this.held === 0) return;
      const place = this.place(id);
      this.ids[place] = id;
      this.values[place] = values[at];
    });
  }
}
