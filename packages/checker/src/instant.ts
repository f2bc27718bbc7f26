/**
 * A moment: nanoseconds since any fixed beginning, or a count of events. A safe integer or a bigint; numbers that
 * have lost digits are refused. Only the order of moments matters to a checker.
 */
export type Instant = bigint | number;

/** An instant as `high * 10^9 + low`, exact in two columns of numbers. */
export interface SplitInstant {
  readonly high: number;
  /** Of the sign of the instant, and less than 10^9 away from 0. */
  readonly low: number;
}

const billion = 1_000_000_000;
const limit = 10n ** 24n;
const decimal = /^-?\d{1,24}$/;

export function isInstant(raw: unknown): raw is Instant {
  return typeof raw === 'bigint' ? raw > -limit && raw < limit : Number.isSafeInteger(raw);
}

/** The instant that a JSON number or a decimal string stands for, or undefined. Never rounds. */
export function parseInstant(raw: unknown): Instant | undefined {
  if (typeof raw === 'number') return Number.isSafeInteger(raw) ? raw : undefined;
  if (typeof raw !== 'string' || !decimal.test(raw)) return undefined;
  const rounded = Number(raw);
  return Number.isSafeInteger(rounded) ? rounded : BigInt(raw);
}

/** The JSON of an instant: a number, or a decimal string beyond 2^53. */
export function instantText(instant: Instant): string {
  return Number.isSafeInteger(Number(instant)) ? String(instant) : `"${instant}"`;
}

export function splitInstant(instant: Instant): SplitInstant {
  if (typeof instant === 'number') return { high: Math.trunc(instant / billion), low: instant % billion };
  return { high: Number(instant / BigInt(billion)), low: Number(instant % BigInt(billion)) };
}

export function joinInstant(high: number, low: number): Instant {
  const rounded = high * billion + low;
  return Number.isSafeInteger(rounded) ? rounded : BigInt(high) * BigInt(billion) + BigInt(low);
}

const timeMembers = new Set(['start_ns', 'end_ns']);
const tokens = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\]]|-?\d[\d.eE+-]*/g;

/**
 * The times of a line as they are written. `JSON.parse` rounds the digits of a number beyond 2^53; this reads the
 * members of the outermost object again, without going through a double.
 */
export function writtenTimes(line: string): Map<string, string> {
  const times = new Map<string, string>();
  let depth = 0;
  let member = '';
  for (const [token] of line.matchAll(tokens)) {
    if (token === '{' || token === '[') depth += 1;
    else if (token === '}' || token === ']') depth -= 1;
    else if (depth === 1 && token.startsWith('"')) member = JSON.parse(token) as string;
    else if (depth === 1 && timeMembers.has(member)) times.set(member, token);
  }
  return times;
}
