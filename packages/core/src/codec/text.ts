/** Whether every surrogate of the text has its partner, so that UTF-8 can express it. */
export function isWellFormed(text: string): boolean {
  // Of ES2024: every engine supported here has it, the library the compiler is told of has not.
  return (text as string & { isWellFormed(): boolean }).isWellFormed();
}

/** The number of bytes that well formed text takes in UTF-8. */
export function utf8Length(text: string): number {
  let length = text.length;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    // A surrogate pair takes four bytes: two for each half.
    if (code > 0x7f) length += code > 0x7ff && (code & 0xf800) !== 0xd800 ? 2 : 1;
  }
  return length;
}
