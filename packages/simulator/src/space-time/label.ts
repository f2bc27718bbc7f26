/**
 * What would not show, or would change how the rest of a line shows: marks on what stands before the text, too.
 * And what XML 1.0 cannot hold.
 */
const hidden = /^\p{M}|[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\uFFFE\uFFFF]|(?! )\p{Zs}/gu;
const shortEscapes: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

const mark = /^\p{M}$/u;
/** Two columns wide in a terminal: emoji, Hangul, kana, ideographs, full-width forms. */
const wide = new RegExp(
  '^[\\p{Emoji_Presentation}\\u1100-\\u115F\\u2E80-\\u303E\\u3041-\\uA4CF\\uAC00-\\uD7A3\\uF900-\\uFAFF' +
    '\\uFE30-\\uFE6F\\uFF01-\\uFF60\\uFFE0-\\uFFE6\\u{20000}-\\u{3FFFD}]$',
  'u',
);

/** The text on one line: control and other invisible characters as `\n` or `\u{1b}`. A backslash stays as it is. */
export function legible(text: string): string {
  return text.replace(
    hidden,
    (character) => shortEscapes[character] ?? `\\u{${character.codePointAt(0)?.toString(16)}}`,
  );
}

/**
 * The columns that a text takes where all characters have a fixed width, one entry each: a character with its marks,
 * or '' for the second half of a wide one.
 */
export function columnsOf(text: string): string[] {
  const columns: string[] = [];
  let base = -1;
  for (const character of text) {
    if (mark.test(character) && base >= 0) {
      columns[base] += character;
      continue;
    }
    base = columns.push(character) - 1;
    if (wide.test(character)) columns.push('');
  }
  return columns;
}

/** At most so many columns; what had to be cut ends in `…`. */
export function cut(columns: readonly string[], most: number): string[] {
  if (columns.length <= most) return [...columns];
  if (most <= 0) return [];
  const kept = columns.slice(0, most - 1);
  // The first half of a wide character alone would push the rest of the line to the right.
  if (columns[most - 1] === '') kept[most - 2] = ' ';
  return [...kept, '…'];
}
