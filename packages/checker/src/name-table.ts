/** The different names in a history, of clients or of keys, numbered from 0 in the order they were met. */
export class NameTable<Name> {
  readonly names: Name[] = [];
  private readonly numbers = new Map<Name, number>();

  numberOf(name: Name): number {
    const known = this.numbers.get(name);
    if (known !== undefined) return known;
    const number = this.names.push(name) - 1;
    this.numbers.set(name, number);
    return number;
  }
}
