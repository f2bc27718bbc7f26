const smallestCapacity = 1 << 12;

/**
 * Numbers for sequences of whole numbers, exact and compact: a tree whose nodes are the beginnings of all sequences.
 * Open addressing in flat arrays, since a `Set` ends at 16.7 million entries and strings take ten times the memory.
 */
export class Trie {
  static readonly root = 0;

  /** How many nodes there are, without the root; a node's number when it is new. */
  size = 0;
  private parents = new Int32Array(smallestCapacity);
  private elements = new Int32Array(smallestCapacity);
  /** 0 where a place is free. */
  private nodes = new Int32Array(smallestCapacity);
  private mask = smallestCapacity - 1;

  /** The node of a sequence with one more element. */
  child(parent: number, element: number): number {
    let at = this.home(parent, element);
    for (let node = this.nodes[at] as number; node !== 0; node = this.nodes[at] as number) {
      if (this.parents[at] === parent && this.elements[at] === element) return node;
      at = (at + 1) & this.mask;
    }
    this.size += 1;
    this.put(at, parent, element, this.size);
    if (this.size * 2 > this.mask) this.grow();
    return this.size;
  }

  /** The node of a whole sequence, behind another one. */
  of(sequence: readonly number[], behind = Trie.root): number {
    let node = behind;
    for (const element of sequence) node = this.child(node, element);
    return node;
  }

  private home(parent: number, element: number): number {
    const mixed = Math.imul(Math.imul(parent, 0x9e3779b1) ^ element, 0x85ebca6b);
    return (mixed ^ (mixed >>> 15)) & this.mask;
  }

  private put(at: number, parent: number, element: number, node: number): void {
    this.parents[at] = parent;
    this.elements[at] = element;
    this.nodes[at] = node;
  }

  private grow(): void {
    const { parents, elements, nodes } = this;
    const capacity = nodes.length * 2;
    this.parents = new Int32Array(capacity);
    this.elements = new Int32Array(capacity);
    this.nodes = new Int32Array(capacity);
    this.mask = capacity - 1;
    for (let old = 0; old < nodes.length; old += 1) {
      const node = nodes[old] as number;
      if (node === 0) continue;
      const parent = parents[old] as number;
      const element = elements[old] as number;
      let at = this.home(parent, element);
      while (this.nodes[at] !== 0) at = (at + 1) & this.mask;
      this.put(at, parent, element, node);
    }
  }
}
