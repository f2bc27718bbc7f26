import { parseArgs } from 'node:util';
import { layerNames } from './layers.mjs';

/** The command line was not understood. */
export class UsageError extends Error {}

export const usage = `npm run mutants -- [--only TEXT] [--layer NAME] [--quick] [--list] [--json FILE] [--page]

Breaks the code on purpose, one mutant after the other, in a copy of the repository, and asks the suite for it.
A mutant is killed when every layer meant for it fails and names the property that it breaks.

  --only TEXT   mutants whose name, or what they are of, contains the text
  --layer NAME  only this layer of each: ${layerNames.join(', ')}
  --quick       the 20 quick ones
  --list        lists them and runs nothing
  --json FILE   writes the results to a file as well
  --page        writes docs/mutants.md and runs nothing

exit code: 0 all killed, 1 some survived, 2 the unmutated code fails or a patch does not fit, 64 usage
`;

const kinds = {
  only: { type: 'string' },
  layer: { type: 'string' },
  quick: { type: 'boolean', default: false },
  list: { type: 'boolean', default: false },
  json: { type: 'string' },
  page: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
};

/** The options of a command line. Throws `UsageError`. */
export function optionsOf(args) {
  let values;
  try {
    ({ values } = parseArgs({ args, options: kinds }));
  } catch (error) {
    throw new UsageError(error.message);
  }
  if (values.layer !== undefined && !layerNames.includes(values.layer)) {
    throw new UsageError(`there is no layer '${values.layer}', only ${layerNames.join(', ')}`);
  }
  return values;
}

/** The mutants that the options choose, with the layers that they choose. Throws `UsageError` where there are none. */
export function chosen(mutants, { only, layer, quick }) {
  const named = mutants
    .filter(({ name, of }) => only === undefined || name.includes(only) || of.includes(only))
    .filter((mutant) => !quick || mutant.quick === true)
    .map((mutant) => ({
      ...mutant,
      layers: mutant.layers.filter((each) => layer === undefined || each.layer === layer),
    }))
    .filter(({ layers }) => layers.length > 0);
  if (named.length === 0) throw new UsageError('no mutant is like that');
  return named;
}
