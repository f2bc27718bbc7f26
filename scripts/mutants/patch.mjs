import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The text of the mutated file below a folder: `from` replaced by `to`, and so for each of `also`, which are in the same
 * file. Throws where a text to replace does not occur exactly once.
 */
export function patched({ name, file, from, to, also = [] }, folder) {
  const text = readFileSync(join(folder, file), 'utf8');
  return [{ from, to }, ...also].reduce(
    (before, change) => replaced(before, change, `mutant '${name}'`, file),
    text,
  );
}

function replaced(text, { from, to }, who, file) {
  const occurrences = text.split(from).length - 1;
  if (occurrences !== 1) throw new Error(`${who}: its text occurs ${occurrences} times in ${file}, not once`);
  if (from === to) throw new Error(`${who} changes nothing`);
  return text.replace(from, () => to); // Not as a text, in which `$` would mean something.
}

/** The package of a file, as a path below the root. */
export function packageOf(file) {
  return file.split('/').slice(0, 2).join('/');
}
