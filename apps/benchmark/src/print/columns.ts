/** Which side the cells of a column are pushed to. */
export type Side = 'left' | 'right';

/** Rows of cells as lines of text, every column as wide as its widest cell. */
export function table(rows: readonly (readonly string[])[], sides: readonly Side[]): string[] {
  const widths = sides.map((_, index) => Math.max(...rows.map((row) => (row[index] ?? '').length)));
  const cell = (text: string, index: number): string =>
    sides[index] === 'left' ? text.padEnd(widths[index] ?? 0) : text.padStart(widths[index] ?? 0);
  return rows.map((row) => row.map(cell).join('  ').trimEnd());
}
