import { ABSENT, decodeValue, type Value } from '@dsm/core';

/** Fields that say which message it is, in the order of preference. */
const kinds = ['type', 'kind'];
const scalarsMax = 4;
const wholeMax = 9_999;
const textMax = 12;

/**
 * A message in a few words, for diagrams and schedules: its type or kind, then its small whole numbers and short texts
 * in the order of its fields, then the names of the flags that are set, then its values as short texts. Whatever is
 * long or nested is left out. `store 2 x 32 'a'`.
 */
export function labelOf(message: unknown): string {
  if (typeof message !== 'object' || message === null) return String(message).slice(0, textMax);
  const fields = Object.entries(message);
  const kind = kinds.find((name) => fields.some(([field]) => field === name));
  const scalars: string[] = [];
  const flags: string[] = [];
  const values: string[] = [];
  for (const [field, content] of fields) {
    if (field === kind) continue;
    if (content === true) flags.push(field);
    else if (content instanceof Uint8Array) values.push(valueLabel(content));
    else if (isSmall(content)) scalars.push(String(content));
  }
  const first = kind === undefined ? [] : [String((message as Record<string, unknown>)[kind])];
  return [...first, ...scalars.slice(0, scalarsMax), ...flags, ...values].join(' ') || 'message';
}

/** A value in a few characters: its text where it is one and short, otherwise its length. */
export function valueLabel(value: Value): string {
  if (value === ABSENT) return 'absent';
  const text = valueText(value);
  return text !== undefined && /^[ -~]{0,8}$/.test(text) ? `'${text}'` : `${value.length} bytes`;
}

/** The text that a value is; undefined for values of other kinds, and for bytes that are no encoded value. */
export function valueText(value: Uint8Array): string | undefined {
  try {
    const decoded = decodeValue(value);
    return typeof decoded === 'string' ? decoded : undefined;
  } catch {
    return undefined;
  }
}

function isSmall(content: unknown): boolean {
  if (typeof content === 'number') return Number.isInteger(content) && Math.abs(content) <= wholeMax;
  return typeof content === 'string' && content.length > 0 && content.length <= textMax;
}
