import { observedValue } from './reduction.js';
import { attempt, type Register, writes } from './register.js';
import { absent } from './value.js';

/** Operations of a register that cannot be explained together, and why. */
export interface Conflict {
  readonly reason: string;
  readonly places: readonly number[];
}

/** An operation that saw what nobody wrote, or what was written only afterwards; undefined when there is none. */
export function findUnreadable(register: Register): Conflict | undefined {
  const { size, kind, start, end } = register;
  const writers = firstWriters(register);
  for (let at = 0; at < size; at += 1) {
    const seen = kind[at] === attempt ? absent : observedValue(register, at);
    if (seen <= absent) continue;
    const writer = writers[seen] as number;
    if (writer < 0) return { reason: 'a value was seen that was never written', places: [at] };
    if ((end[at] as number) < (start[writer] as number)) {
      return { reason: 'a value was seen before its write started', places: [writer, at] };
    }
  }
  return undefined;
}

/** The write of each value that starts first, or -1. */
function firstWriters({ size, kind, value, values, start }: Register): Int32Array {
  const writers = new Int32Array(values).fill(-1);
  for (let at = 0; at < size; at += 1) {
    if (!writes(kind[at] as number)) continue;
    const known = writers[value[at] as number] as number;
    if (known < 0 || (start[at] as number) < (start[known] as number)) writers[value[at] as number] = at;
  }
  return writers;
}
