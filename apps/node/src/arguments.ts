import { type ParseArgsConfig, parseArgs } from 'node:util';
import { UsageError } from './usage.js';

type Options = NonNullable<ParseArgsConfig['options']>;

export type Values<T extends Options> = ReturnType<
  typeof parseArgs<{ options: T; allowPositionals: true; args: string[] }>
>['values'];

/** Options and the one thing that stands without a dash. Throws `UsageError`. */
export function argumentsOf<T extends Options>(
  args: readonly string[],
  options: T,
): { values: Values<T>; subject: string | undefined } {
  try {
    const { values, positionals } = parseArgs({ args: [...args], allowPositionals: true, options });
    const [subject, ...more] = positionals;
    if (more.length > 0) throw new Error(`'${more.join(' ')}' is too much`);
    return { values, subject };
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

/** A whole number between bounds, or what stands for none. */
export function whole<T>(
  name: string,
  text: string | undefined,
  bounds: readonly [number, number],
  none: T,
): number | T {
  if (text === undefined) return none;
  const number = Number(text);
  const [least, most] = bounds;
  if (/^\d+$/.test(text) && number >= least && number <= most) return number;
  throw new UsageError(`--${name} is a whole number from ${least} to ${most}, not '${text}'`);
}
