/** Longer texts are not sent whole where two are only compared: a text in a message has at most 65,535 bytes. */
const charactersMax = 8_192;
const beginningMax = 1_024;

/**
 * A text of bounded length for one of any length: the same for equal texts, and different for others, whose beginning,
 * length or hash of 64 bits differs.
 */
export function abridged(text: string): string {
  if (text.length <= charactersMax) return text;
  // Not with half of a pair at its end.
  const beginning = text.slice(0, beginningMax).replace(/[\ud800-\udbff]$/, '');
  return `${beginning}… (${text.length} characters, ${hash(text, 0x811c9dc5)}${hash(text, 0x9e3779b9)})`;
}

/** FNV-1a over UTF-16 units. */
function hash(text: string, start: number): string {
  let mixed = start;
  for (let at = 0; at < text.length; at += 1) mixed = Math.imul(mixed ^ text.charCodeAt(at), 0x01000193);
  return (mixed >>> 0).toString(16).padStart(8, '0');
}
