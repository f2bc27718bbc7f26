#!/usr/bin/env node
import { check } from './check.js';
import { exits, UsageError } from './usage.js';

const usage = `Usage: dsm <command>

  check FILE [--model linearizable]
      Judge a history: JSON lines of operations, '-' for standard input. Exit code 0 legal, 1 illegal, 2 undecided.

Exit code 64 means wrong usage.
`;

async function run([command, ...rest]: string[]): Promise<number> {
  if (command === '--help' || command === '-h') {
    process.stdout.write(usage);
    return exits.legal;
  }
  if (command === 'check') return check(rest, process.stdout);
  throw new UsageError(command === undefined ? 'a command is missing' : `there is no command '${command}'`);
}

try {
  process.exitCode = await run(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`dsm: ${error.message}\n\n${usage}`);
  process.exitCode = exits.usage;
}
