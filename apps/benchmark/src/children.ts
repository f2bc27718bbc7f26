import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The processes that this one has started and that still run. */
export class Children {
  private readonly running = new Set<ChildProcess>();

  /** Starts a program of this package; both sides may send what structured cloning can carry. */
  start(program: URL, programArguments: readonly string[] = []): ChildProcess {
    const child = fork(fileURLToPath(program), programArguments, {
      serialization: 'advanced',
      stdio: ['ignore', 2, 2, 'ipc'],
    });
    this.running.add(child);
    child.once('exit', () => this.running.delete(child));
    return child;
  }

  /** Ends those that still run, and no others. */
  async stop(): Promise<void> {
    const ends = [...this.running].map((child) => new Promise((resolve) => child.once('exit', resolve)));
    this.kill();
    await Promise.all(ends);
  }

  /** The same without waiting, for when this process is about to exit. */
  kill(): void {
    for (const child of this.running) child.kill('SIGKILL');
  }
}
