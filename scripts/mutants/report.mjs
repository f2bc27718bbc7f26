/** Whether every layer of a mutant killed it. */
export function isKilled(results) {
  return results.length > 0 && results.every(({ verdict }) => verdict === 'killed');
}

/** What a row of the table says beside the verdict. */
export function reasonOf(verdict, { proof, command }) {
  if (verdict === 'killed') return proof;
  if (verdict === 'survived') return `passes: ${command}`;
  if (verdict === 'timed out') return `${proof}: ${command}`;
  return `fails, but of '${proof}': ${command}`;
}

/** Rows of texts, each column as wide as its widest. */
export function columnsOf(rows) {
  const widths = rows.reduce(
    (widest, row) => row.map((cell, at) => Math.max(cell.length, widest[at] ?? 0)),
    [],
  );
  return rows
    .map((row) =>
      row
        .map((cell, at) => cell.padEnd(widths[at]))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
