import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import {
  type Counterexample,
  checkCausal,
  checkLinearizable,
  checkSequential,
  type History,
  HistoryError,
  readHistory,
  renderHistory,
  type Verdict,
} from '@dsm/checker';
import type { Surroundings } from './surroundings.js';
import { exits, UsageError } from './usage.js';

/** What every checker of histories tells. */
interface Report {
  readonly model: string;
  readonly verdict: Verdict;
  readonly checkedOperations: number;
  readonly keys: number;
  readonly reason?: string;
  readonly counterexample?: Counterexample;
}

const checkers = new Map<string, (history: History) => Report>([
  ['linearizable', checkLinearizable],
  ['sequential', checkSequential],
  ['causal', checkCausal],
]);

/** Judges the history in a file and prints the verdict, with a counter-example where there is one. */
export async function check(args: readonly string[], around: Surroundings): Promise<number> {
  const { output } = around;
  const { file, judge } = request(args);
  const { model, verdict, checkedOperations, keys, reason, counterexample } = judge(
    await historyIn(file, around),
  );
  output.write(`${verdict}: ${model}, ${checkedOperations} operations on ${keys} keys were checked\n`);
  if (reason !== undefined) output.write(`${reason}\n`);
  if (counterexample !== undefined) output.write(`\n${renderHistory(counterexample.operations)}\n`);
  if (verdict === 'legal') return exits.legal;
  return verdict === 'illegal' ? exits.illegal : exits.undecided;
}

function request(args: readonly string[]): { file: string; judge: (history: History) => Report } {
  const { positionals, values } = parsed(args);
  const [file, ...more] = positionals;
  if (file === undefined || more.length > 0) throw new UsageError('check takes one file');
  const judge = checkers.get(values.model);
  if (judge === undefined) throw new UsageError(`there is no checker for the model '${values.model}'`);
  return { file, judge };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { model: { type: 'string', default: 'linearizable' } },
    });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

async function historyIn(file: string, around: Surroundings): Promise<History> {
  try {
    return await readHistory(
      file === '-' ? around.input : createReadStream(resolve(around.folder, file), 'utf8'),
    );
  } catch (error) {
    if (error instanceof HistoryError) throw new UsageError(`${file} is not a history: ${error.message}`);
    if ((error as NodeJS.ErrnoException).code !== undefined) {
      throw new UsageError(`${file} cannot be read: ${(error as Error).message}`);
    }
    throw error;
  }
}
