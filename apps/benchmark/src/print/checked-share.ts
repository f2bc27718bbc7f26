import type { Run } from '../run.js';

type Checked = Pick<Run, 'checkedOperations' | 'checkedOf'>;

/** How many operations were checked, in words; of several rounds, of the one of which least was. */
export function checkedShareOf({ checkedOperations, checkedOf }: Checked, rounds: number): string {
  const several = rounds > 1;
  if (checkedOperations === checkedOf) return `all of them checked${several ? ' in every round' : ''}`;
  const checked = checkedOperations.toLocaleString('en');
  if (!several) return `${checked} of them checked`;
  return `${checked} of ${checkedOf.toLocaleString('en')} checked in the round of which least was`;
}
