/** What was typed, so that it can be typed again: the benchmark with these arguments. */
export function shellCommandOf(programArguments: readonly string[]): string {
  const words = programArguments.map((word) =>
    /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`,
  );
  return ['npm run bench', ...(words.length > 0 ? ['--', ...words] : [])].join(' ');
}
