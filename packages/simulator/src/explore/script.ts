import type { Key } from '@dsm/core';

/** One operation of a script. */
export interface ScriptOperation {
  readonly does: 'read' | 'write' | 'swap' | 'delete';
  readonly key: Key;
}

/** By member, by client at that member: what the client does, one operation after the other. */
export type Script = readonly (readonly (readonly ScriptOperation[])[])[];

/** A script that cannot be read, or that cannot be run in the world it was given. */
export class ScriptError extends Error {
  override readonly name = 'ScriptError';
}

const letters = { r: 'read', w: 'write', c: 'swap', d: 'delete' } as const;
const token = /^(?<letter>[rwcd])(?<key>[a-z])?$/;
const keyUsual = 'x';

/** Every way to give so many members, with a client each, so many operations on one key; `deeds` are the letters. */
export function scriptsOf(members: number, operations: number, deeds: readonly string[]): readonly string[] {
  let parts: readonly string[][] = [Array.from({ length: members }, () => '')];
  for (let left = operations; left > 0; left -= 1) {
    const longer = parts.flatMap((before) =>
      before.flatMap((_, at) => deeds.map((does) => before.with(at, `${before[at]} ${does}`))),
    );
    // The same script is come to in several ways.
    parts = [...new Map(longer.map((one) => [one.join('|'), one])).values()];
  }
  return parts.map((one) => one.join(' | '));
}

/**
 * Reads a script: `w | r r`. `|` separates members, `&` several clients at one member, blanks the operations of one
 * client: `r` reads, `w` writes, `c` compares and swaps, `d` deletes; a letter behind it names the key, `x` where there
 * is none. A member whose part is empty has no client. Throws `ScriptError` for anything else.
 */
export function parseScript(text: string): Script {
  const script = text.split('|').map((part) => (part.trim() === '' ? [] : part.split('&').map(parseClient)));
  if (script.every((clients) => clients.length === 0)) throw new ScriptError('the script has no operation');
  return script;
}

function parseClient(part: string): ScriptOperation[] {
  const texts = part.trim();
  if (texts === '') throw new ScriptError("a client beside '&' does nothing");
  return texts.split(/\s+/).map((text) => {
    const { letter, key } = token.exec(text)?.groups ?? {};
    if (letter === undefined)
      throw new ScriptError(`'${text}' is no operation: r, w, c or d, then a letter for the key`);
    return { does: letters[letter as keyof typeof letters], key: key ?? keyUsual };
  });
}
