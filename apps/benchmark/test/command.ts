import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The program as it was built: members are processes of their own, so these tests do not run sources. */
export const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));

interface Ended {
  readonly status: number | null;
  readonly printed: string;
  readonly complained: string;
}

/** The benchmark's command, in a directory of its own. */
export class Command {
  readonly directory: string;

  constructor() {
    if (!existsSync(main)) throw new Error('Build first: npm run build.');
    this.directory = mkdtempSync(join(tmpdir(), 'dsm-benchmark-'));
  }

  start(...programArguments: string[]): ChildProcess {
    return spawn(process.execPath, [main, ...programArguments], {
      env: { ...process.env, INIT_CWD: this.directory },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  async run(...programArguments: string[]): Promise<Ended> {
    const child = this.start(...programArguments);
    let [printed, complained] = ['', ''];
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      complained += text;
    });
    const [status] = (await once(child, 'close')) as [number | null];
    return { status, printed, complained };
  }

  /** A run that is over soon. */
  tiny(...programArguments: string[]): Promise<Ended> {
    const small = '--seconds 0.3 --warm-up 0.1 --keys 50 --value-bytes 100 --clients 6'.split(' ');
    return this.run(...small, ...programArguments);
  }

  remove(): void {
    rmSync(this.directory, { recursive: true });
  }
}
