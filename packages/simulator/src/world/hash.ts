/** A hash of everything that happens in a run, in order: two runs of one seed must agree, wherever they run. */
export class TraceHash {
  private high = 0x811c9dc5 | 0;
  private low = 0x01000193 | 0;

  number(value: number): void {
    this.mix(value | 0);
    if (value > 0x7fffffff) this.mix(Math.floor(value / 2 ** 32) | 0);
  }

  bytes(bytes: Uint8Array): void {
    let { high } = this;
    for (let index = 0; index < bytes.length; index += 1) {
      high = Math.imul(high ^ (bytes[index] as number), 0x01000193);
    }
    this.high = high;
    this.mix(bytes.length);
  }

  text(text: string): void {
    for (let index = 0; index < text.length; index += 1) this.mix(text.charCodeAt(index));
  }

  /** 64 bits, as 16 digits. */
  get digest(): string {
    return hex(this.high) + hex(this.low);
  }

  private mix(value: number): void {
    this.high = Math.imul(this.high ^ value, 0x01000193);
    this.low = Math.imul((this.low ^ value) + this.high, 0x85ebca6b);
    this.low ^= this.low >>> 13;
  }
}

function hex(value: number): string {
  return (value >>> 0).toString(16).padStart(8, '0');
}
