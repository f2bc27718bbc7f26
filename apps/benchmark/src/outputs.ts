import { closeSync, lstatSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { messageOf } from './message-of.js';
import { WrongUsage } from './options.js';

/** A file that an option asks for, and what is to be in it. */
export interface Output {
  readonly option: string;
  /** `undefined`: nobody asked. */
  readonly file: string | undefined;
  readonly content: () => string;
}

type Asked = Pick<Output, 'option' | 'file'>;

/** Throws `WrongUsage` for what cannot be written: it is better to know before anything is measured. */
export function assertWritable(outputs: readonly Asked[]): void {
  for (const { option, file } of outputs) {
    if (file === undefined) continue;
    try {
      tryOut(file);
    } catch (error) {
      throw new WrongUsage(complaint(option, error));
    }
  }
}

/** Opens a file to write to it, and leaves everything as it was: what is in it may be all that there will be. */
function tryOut(file: string): void {
  const there = lstatSync(file, { throwIfNoEntry: false });
  // Opening a pipe waits for its reader.
  if (there?.isFIFO()) return;
  closeSync(openSync(file, 'a'));
  if (there === undefined) rmSync(file);
}

/** Writes each file, whatever becomes of the others, and says in words what went wrong. */
export function writeAll(outputs: readonly Output[]): string[] {
  return outputs.flatMap(({ option, file, content }) => {
    if (file === undefined) return [];
    try {
      writeFileSync(file, content());
      return [];
    } catch (error) {
      return [complaint(option, error)];
    }
  });
}

function complaint(option: string, error: unknown): string {
  return `${option} could not be written: ${messageOf(error)}`;
}
