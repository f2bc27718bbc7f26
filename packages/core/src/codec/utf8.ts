const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Writes text as UTF-8 and returns where it ends. There must be room for three bytes a character. */
export function utf8Write(bytes: Uint8Array, at: number, text: string): number {
  const length = text.length;
  for (let index = 0; index < length; index++) {
    const code = text.charCodeAt(index);
    if (code > 0x7f) {
      return at + index + encoder.encodeInto(text.slice(index), bytes.subarray(at + index)).written;
    }
    bytes[at + index] = code;
  }
  return at + length;
}

/**
 * Texts read lately, by a hash of their bytes: keys repeat, and a string that was seen before has its hash at hand.
 * Each has two places, so that it takes three at once to drive one out.
 */
const recent: (string | undefined)[] = new Array(32_768).fill(undefined);
const recentLengthMax = 64;

/** Reads UTF-8 text; throws a TypeError where it is not well formed. */
export function utf8Read(bytes: Uint8Array, start: number, end: number): string {
  if (end - start > recentLengthMax) return decoder.decode(bytes.subarray(start, end));
  let hash = end - start;
  for (let index = start; index < end; index++) {
    const code = bytes[index] ?? 0;
    if (code > 0x7f) return decoder.decode(bytes.subarray(start, end));
    hash = (Math.imul(hash, 31) + code) | 0;
  }
  const slot = (hash ^ (hash >>> 15)) & (recent.length - 1);
  const known = recent[slot];
  if (known !== undefined && spells(known, bytes, start, end)) return known;
  const other = recent[slot ^ 1];
  if (other !== undefined && spells(other, bytes, start, end)) return other;

  const text = decoder.decode(bytes.subarray(start, end));
  if (known !== undefined) recent[slot ^ 1] = known;
  recent[slot] = text;
  return text;
}

function spells(text: string, bytes: Uint8Array, start: number, end: number): boolean {
  if (text.length !== end - start) return false;
  for (let index = 0; index < text.length; index++) {
    if (text.charCodeAt(index) !== bytes[start + index]) return false;
  }
  return true;
}
