/** First in, first out; taking costs the same however long it is. */
export class Queue<T> {
  private items: T[] = [];
  private next = 0;

  add(item: T): void {
    this.items.push(item);
  }

  take(): T | undefined {
    const item = this.items[this.next];
    if (item === undefined) return undefined;
    this.next += 1;
    // What was taken is let go when it is the larger half.
    if (this.next * 2 > this.items.length) {
      this.items = this.items.slice(this.next);
      this.next = 0;
    }
    return item;
  }
}
