import type { Fault, Key } from '@dsm/core';
import { named } from './origins.js';
import type { CausalReplica } from './replica.js';

export const disagreement = 'in the end all members hold the same';

/** Whether members with no more to tell each other have applied the same, and hold the same where both subscribe. */
export function disagreementOf(replicas: readonly CausalReplica[]): Fault | undefined {
  const [first, ...others] = replicas;
  if (first === undefined) return undefined;
  const vectorOf = ({ journal, origins }: CausalReplica) => named(journal.applied, origins, 10);
  for (const other of others) {
    const [here, there] = [vectorOf(first), vectorOf(other)];
    if (here !== there) {
      return { property: disagreement, detail: `one has applied ${here}, another one ${there}` };
    }
  }
  const keys = new Set(replicas.flatMap(({ contents }) => [...contents.keys()]));
  for (const key of keys) {
    const values = new Set(replicas.filter((each) => each.subscribes(key)).map((each) => shown(each, key)));
    if (values.size > 1) {
      return { property: disagreement, detail: `of '${key}' they hold ${[...values].join(' and ')}` };
    }
  }
  return undefined;
}

function shown({ contents }: CausalReplica, key: Key): string {
  const { value } = contents.entry(key);
  return value === null ? 'nothing' : `[${value.join(' ')}]`;
}
