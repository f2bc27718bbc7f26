/** A line on the terminal that says what is being done; nothing at all where there is no terminal. */
export class Progress {
  private readonly stream: NodeJS.WriteStream | undefined;

  constructor(stream: NodeJS.WriteStream = process.stderr) {
    this.stream = stream.isTTY ? stream : undefined;
  }

  show(text: string, share?: number): void {
    if (this.stream === undefined) return;
    const percent = share === undefined ? '' : ` ${Math.round(share * 100)} %`;
    this.stream.write(`\r\x1b[K${`${text}${percent}`.slice(0, (this.stream.columns || 80) - 1)}`);
  }

  clear(): void {
    this.stream?.write('\r\x1b[K');
  }
}
