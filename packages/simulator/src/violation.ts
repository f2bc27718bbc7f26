/** A run broke a property. */
export class Violation extends Error {
  readonly property: string;

  constructor(property: string, detail: string) {
    super(`${property}: ${detail}`);
    this.property = property;
  }
}

/** What is checked of every protocol, beside its consistency and its own invariants. */
export const properties = {
  ends: 'every operation ends',
  once: 'an operation ends once',
  kind: 'an operation ends with a result of its kind',
  repeats: 'a seed means one run',
  throws: 'a handler never throws',
  rests: 'the group comes to rest',
  forgotten: 'a member that lost its memory is refused',
} as const;
