import { check } from './check.js';
import { explore } from './explore.js';
import { simulate } from './simulate.js';
import type { Surroundings } from './surroundings.js';
import { exits, UsageError } from './usage.js';

const usage = `Usage: dsm <command>

  simulate PROTOCOL [--seed N | --seeds N] [--first N] [--members N] [--faults KINDS] [--threads N] [--trace]
      Run it under a seed and draw what happened, or under many and count. KINDS are all, none, or some of
      drop,duplicate,delay,reorder,cut,pause,crash. PROTOCOL is a name, or the path of a module that exports
      \`subjects\`: a list of { protocol, inspection }.

  explore PROTOCOL --script "w | r r" [--members N] [--drop N] [--duplicate N] [--crash N] [--variant N]
          [--property NAME]… [--keep-late]
      Try every order of the messages. Members are separated by '|', their operations by blanks: r, w, c
      (compare-and-swap), d (delete), with a letter for the key if there are several; '&' separates clients.

  check FILE [--model linearizable|sequential|causal]
      Judge a history: JSON lines of operations, '-' for standard input.

Exit code 0: legal, no violation. 1: not, with what shows it. 2: undecided. 64: wrong usage.
`;

type Command = (args: string[], around: Surroundings) => number | Promise<number>;
const commands: Readonly<Record<string, Command>> = { simulate, explore, check };

/** Does what the arguments say and returns the exit code. Of wrong usage it tells; what else is thrown is a defect. */
export async function dsm([name, ...rest]: readonly string[], around: Surroundings): Promise<number> {
  if (name === '--help' || name === '-h') {
    around.output.write(usage);
    return exits.legal;
  }
  try {
    const command = name === undefined ? undefined : commands[name];
    if (command !== undefined) return await command(rest, around);
    throw new UsageError(name === undefined ? 'a command is missing' : `there is no command '${name}'`);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    around.complaints.write(`dsm: ${error.message}\n\n${usage}`);
    return exits.usage;
  }
}
