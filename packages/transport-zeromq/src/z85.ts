const digits = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#';

/** Decodes Z85 (ZeroMQ RFC 32): five characters to four bytes. Undefined for anything else. */
export function decodeZ85(text: string): Buffer | undefined {
  if (text.length % 5 !== 0) return undefined;
  const bytes = Buffer.alloc((text.length / 5) * 4);
  for (let group = 0; group < text.length / 5; group += 1) {
    let word = 0;
    for (const character of text.slice(group * 5, group * 5 + 5)) {
      const digit = digits.indexOf(character);
      if (digit < 0) return undefined;
      word = word * 85 + digit;
    }
    if (word > 0xffff_ffff) return undefined;
    bytes.writeUInt32BE(word, group * 4);
  }
  return bytes;
}
