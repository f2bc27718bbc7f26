const wordBits = 16;
const fullWord = 0xffff;
const textMax = 4096;

/**
 * A set of small integers whose members come roughly in order: all up to some place, few beyond. Its text says what
 * it contains, exactly, in a length that depends on the ragged part alone.
 */
export class Ticks {
  private readonly words: Uint16Array;
  /** All words before this one are full. */
  private front = 0;
  /** All words from this one on are empty. */
  private back = 0;

  constructor(size: number) {
    this.words = new Uint16Array(Math.ceil(size / wordBits) + 1);
  }

  add(member: number): void {
    const word = Math.floor(member / wordBits);
    this.words[word] = (this.words[word] as number) | (1 << (member % wordBits));
    if (word >= this.back) this.back = word + 1;
    while (this.words[this.front] === fullWord) this.front += 1;
  }

  remove(member: number): void {
    const word = Math.floor(member / wordBits);
    this.words[word] = (this.words[word] as number) & ~(1 << (member % wordBits));
    if (word < this.front) this.front = word;
    while (this.back > 0 && this.words[this.back - 1] === 0) this.back -= 1;
  }

  /** Equal for equal sets alone. Begins with its own length, so that texts may be joined. */
  text(): string {
    const length = Math.max(0, this.back - this.front);
    let text = String.fromCharCode(
      this.front & fullWord,
      this.front >>> wordBits,
      length & fullWord,
      length >>> wordBits,
    );
    for (let from = this.front; from < this.back; from += textMax) {
      text += String.fromCharCode(...this.words.subarray(from, Math.min(this.back, from + textMax)));
    }
    return text;
  }
}
