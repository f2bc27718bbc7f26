import { drawText, explore as exploreAll, memberNames, parseScript, ScriptError } from '@dsm/simulator';
import { argumentsOf, whole } from './arguments.js';
import { subjectsOf } from './subjects.js';
import type { Surroundings } from './surroundings.js';
import { exits, UsageError } from './usage.js';

const options = {
  script: { type: 'string' },
  members: { type: 'string' },
  drop: { type: 'string' },
  duplicate: { type: 'string' },
  crash: { type: 'string' },
  variant: { type: 'string' },
  property: { type: 'string', multiple: true },
  'keep-late': { type: 'boolean' },
} as const;

/** Tries every order of the messages of a script, and draws the shortest way to a violation. */
export async function explore(args: readonly string[], { folder, output }: Surroundings): Promise<number> {
  const { values, subject: name } = argumentsOf(args, options);
  const subjects = await subjectsOf(name, folder);
  if (values.script === undefined) throw new UsageError('explore needs --script, such as --script "w | r r"');
  const variant = whole('variant', values.variant, [1, subjects.length], 1);
  const subject = subjects[variant - 1] as (typeof subjects)[number];
  const members = whole('members', values.members, [1, 31], 3);
  const began = performance.now();
  const { states, complete, violation } = explored(() =>
    exploreAll(subject, {
      script: parseScript(values.script as string),
      members,
      // As in all other worlds: options of a subject may name them.
      names: memberNames(members),
      drops: whole('drop', values.drop, [0, 9], 0),
      duplicates: whole('duplicate', values.duplicate, [0, 9], 0),
      crashes: whole('crash', values.crash, [0, 9], 0),
      properties: values.property,
      keepLate: values['keep-late'],
    }),
  );
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  if (violation !== undefined) {
    output.write(`violation: ${violation.property}\n${violation.detail}\n\n`);
    output.write(
      `The shortest way there, found after ${states} states in ${seconds} s:\n\n${drawText(violation.story)}`,
    );
    return exits.illegal;
  }
  const text = complete ? 'all of them, and every property holds' : 'and gave up: there are more';
  output.write(`${name}: ${values.script}: ${states} states in ${seconds} s, ${text}\n`);
  return complete ? exits.legal : exits.undecided;
}

function explored<T>(act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (error instanceof ScriptError) throw new UsageError(error.message);
    throw error;
  }
}
